import { afterEach, describe, expect, it } from 'vitest';
import { L16_24K, PCMU_8K } from '../../src/audio/format.js';
import { type LinkEvent, ModelLink, type ModelLinkOptions } from '../../src/call/model-link.js';
import { type HistoryLine, plainSession } from '../../src/model/model.js';
import { ScriptedSessions } from '../helpers/scripted-models.js';
import { VirtualClock } from '../helpers/virtual-clock.js';

const SETTINGS = {
  connectAttempts: 2,
  retryMs: [200, 1_000],
  connectBudgetMs: 10_000,
  rolloverLeadMs: 60_000,
  stableMs: 1_000,
  backlogMs: 1_000,
} as const;

interface Linked {
  readonly link: ModelLink;
  readonly clock: VirtualClock;
  readonly first: ScriptedSessions;
  readonly second: ScriptedSessions;
  readonly events: LinkEvent[];
  readonly heard: HistoryLine[];
  /** The events since the last look, audio without its payload. */
  told(): LinkEvent[];
}

const open: ModelLink[] = [];
afterEach(() => {
  for (const link of open.splice(0)) link.close();
});

function linked(options: Partial<ModelLinkOptions> & { readonly only?: boolean } = {}): Linked {
  const clock = new VirtualClock(5_000);
  const [first, second] = [new ScriptedSessions(), new ScriptedSessions()];
  const events: LinkEvent[] = [];
  const heard: HistoryLine[] = [];
  const link = new ModelLink({
    models: options.only ? [first.open] : [first.open, second.open],
    session: plainSession('Be brief.', 'marin'),
    ...{ input: PCMU_8K, output: PCMU_8K, heard: () => [...heard], clock, random: () => 1, settings: SETTINGS },
    onEvent: (event) => events.push(event),
    ...options,
  });
  open.push(link);
  return { link, clock, first, second, events, heard, told: () => events.splice(0) };
}

/** Served by the first model for a minute. */
function serving(options: Parameters<typeof linked>[0] = {}): Linked {
  const all = linked(options);
  all.first.ready();
  all.clock.advance(60_000);
  all.told();
  return all;
}

describe('opening the models of a plan', () => {
  it('keeps what the caller says until one is ready', () => {
    const { link, first, told } = linked();
    link.audio('AAAA');
    link.audio('BBBB');
    first.ready();
    link.audio('CCCC');
    expect(first.last.said).toEqual(['audio AAAA', 'audio BBBB', 'audio CCCC']);
    expect(told()).toEqual([{ type: 'ready' }]);
  });

  it('asks for a response that was wanted before it was ready', () => {
    const { link, first } = linked();
    link.respond({ instructions: 'Greet.' });
    first.ready();
    expect(first.last.said).toEqual(['respond Greet.']);
  });

  it('tries again after a pause, then the next model, then gives up', () => {
    const { clock, first, second, told } = linked();
    first.closes('lost', 'ECONNREFUSED');
    expect(told()).toEqual([{ type: 'retrying', reason: 'ECONNREFUSED', inMs: 200 }]);
    clock.advance(199);
    expect(first.sessions).toHaveLength(1);
    clock.advance(1);
    expect(first.sessions).toHaveLength(2);
    first.closes('busy', 'HTTP 503');
    expect(told()).toEqual([{ type: 'retrying', reason: 'HTTP 503', inMs: 0 }]);
    expect(second.sessions).toHaveLength(1);
    second.closes('refused', 'HTTP 401');
    expect(told()).toEqual([{ type: 'lost', reason: 'HTTP 401', cause: 'refused' }]);
    clock.advance(60_000);
    expect([first.sessions.length, second.sessions.length]).toEqual([2, 1]);
  });

  it('does not ask a model again that refuses', () => {
    const { first, second } = linked();
    first.closes('refused');
    expect([first.sessions.length, second.sessions.length]).toEqual([1, 1]);
  });

  it('leaves a share of the time to the next model when one says nothing', () => {
    const { clock, first, second, told, link } = linked();
    clock.advance(4_999);
    expect(second.sessions).toHaveLength(0);
    clock.advance(1);
    expect(first.last.said).toEqual(['close']);
    expect(second.sessions).toHaveLength(1);
    second.ready();
    expect(told().map(({ type }) => type)).toEqual(['retrying', 'ready']);
    expect(link.modelIndex).toBe(1);
    first.last.emit({ type: 'ready' });
    expect(told()).toEqual([]);
  });

  it('goes on to the next model when one cannot even be tried', () => {
    const broken = (): never => {
      throw new Error('no such address');
    };
    const second = new ScriptedSessions();
    const { clock, told } = linked({ models: [broken, second.open] });
    clock.advance(0);
    second.ready();
    expect(told()).toEqual([{ type: 'retrying', reason: 'no such address', inMs: 0 }, { type: 'ready' }]);
  });

  it('opens nothing more once it is closed', () => {
    const { link, clock, first, told } = linked();
    first.closes('lost');
    link.close();
    clock.advance(60_000);
    expect(first.sessions).toHaveLength(1);
    expect(told().map(({ type }) => type)).toEqual(['retrying']);
  });

  it('transcodes for a model that has another format, both ways', async () => {
    const linear = new ScriptedSessions(L16_24K);
    const { link, told } = linked({ models: [linear.open] });
    linear.ready();
    const silence = Buffer.alloc(160, 0xff).toString('base64');
    link.audio(silence);
    await expect.poll(() => linear.last.said.length).toBe(1);
    const [, sent] = linear.last.said[0]!.split(' ');
    expect(Math.abs(Buffer.from(sent!, 'base64').length - 960)).toBeLessThan(200);
    const payload = Buffer.alloc(4_800).toString('base64');
    linear.last.emit({ type: 'audio', responseId: 'resp_1', itemId: 'item_1', contentIndex: 0, payload });
    const audio = told().at(-1)!;
    expect(audio.type === 'audio' && Buffer.from(audio.payload, 'base64').every((code) => code === 0xff)).toBe(true);
  });
});

