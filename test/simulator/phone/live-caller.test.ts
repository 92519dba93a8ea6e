import { afterEach, describe, expect, it } from 'vitest';
import { encodeMulaw, MULAW_SILENCE } from '../../../src/audio/g711.js';
import { tone } from '../../../src/audio/tone.js';
import { dial } from '../../../src/simulator/phone/call.js';
import { type LiveCaller, LiveLine, speechOf } from '../../../src/simulator/phone/live-caller.js';
import { eventsOf } from '../../helpers/phone.js';
import { echoAgent, type StreamServer, serveStreams, speakingAgent } from '../../helpers/stream-server.js';

const START_MS = 1_000;
/** 400 Hz at -20 dBov. */
const beep = (ms: number): Uint8Array => encodeMulaw(tone({ hz: 400, ms, dbov: -20 }));
const counted = (from: number, count: number): Uint8Array =>
  Uint8Array.from({ length: count }, (_, i) => (from + i) % 250);

/** A caller that keeps what it hears and says what it is given. */
function listener(say: (frame: number) => Uint8Array | undefined = () => undefined) {
  const heard: number[] = [];
  const state = { heard, cleared: 0, digits: '', frames: 0 };
  const caller: LiveCaller = {
    name: 'listener',
    frame(frame, spoken) {
      heard.push(...frame);
      const said = say(state.frames++);
      if (said) spoken.set(said);
    },
    cleared() {
      state.cleared++;
    },
    digits() {
      const pressed = state.digits;
      state.digits = '';
      return pressed;
    },
  };
  return { caller, state };
}

function lineOf(caller: LiveCaller) {
  const told: string[] = [];
  const line = new LiveLine({
    caller,
    startMs: START_MS,
    onSpeechStart: (atMs) => told.push(`start ${atMs}`),
    onSpeechEnd: (atMs) => told.push(`end ${atMs}`),
    onDigit: (digit) => told.push(`digit ${digit}`),
  });
  const out = new Uint8Array(160);
  let frame = 0;
  return { line, told, out, render: () => line.render(out, 160 * frame++) };
}

describe('a live line', () => {
  it('hands over what was heard as one stream, each byte at its place, silence between', () => {
    const { caller, state } = listener();
    const { line, render } = lineOf(caller);
    line.hear(counted(1, 100), START_MS + 2.5);
    line.hear(counted(101, 60), START_MS + 2.5 + 100 / 8);
    render();
    line.hear(counted(161, 40), START_MS + 22.5);
    render();
    render();
    expect(state.heard.slice(0, 22)).toEqual(Array(22).fill(MULAW_SILENCE));
    expect(state.heard.slice(22, 222)).toEqual([...counted(1, 200)]);
    expect(state.heard.slice(222)).toEqual(Array(258).fill(MULAW_SILENCE));
  });

  it('keeps what was heard beyond a frame for the next, however much a late timer brings', () => {
    const { caller, state } = listener();
    const { line, render } = lineOf(caller);
    line.hear(counted(0, 1_600), START_MS);
    for (let i = 0; i < 11; i++) render();
    expect(state.heard.slice(2, 1_602)).toEqual([...counted(0, 1_600)]);
    expect(state.heard.slice(1_602)).toEqual(Array(158).fill(MULAW_SILENCE));
  });

  it('lets neither a sample fall out nor in where the rounded times of two pieces overlap', () => {
    const { caller, state } = listener();
    const { line, render } = lineOf(caller);
    line.hear(counted(1, 159), START_MS);
    render();
    line.hear(counted(160, 160), START_MS + 159 / 8 - 0.07);
    render();
    render();
    expect(state.heard.slice(2, 321)).toEqual([...counted(1, 319)]);
  });

  it('forgets on a clear what was heard and not handed over', () => {
    const { caller, state } = listener();
    const { line, render } = lineOf(caller);
    line.hear(counted(0, 320), START_MS);
    render();
    line.cleared();
    render();
    expect(state.cleared).toBe(1);
    expect(state.heard.slice(160)).toEqual(Array(160).fill(MULAW_SILENCE));
  });

  it('says silence when the caller says nothing, not what was said before', () => {
    const { caller } = listener((frame) => (frame === 0 ? counted(0, 160) : undefined));
    const { out, render } = lineOf(caller);
    render();
    expect([...out]).toEqual([...counted(0, 160)]);
    render();
    expect([...out]).toEqual(Array(160).fill(MULAW_SILENCE));
  });

  it('tells when the caller begins and ends to speak, and which keys were pressed', () => {
    const said = beep(100);
    const { caller, state } = listener((frame) =>
      frame < 5 ? said.subarray(160 * frame, 160 * (frame + 1)) : undefined,
    );
    const { told, render } = lineOf(caller);
    state.digits = '1#';
    for (let i = 0; i < 40; i++) render();
    expect(told).toEqual(['digit 1', 'digit #', 'start 1000', 'end 1100']);
  });
});

describe('speechOf', () => {
  it('finds in a recording where the caller spoke, to the sample, and when the frames left', () => {
    const lane = new Uint8Array(8_000).fill(MULAW_SILENCE);
    lane.set(beep(300), 1_000);
    const [speech, ...more] = speechOf(lane, START_MS);
    expect(more).toEqual([]);
    expect(Math.abs(speech!.startMs - (START_MS + 125))).toBeLessThan(1);
    expect(Math.abs(speech!.endMs - (START_MS + 425))).toBeLessThan(1);
    expect(speech).toMatchObject({ startSentMs: START_MS + 140, endSentMs: START_MS + 440, interrupts: false });
  });

  it('finds nothing in silence', () => {
    expect(speechOf(new Uint8Array(8_000).fill(MULAW_SILENCE), START_MS)).toEqual([]);
  });
});

describe('a call with a live caller', () => {
  let server: StreamServer;
  afterEach(() => server.close());

  it('carries the caller to the server and what the server says back to the caller', async () => {
    server = await serveStreams(echoAgent);
    const said = beep(2_000);
    const { caller, state } = listener((frame) => said.subarray(160 * frame, 160 * (frame + 1)));
    const call = dial({ url: server.url, caller: { live: caller } });
    setTimeout(() => call.hangUp(), 450);
    const record = await call.done;
    expect(record.endReason).toBe('hangup');
    expect([...record.callerLane.subarray(0, 2_400)]).toEqual([...said.subarray(0, 2_400)]);
    // Handed over byte for byte as it stands in the recording of what was heard, holes included.
    expect(state.heard.slice(2)).toEqual([...record.heardLane.subarray(0, state.heard.length - 2)]);
    expect(state.heard.filter((byte) => byte !== MULAW_SILENCE).length).toBeGreaterThan(1_600);
    expect(record.speech).toHaveLength(1);
  });

  it('sends the keys the caller presses and tells it of a clear', async () => {
    server = await serveStreams({
      ...speakingAgent(beep(2_000)),
      onMedia: (stream) => {
        if (stream.messages.length === 8) stream.clear();
      },
    });
    const { caller, state } = listener();
    const call = dial({ url: server.url, caller: { live: caller } });
    const { first } = eventsOf(call);
    await first('clear');
    expect(state.cleared).toBe(1);
    state.digits = '5';
    expect(await first('dtmf')).toMatchObject({ digit: '5' });
    call.hangUp();
    await call.done;
    const sent = server.streams[0]!.messages.map((text) => JSON.parse(text)).find(({ event }) => event === 'dtmf');
    expect(sent.dtmf).toEqual({ track: 'inbound_track', digit: '5' });
  });
});
