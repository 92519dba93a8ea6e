import { beforeEach, describe, expect, it } from 'vitest';
import { type CallPlan, type Greeting, oneAgent } from '../../src/call/plan.js';
import { type CallEnd, CallSession, type SessionSettings } from '../../src/call/session.js';
import { twilioCarrier } from '../../src/carrier/twilio.js';
import { silentLog } from '../../src/log.js';
import { DEFAULTS } from '../../src/options.js';
import { ScriptedModel } from '../helpers/scripted-model.js';
import { VirtualClock } from '../helpers/virtual-clock.js';

const streamSid = `MZ${'0'.repeat(32)}`;
const settings: SessionSettings = {
  markEveryMs: 100,
  settleTimeoutMs: 400,
  heardSlackMs: 3,
  backlogMs: 10_000,
  digitPauseMs: 1_000,
  transcriptWaitMs: 800,
  goodbyeGraceMs: 1_000,
  link: { ...DEFAULTS.model, backlogMs: 10_000 },
};

const NO_GREETING: Greeting = { by: 'none', interruptible: true };

let clock: VirtualClock;
let model: ScriptedModel;
let ends: CallEnd[];
/** What was sent to the carrier: `media 640`, `mark vb:0:1`, `clear`. */
let sent: string[];
let session: CallSession;

/** What the agent of the call is, where a test wants it otherwise. */
type Changes = Partial<SessionSettings> & Partial<Omit<CallPlan, 'models'>>;

function open({ greeting = NO_GREETING, ...changes }: Changes = {}): void {
  session = new CallSession({
    carrier: twilioCarrier,
    planCall: oneAgent(model.open, { greeting }),
    clock,
    random: () => 0.5,
    log: silentLog,
    settings: { ...settings, ...changes },
    send: (text) => {
      const message = JSON.parse(text);
      expect(message.streamSid).toBe(streamSid);
      if (message.event === 'media') sent.push(`media ${Buffer.from(message.media.payload, 'base64').length}`);
      else if (message.event === 'mark') sent.push(`mark ${message.mark.name}`);
      else sent.push(message.event);
    },
    inOneWrite: (work) => work(),
    hangUp: (reason) => ends.push(reason),
  });
}

function start(): void {
  session.onCarrierEvent({ type: 'start', streamSid, callSid: 'CA0', accountSid: 'AC0', parameters: {} });
}

/** Lets promises that are already settled run on. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function talk(changes: Changes = {}): Promise<void> {
  open(changes);
  start();
  await turn();
  model.emit({ type: 'ready' });
  echoMarks();
  sent = [];
}

/** The carrier sends back every mark sent so far. */
function echoMarks(): void {
  for (const line of [...sent])
    if (line.startsWith('mark ')) session.onCarrierEvent({ type: 'mark', name: line.slice(5) });
}

/** What happened since the last time, without the marks of playing audio. */
function carrierSaw(): string[] {
  return sent.filter((line) => !line.startsWith('mark '));
}

beforeEach(() => {
  clock = new VirtualClock();
  model = new ScriptedModel();
  ends = [];
  sent = [];
});

describe('a call', () => {
  it('passes caller audio on as the very text that came, in order, from before the model was ready', async () => {
    open();
    start();
    // Not what an encoder would write: only a pass-through keeps the spare bits and the odd length.
    const payloads = ['AB==', 'fwB/AB', 'QUI=', 'AAEC'];
    for (const payload of payloads.slice(0, 2)) media(payload);
    await turn();
    media(payloads[2]!);
    expect(model.said).toEqual([]);
    model.emit({ type: 'ready' });
    media(payloads[3]!);
    expect(model.said).toEqual(payloads.map((payload) => `audio ${payload}`));
  });

  it('asks for a greeting once the model is ready, after the audio that waited', async () => {
    open({ greeting: { by: 'model', interruptible: true } });
    start();
    media('AAEC');
    await turn();
    model.emit({ type: 'ready' });
    expect(model.said).toEqual(['audio AAEC', 'respond']);
  });

  it('passes the model’s audio on in pieces with marks between them', async () => {
    await talk();
    model.emit({ type: 'response-started', responseId: 'r1' });
    model.audio('r1', 'i1', 250);
    // Pieces of a multiple of three bytes, so that base64 is cut without being decoded; a mark every 100 ms of audio.
    expect(carrierSaw()).toEqual(['media 798', 'media 798', 'media 404']);
    expect(sent.filter((line) => line.startsWith('mark')).length).toBeGreaterThanOrEqual(2);
  });

  it('drops a delta that is not base64', async () => {
    await talk();
    model.emit({ type: 'audio', responseId: 'r', itemId: 'i', contentIndex: 0, payload: 'AAEC"},"x":{"y":"' });
    expect(carrierSaw()).toEqual([]);
  });

  it('ends once, for the first reason', async () => {
    await talk();
    session.onCarrierEvent({ type: 'stop' });
    session.onCarrierClosed();
    session.end('shutdown');
    expect(ends).toEqual(['caller']);
    expect(model.said.at(-1)).toBe('close');
  });

  it('does nothing more for a model that talks on after the end', async () => {
    await talk();
    session.end('caller');
    model.answer('r1', 'i1', 500);
    model.emit({ type: 'closed', reason: 'late', cause: 'refused' });
    expect(sent).toEqual([]);
    expect(ends).toEqual(['caller']);
  });
});