describe('losing a session during the call', () => {
  it('goes on at once in a new one that knows what was heard', () => {
    const { link, first, told, heard } = serving();
    heard.push({ role: 'agent', text: 'Hello.' }, { role: 'caller', text: 'My order?' });
    first.closes('lost', 'ECONNRESET');
    expect(told()).toEqual([{ type: 'retrying', reason: 'ECONNRESET', inMs: 0 }]);
    expect(first.sessions).toHaveLength(2);
    expect(first.last.sessions[0]).toMatchObject({ instructions: 'Be brief.', voice: 'marin', history: [] });
    link.audio('AAAA');
    heard.push({ role: 'system', text: 'The caller pressed 5.' });
    first.ready();
    expect(told()).toEqual([{ type: 'switched', reason: 'lost', wasResponding: false }]);
    expect(first.last.said).toEqual(['agent Hello.', 'caller My order?', 'system The caller pressed 5.', 'audio AAAA']);
  });

  it('remembers from before the call too', () => {
    const history = [{ role: 'system', text: 'A regular customer.' }] as const;
    const { first, heard } = serving({ session: { ...plainSession('Be brief.'), history } });
    heard.push({ role: 'agent', text: 'Hello.' });
    first.closes('expired');
    first.ready();
    expect(first.last.said).toEqual(['system A regular customer.', 'agent Hello.']);
  });

  it('says that an answer was broken off, but not one that the caller had interrupted', () => {
    const { first, told, clock } = serving();
    first.last.emit({ type: 'response-started', responseId: 'resp_1' });
    first.closes('expired');
    first.ready();
    expect(told().at(-1)).toEqual({ type: 'switched', reason: 'expired', wasResponding: true });
    clock.advance(60_000);
    first.last.emit({ type: 'response-started', responseId: 'resp_2' });
    first.last.emit({ type: 'speech-started' });
    first.closes('lost');
    first.ready();
    expect(told().at(-1)).toEqual({ type: 'switched', reason: 'lost', wasResponding: false });
  });

  it.each([
    ['asked for', (all: Linked) => all.link.respond({ instructions: 'Say yes.' }), { instructions: 'Say yes.' }],
    ['due to the caller', (all: Linked) => all.first.last.emit({ type: 'speech-stopped' }), {}],
  ])('says that an answer is owed that was %s', (_, owe, owed) => {
    const all = serving();
    owe(all);
    all.first.closes('lost');
    all.first.ready();
    expect(all.told().at(-1)).toEqual({ type: 'switched', reason: 'lost', wasResponding: false, owed });
  });

  it('owes what is asked for while there is no session', () => {
    const { link, first, told } = serving();
    first.closes('lost');
    link.respond({ instructions: 'Say yes.' });
    first.ready();
    expect(told().at(-1)).toMatchObject({ owed: { instructions: 'Say yes.' } });
    expect(first.last.said).toEqual([]);
  });

  it('tells the new session nothing of items, calls and responses of the old one, but what a tool found', () => {
    const { link, first } = serving();
    const old = first.last;
    old.answer('resp_1', 'item_1', 100);
    old.emit({
      ...{ type: 'tool-call', responseId: 'resp_2', itemId: 'item_2' },
      ...{ callId: 'call_1', name: 'lookup', args: '{}' },
    });
    old.emit({ type: 'speech-started', itemId: 'item_3' });
    link.truncate('item_1', 0, 50);
    link.deleteItem('item_3');
    expect(old.said).toEqual(['truncate item_1 0 50', 'delete item_3']);
    first.closes('lost');
    first.ready();
    link.truncate('item_1', 0, 50);
    link.deleteItem('item_3');
    link.cancel('resp_1');
    link.toolResult('call_1', '{"found":7}');
    expect(first.last.said).toEqual(['system The result of lookup, which you had called: {"found":7}']);
  });

  it('tells of items of the new session', () => {
    const { link, first } = serving();
    first.closes('lost');
    first.ready();
    first.last.answer('resp_9', 'item_9', 100);
    link.truncate('item_9', 0, 50);
    expect(first.last.said).toEqual(['truncate item_9 0 50']);
  });

  it('puts right what it had told of a line that was interrupted only then, once', async () => {
    const { link, first, heard } = serving();
    first.last.answer('resp_1', 'item_1', 4_000);
    heard.push({ role: 'agent', text: 'Your parcel will come on Monday.' });
    first.closes('lost');
    first.ready();
    link.truncate('item_1', 0, 900);
    heard[0] = { role: 'agent', text: 'Your parcel' };
    await Promise.resolve();
    link.truncate('item_1', 0, 900);
    await Promise.resolve();
    expect(first.last.said).toEqual([
      'agent Your parcel will come on Monday.',
      'system Your last answer was cut off. The caller has heard only this: "Your parcel".',
    ]);
  });

  it('hands on what was changed in the meantime', () => {
    const { link, first } = serving();
    first.closes('lost');
    link.update({ instructions: 'Be kind.' });
    first.ready();
    expect(first.last.said).toEqual(['update {"instructions":"Be kind."}']);
  });

  it('asks the next model when this one refuses from now on', () => {
    const { first, second, told } = serving();
    first.closes('refused', 'insufficient_quota');
    expect([first.sessions.length, second.sessions.length]).toEqual([1, 1]);
    second.ready();
    expect(told().at(-1)).toMatchObject({ type: 'switched', reason: 'refused' });
  });

  it('is lost when no model is left', () => {
    const { first, told } = serving({ only: true });
    first.closes('refused', 'insufficient_quota');
    expect(told()).toEqual([{ type: 'lost', reason: 'insufficient_quota', cause: 'refused' }]);
  });

  it('does not go round in circles with models that break off at once', () => {
    const { first, second, clock, told } = serving();
    first.closes('lost');
    for (let turn = 0; turn < 20; turn++) {
      const model = second.sessions.length > 0 ? second : first;
      const count = first.sessions.length + second.sessions.length;
      model.ready();
      model.closes('lost');
      clock.advance(1_000);
      if (first.sessions.length + second.sessions.length === count) break;
    }
    expect(told().at(-1)).toEqual({ type: 'lost', reason: 'gone', cause: 'lost' });
    expect(first.sessions.length + second.sessions.length).toBeLessThan(8);
  });

  it('asks for the same conversation where that can be had, and anew where it is refused', () => {
    const { first, clock, heard } = linked();
    first.ready({ conversationId: 'conv_1' });
    clock.advance(60_000);
    heard.push({ role: 'agent', text: 'Hello' });
    first.last.emit({ type: 'response-started', responseId: 'resp_1' });
    first.closes('lost');
    expect(first.last.sessions[0]).toMatchObject({ resume: 'conv_1' });
    first.ready({ conversationId: 'conv_1', resumed: true });
    expect(first.last.said).toEqual(['system Your last answer was cut off. The caller has heard only this: "Hello".']);
    clock.advance(60_000);
    first.closes('lost');
    first.closes('refused', 'HTTP 404');
    expect(first.sessions).toHaveLength(4);
    expect(first.last.sessions[0]!.resume).toBeUndefined();
    first.ready({ conversationId: 'conv_2' });
    expect(first.last.said).toEqual(['agent Hello']);
  });
});