describe('an interruption', () => {
  it('clears in the same tick and truncates when the carrier has answered', async () => {
    await talk();
    model.answer('r1', 'i1', 3000);
    clock.advance(700);
    model.emit({ type: 'speech-started' });
    expect(carrierSaw().at(-1)).toBe('clear');
    expect(sent.at(-1)).toBe('mark vb:1:cleared');
    expect(model.said).toEqual([]);
    session.onCarrierEvent({ type: 'mark', name: 'vb:1:cleared' });
    expect(model.said).toEqual(['truncate i1 0 700']);
  });

  it('truncates from the clock when the carrier does not answer in time', async () => {
    await talk();
    model.answer('r1', 'i1', 3000);
    clock.advance(700);
    model.emit({ type: 'speech-started' });
    clock.advance(399);
    expect(model.said).toEqual([]);
    clock.advance(1);
    expect(model.said).toEqual(['truncate i1 0 700']);
    session.onCarrierEvent({ type: 'mark', name: 'vb:1:cleared' });
    expect(model.said).toEqual(['truncate i1 0 700']);
  });

  it('truncates before the caller has finished, whatever the carrier does', async () => {
    await talk();
    model.answer('r1', 'i1', 3000);
    clock.advance(700);
    model.emit({ type: 'speech-started' });
    clock.advance(100);
    model.emit({ type: 'speech-stopped' });
    expect(model.said).toEqual(['truncate i1 0 700']);
  });

  it('does nothing when everything was heard and nothing is being made', async () => {
    await talk();
    model.answer('r1', 'i1', 200);
    clock.advance(250);
    echoMarks();
    sent = [];
    model.emit({ type: 'speech-started' });
    clock.advance(1000);
    expect(sent).toEqual([]);
    expect(model.said).toEqual([]);
  });

  it('drops the late deltas of the interrupted response until it is done, and after', async () => {
    await talk();
    model.emit({ type: 'response-started', responseId: 'r1' });
    model.audio('r1', 'i1', 1000);
    clock.advance(300);
    model.emit({ type: 'speech-started' });
    sent = [];
    model.audio('r1', 'i1', 500);
    model.emit({ type: 'item-done', responseId: 'r1', itemId: 'i1' });
    model.emit({ type: 'response-done', responseId: 'r1', status: 'cancelled' });
    model.audio('r1', 'i1', 500);
    expect(sent).toEqual([]);
    // The next answer is heard.
    model.emit({ type: 'speech-stopped' });
    model.answer('r2', 'i2', 100);
    expect(carrierSaw()).toEqual(['media 798', 'media 2']);
  });

  it('leaves the cancelling to the model, but cancels itself for a digit', async () => {
    await talk();
    model.emit({ type: 'response-started', responseId: 'r1' });
    model.audio('r1', 'i1', 1000);
    model.emit({ type: 'speech-started' });
    expect(model.said).toEqual([]);
    model.emit({ type: 'speech-stopped' });
    model.emit({ type: 'response-done', responseId: 'r1', status: 'cancelled' });
    model.emit({ type: 'response-started', responseId: 'r2' });
    model.audio('r2', 'i2', 1000);
    session.onCarrierEvent({ type: 'dtmf', digit: '5' });
    expect(model.said.at(-1)).toBe('cancel r2');
  });

  it('truncates an item to nothing when only its dropped deltas ever arrived', async () => {
    await talk();
    model.emit({ type: 'response-started', responseId: 'r1' });
    model.emit({ type: 'speech-started' });
    model.audio('r1', 'i1', 300);
    model.emit({ type: 'response-done', responseId: 'r1', status: 'cancelled' });
    expect(carrierSaw()).toEqual([]);
    expect(model.said).toEqual(['truncate i1 0 0']);
  });

  it('does not truncate twice when speech is reported twice in a row', async () => {
    await talk();
    model.answer('r1', 'i1', 3000);
    clock.advance(700);
    model.emit({ type: 'speech-started' });
    clock.advance(20);
    model.emit({ type: 'speech-started' });
    session.onCarrierEvent({ type: 'mark', name: 'vb:1:cleared' });
    clock.advance(1000);
    // The answer took 20 ms on a line that takes none: the clear acted somewhere between.
    expect(model.said).toEqual(['truncate i1 0 710']);
    expect(carrierSaw().filter((line) => line === 'clear')).toEqual(['clear']);
  });

  it('stops a response to the previous turn that is created while the caller speaks again', async () => {
    await talk();
    model.emit({ type: 'speech-started' });
    model.emit({ type: 'response-started', responseId: 'late' });
    model.audio('late', 'i1', 500);
    expect(model.said).toEqual(['cancel late']);
    expect(carrierSaw()).toEqual([]);
    model.emit({ type: 'response-done', responseId: 'late', status: 'cancelled' });
    expect(model.said.at(-1)).toBe('truncate i1 0 0');
  });

  it('truncates each item of a response for itself', async () => {
    await talk();
    model.emit({ type: 'response-started', responseId: 'r1' });
    for (const itemId of ['i1', 'i2', 'i3']) {
      model.audio('r1', itemId, 1000);
      model.emit({ type: 'item-done', responseId: 'r1', itemId });
    }
    clock.advance(1250);
    model.emit({ type: 'speech-started' });
    session.onCarrierEvent({ type: 'mark', name: 'vb:1:cleared' });
    expect(model.said).toEqual(['truncate i2 0 250', 'truncate i3 0 0']);
  });

  it('takes the marks of another stream for nothing', async () => {
    await talk();
    model.answer('r1', 'i1', 3000);
    clock.advance(700);
    for (const name of ['vb:9:1', 'responsePart', 'vb:7:cleared', '']) session.onCarrierEvent({ type: 'mark', name });
    model.emit({ type: 'speech-started' });
    session.onCarrierEvent({ type: 'mark', name: 'vb:1:cleared' });
    expect(model.said).toEqual(['truncate i1 0 700']);
  });
});

describe('pressed digits', () => {
  it('reach the model as one text once the response they interrupted is done, with one request', async () => {
    await talk();
    model.emit({ type: 'response-started', responseId: 'r1' });
    model.audio('r1', 'i1', 2000);
    clock.advance(500);
    for (const digit of '12') session.onCarrierEvent({ type: 'dtmf', digit });
    session.onCarrierEvent({ type: 'mark', name: 'vb:1:cleared' });
    clock.advance(1000);
    expect(model.said).toEqual(['cancel r1', 'truncate i1 0 500']);
    model.emit({ type: 'response-done', responseId: 'r1', status: 'cancelled' });
    expect(model.said.slice(2)).toEqual(['caller The caller pressed 12 on the keypad.', 'respond']);
  });

  it('wait until the caller has stopped speaking and was answered', async () => {
    await talk();
    model.emit({ type: 'speech-started' });
    session.onCarrierEvent({ type: 'dtmf', digit: '#' });
    expect(model.said).toEqual([]);
    model.emit({ type: 'speech-stopped' });
    expect(model.said).toEqual([]);
    model.answer('r1', 'i1', 500);
    expect(model.said).toEqual(['caller The caller pressed # on the keypad.', 'respond']);
  });

  it('wait no longer when what the caller said was nothing that the model answers', async () => {
    await talk();
    model.emit({ type: 'speech-started' });
    session.onCarrierEvent({ type: 'dtmf', digit: '#' });
    model.emit({ type: 'speech-stopped' });
    clock.advance(1_499);
    expect(model.said).toEqual([]);
    clock.advance(1);
    expect(model.said).toEqual(['caller The caller pressed # on the keypad.', 'respond']);
  });
});

describe('a model that is lost', () => {
  it('in the middle of a call lets the caller hear out what was sent, then tones, then ends the call', async () => {
    await talk();
    model.answer('r1', 'i1', 500);
    clock.advance(100);
    sent = [];
    model.emit({ type: 'closed', reason: 'it closed the connection (1006)', cause: 'refused' });
    expect(sent).toEqual(['media 5280', 'mark vb:sign-off']);
    expect(ends).toEqual([]);
    session.onCarrierEvent({ type: 'mark', name: 'vb:sign-off' });
    expect(ends).toEqual(['model-lost']);
  });

  it('ends the call even when the carrier never answers', async () => {
    await talk();
    model.emit({ type: 'closed', reason: 'reset', cause: 'refused' });
    clock.advance(1659);
    expect(ends).toEqual([]);
    clock.advance(1);
    expect(ends).toEqual(['model-lost']);
  });

  it('before it was ever ready is told to the caller in the same way', async () => {
    open();
    start();
    await turn();
    model.emit({ type: 'closed', reason: 'ECONNREFUSED', cause: 'refused' });
    expect(carrierSaw()).toEqual(['media 5280']);
    clock.advance(5000);
    expect(ends).toEqual(['model-lost']);
  });
});

function media(payload: string): void {
  session.onCarrierEvent({ type: 'media', payload, track: 'inbound', timestampMs: 100 });
}