describe('changing the voice', () => {
  it('opens a session beside the old one and changes over when nobody speaks', () => {
    const { link, first, told, heard } = serving();
    const old = first.last;
    link.setVoice('cedar');
    expect(first.last.sessions[0]).toMatchObject({ voice: 'cedar' });
    old.emit({ type: 'response-started', responseId: 'resp_1' });
    first.ready();
    link.audio('AAAA');
    link.atTurnBoundary();
    old.emit({ type: 'response-done', responseId: 'resp_1', status: 'completed' });
    expect(told().map(({ type }) => type)).toEqual(['response-started', 'response-done']);
    heard.push({ role: 'agent', text: 'Hello.' });
    link.atTurnBoundary();
    expect(told()).toEqual([{ type: 'switched', reason: 'voice', wasResponding: false }]);
    link.audio('BBBB');
    expect(old.said).toEqual(['audio AAAA', 'close']);
    expect(first.last.said).toEqual(['agent Hello.', 'audio BBBB']);
  });

  it('changes over as soon as the new session is ready when nobody has spoken since', () => {
    const { link, first, told } = serving();
    link.setVoice('cedar');
    link.atTurnBoundary();
    first.ready();
    expect(told()).toEqual([{ type: 'switched', reason: 'voice', wasResponding: false }]);
  });

  it('waits for the caller who has begun to speak, and for the answer that is due', () => {
    const { link, first, told, clock } = serving();
    const old = first.last;
    link.setVoice('cedar');
    link.atTurnBoundary();
    old.emit({ type: 'speech-started' });
    first.ready();
    old.emit({ type: 'speech-stopped' });
    link.atTurnBoundary();
    expect(told().map(({ type }) => type)).toEqual(['speech-started', 'speech-stopped']);
    // It was a cough, and no answer comes.
    clock.advance(3_000);
    expect(told()).toEqual([{ type: 'switched', reason: 'voice', wasResponding: false }]);
  });

  it('keeps the old voice when the new one is refused, and says so', () => {
    const { link, first, told } = serving();
    link.setVoice('nobody');
    first.closes('refused', 'invalid_value');
    expect(told()).toEqual([{ type: 'error', code: 'voice_change_failed', message: 'invalid_value', benign: true }]);
    first.sessions[0]!.emit({ type: 'closed', reason: 'gone', cause: 'lost' });
    expect(first.last.sessions[0]!.voice).toBe('marin');
  });

  it('forgets a voice that was taken back', () => {
    const { link, first, told } = serving();
    link.setVoice('cedar');
    link.setVoice('marin');
    expect(first.last.said).toEqual(['close']);
    link.atTurnBoundary();
    expect(told()).toEqual([]);
  });

  it('goes on with the old voice when the session is lost on the way, and changes it then', () => {
    const { link, first, told } = serving();
    link.setVoice('cedar');
    first.sessions[0]!.emit({ type: 'closed', reason: 'gone', cause: 'lost' });
    expect(first.sessions[1]!.said).toEqual(['close']);
    expect(first.sessions[2]!.sessions[0]).toMatchObject({ voice: 'marin' });
    first.ready();
    expect(told().at(-1)).toMatchObject({ type: 'switched', reason: 'lost' });
    expect(first.sessions[3]!.sessions[0]).toMatchObject({ voice: 'cedar' });
  });
});

describe('a session that grows old', () => {
  const HOUR_MS = 3_600_000;

  it('is followed by another, opened a little before its end and used at a turn boundary', () => {
    const { link, first, clock, told } = linked();
    first.ready({ expiresInMs: HOUR_MS });
    clock.advance(HOUR_MS - 60_001);
    expect(first.sessions).toHaveLength(1);
    clock.advance(1);
    expect(first.sessions).toHaveLength(2);
    first.ready({ expiresInMs: HOUR_MS });
    link.atTurnBoundary();
    expect(told().at(-1)).toEqual({ type: 'switched', reason: 'expiry', wasResponding: false });
    clock.advance(HOUR_MS - 60_000);
    expect(first.sessions).toHaveLength(3);
  });

  it('is followed at the latest when the model ends it, without a pause', () => {
    const { first, clock, told } = linked();
    first.ready({ expiresInMs: HOUR_MS });
    clock.advance(HOUR_MS - 60_000);
    first.ready();
    clock.advance(59_000);
    const old = first.sessions[0]!;
    old.emit({ type: 'response-started', responseId: 'resp_1' });
    old.emit({ type: 'closed', reason: 'session_expired', cause: 'expired' });
    expect(told().at(-1)).toEqual({ type: 'switched', reason: 'expired', wasResponding: true });
    expect(first.sessions).toHaveLength(2);
  });

  it('is followed by the session that was being opened when it ended', () => {
    const { first, clock, told } = linked();
    first.ready({ expiresInMs: HOUR_MS });
    clock.advance(HOUR_MS - 60_000);
    first.sessions[0]!.emit({ type: 'closed', reason: 'session_expired', cause: 'expired' });
    expect(first.sessions).toHaveLength(2);
    first.ready();
    expect(told().at(-1)).toEqual({ type: 'switched', reason: 'expired', wasResponding: false });
  });

  it('is opened anew at its end when it could not be before', () => {
    const { first, clock, told } = linked();
    first.ready({ expiresInMs: HOUR_MS });
    clock.advance(HOUR_MS - 60_000);
    first.closes('refused');
    const old = first.sessions[0]!;
    old.emit({ type: 'closed', reason: 'session_expired', cause: 'expired' });
    first.ready();
    expect(told().at(-1)).toMatchObject({ type: 'switched', reason: 'expired' });
    expect(first.sessions).toHaveLength(3);
  });
});

describe('what comes while there is no session', () => {
  const fact: HistoryLine = { role: 'system', text: 'The caller is a member.' };

  it('is told to the first one before the audio of the caller', () => {
    const { link, first } = linked();
    link.audio('AAAA');
    link.addText(fact);
    first.ready();
    expect(first.last.said).toEqual(['system The caller is a member.', 'audio AAAA']);
  });

  it('is told to the next one once, with what was heard', () => {
    const { link, first, heard, clock } = serving();
    first.closes('lost');
    link.addText(fact);
    heard.push(fact);
    clock.advance(0);
    first.ready();
    expect(first.last.said).toEqual(['system The caller is a member.']);
  });

  it('is told to the next one although it remembers the conversation itself', () => {
    const { link, first, heard, clock } = linked();
    first.ready({ conversationId: 'conv_1' });
    clock.advance(60_000);
    first.closes('lost');
    link.addText(fact);
    heard.push(fact);
    clock.advance(0);
    first.ready({ conversationId: 'conv_1', resumed: true });
    expect(first.last.said).toEqual(['system The caller is a member.']);
  });

  it('is told to the next one when it is the result of a tool, of which nothing else tells', () => {
    const { link, first, clock } = serving();
    const call = { responseId: 'r1', itemId: 'i1', callId: 'c1', name: 'look_up', args: '{}' };
    first.last.emit({ type: 'tool-call', ...call });
    first.closes('lost');
    link.toolResult('c1', 'open until nine');
    clock.advance(0);
    first.ready();
    expect(first.last.said).toEqual(['system The result of look_up, which you had called: open until nine']);
  });
});
