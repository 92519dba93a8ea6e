import { afterEach, describe, expect, it } from 'vitest';
import { decodeMulaw, encodeMulaw } from '../../../src/audio/g711.js';
import { rmsDbov } from '../../../src/audio/level.js';
import { tone } from '../../../src/audio/tone.js';
import { analyseCall } from '../../../src/measure/analyse.js';
import { dial } from '../../../src/simulator/phone/call.js';
import type { CallRecord } from '../../../src/simulator/phone/events.js';
import type { CallerScript, Clip, Step } from '../../../src/simulator/phone/script.js';
import { builtInSound } from '../../../src/simulator/phone/sounds.js';
import { callerOf } from '../../helpers/phone.js';
import { type StreamAgent, type StreamServer, serveStreams } from '../../helpers/stream-server.js';
import { VirtualClock } from '../../helpers/virtual-clock.js';

let server: StreamServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const voice = (ms: number, dbov = -20): Uint8Array => encodeMulaw(tone({ hz: 300, ms, dbov }));
const clip: Clip = { name: 'words', audio: voice(200), speech: [{ startSample: 0, endSample: 1600 }] };
const coughs = encodeMulaw(builtInSound('cough'));
const cough: Clip = {
  name: 'cough',
  audio: coughs,
  speech: [{ startSample: 0, endSample: coughs.length, sound: 'cough' }],
};
const say: Step = { type: 'say', clip };
const hangup: Step = { type: 'hangup' };
const expecting = (that: Extract<Step, { type: 'expect' }>['that'], line = 1): Step => ({ type: 'expect', that, line });

/**
 * A call on a clock that waits for the wires: time moves on by 20 ms when the server has every frame and the phone every
 * answer. So the same script and the same seed meet the same agent at the same times, to the sample.
 */
async function call(script: CallerScript, agent: Agent, seed = 1): Promise<{ record: CallRecord; wire: string[][] }> {
  server ??= await serveStreams(agent.streams);
  const first = server.streams.length;
  agent.sent = 0;
  const clock = new VirtualClock(1000);
  const phone = dial({ url: server.url, caller: script, clock, seed, lingerMs: 0 });
  let frames = 0;
  let answers = 0;
  let started = false;
  let over = false;
  phone.on(({ type }) => {
    if (type === 'frame') frames++;
    if (type === 'media' || type === 'mark') answers++;
    if (type === 'start') started = true;
  });
  const done = phone.done.finally(() => {
    over = true;
  });
  const arrived = (): boolean => {
    const streams = server!.streams.slice(first);
    const got = streams.reduce(
      (sum, { messages }) => sum + messages.filter((text) => text.includes('"media"')).length,
      0,
    );
    return got >= frames && answers >= agent.sent;
  };
  while (!over) {
    if (started) clock.advance(20);
    // What a reset has destroyed never arrives: then, and only then, the number of turns decides.
    for (let turn = 0; turn < 300 && !over; turn++) {
      await new Promise(setImmediate);
      if (started && turn > 3 && arrived()) break;
    }
  }
  const record = await done;
  return { record, wire: server.streams.slice(first).map(({ messages }) => [...messages]) };
}

/** What answers, and how many messages it has sent in this call. */
interface Agent {
  readonly streams: StreamAgent;
  sent: number;
}

const silent = (): Agent => ({ streams: {}, sent: 0 });

/** Answers the tenth frame of a stream, and every hundredth from then on, with a second of speech and a mark. */
function answering(): Agent {
  const frames = new WeakMap<object, number>();
  const agent: Agent = {
    sent: 0,
    streams: {
      onMedia: (stream) => {
        const count = (frames.get(stream) ?? 0) + 1;
        frames.set(stream, count);
        if (count % 100 !== 10) return;
        agent.sent += 2;
        stream.media(voice(1000));
        stream.mark(`answer ${count}`);
      },
    },
  };
  return agent;
}

describe('a scripted call', () => {
  it('sends the same frames again for the same seed, byte for byte, through noise, echo, coughs and branches', async () => {
    const script: CallerScript = {
      ...callerOf(
        { type: 'wait', until: 'agent-starts', timeoutMs: 5000 },
        { type: 'aside', clip: cough, when: { afterMs: 300 }, timeoutMs: 1000 },
        { type: 'if', that: { type: 'goes-on', forMs: 200 }, yes: [say], no: [] },
        { type: 'digits', digits: '1#', tone: true },
        { type: 'pause', ms: 400 },
        hangup,
      ),
      background: { kind: 'babble', dbov: -45 },
      echo: { db: -25, delayMs: 60 },
    };
    const agent = answering();
    const one = await call(script, agent);
    const again = await call(script, agent);
    const other = await call(script, agent, 2);
    expect(again.wire).toEqual(one.wire);
    expect(again.record.callerLane).toEqual(one.record.callerLane);
    expect(other.wire).not.toEqual(one.wire);
    expect(one.record.sounds).toMatchObject([{ step: 1, kind: 'cough' }]);
    expect(one.record.speech).toHaveLength(1);
  });

  it('hears its echo in its own lane, at the level and the delay it asked for', async () => {
    const script = { ...callerOf({ type: 'pause', ms: 1600 }, hangup), echo: { db: -30, delayMs: 120 } };
    const { record } = await call(script, answering());
    const { playedAtMs, bytes } = record.heard[0]!;
    const from = Math.round((playedAtMs - record.startedAtMs) * 8) + 960;
    const expected = encodeMulaw(
      decodeMulaw(record.received.subarray(0, bytes)).map((each) => Math.round(each * 10 ** (-30 / 20))),
    );
    const sent = record.callerLane.subarray(from, from + bytes);
    expect([...sent]).toEqual([...expected.subarray(0, sent.length)]);
    expect(sent.length).toBeGreaterThan(7000);
    expect(record.callerLane.subarray(0, from).every((byte) => byte === 0xff)).toBe(true);
  });

  it('records what it expected, with the line, and fails what a call that ended could not tell', async () => {
    const script = callerOf(
      expecting({ type: 'speaks', withinMs: 400 }, 3),
      expecting({ type: 'mark', withinMs: 2000 }, 5),
      say,
      expecting({ type: 'silent', forMs: 300 }, 8),
      expecting({ type: 'no-lint', level: 'error' }, 9),
      hangup,
      expecting({ type: 'mark', withinMs: 1 }, 11),
    );
    const { record } = await call(script, answering());
    expect(record.expectations?.map(({ line, ok }) => [line, ok])).toEqual([
      [3, true],
      [5, true],
      [8, true],
      [9, true],
      [11, false],
    ]);
    expect(record.expectations?.at(-1)).toMatchObject({
      expected: 'a mark comes back within 1 ms',
      found: 'the call was over before',
    });
    expect(record.events.filter(({ type }) => type === 'expectation')).toHaveLength(5);
  });

  it('takes one branch or the other', async () => {
    const asks = (agent: Agent) =>
      call(
        callerOf(
          {
            type: 'if',
            that: { type: 'speaks', withinMs: 500 },
            yes: [{ type: 'digits', digits: '1' }],
            no: [{ type: 'digits', digits: '2' }],
          },
          hangup,
        ),
        agent,
      );
    const pressed = ({ record }: { record: CallRecord }) =>
      record.events.flatMap((event) => (event.type === 'dtmf' ? [event.digit] : []));
    expect(pressed(await asks(answering()))).toEqual(['1']);
    await server?.close();
    server = undefined;
    expect(pressed(await asks(silent()))).toEqual(['2']);
  });

  it('drops the connection without stop, and ends there', async () => {
    const { record, wire } = await call(callerOf({ type: 'pause', ms: 100 }, { type: 'drop' }), answering());
    expect(record.endReason).toBe('dropped');
    expect(record.events.slice(-2).map(({ type }) => type)).toEqual(['drop', 'closed']);
    expect(wire[0]!.some((text) => text.includes('"stop"'))).toBe(false);
  });

  it.each([
    ['after a drop', [{ type: 'drop' }] as Step[], false],
    ['instead of a stream that it ends', [], true],
  ])('opens a second stream of the same call %s', async (_, before, stops) => {
    const script = callerOf(
      { type: 'pause', ms: 400 },
      ...before,
      { type: 'reconnect', afterMs: 100 },
      say,
      { type: 'wait', until: 'agent-finishes', timeoutMs: 4000 },
      hangup,
    );
    const { record, wire } = await call(script, answering());
    const [first, second] = wire.map((messages) => messages.map((text) => JSON.parse(text)));
    expect(first!.at(-1).event === 'stop').toBe(stops);
    expect(second!.slice(0, 2).map(({ event }) => event)).toEqual(['connected', 'start']);
    expect(second![1].start.callSid).toBe(first![1].start.callSid);
    expect(second![1].streamSid).not.toBe(first![1].streamSid);
    expect(second![1].sequenceNumber).toBe('1');
    expect(second![2].media.chunk).toBe('1');
    expect(Number(second![2].media.timestamp)).toBeLessThan(200);
    expect(second!.at(-1).event).toBe('stop');
    expect(record.endReason).toBe('hangup');
    expect(record.streamSids).toEqual([first![1].streamSid, second![1].streamSid]);
    // What waited in the first stream is never heard; the answer on the second one is.
    expect(record.heard.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(record.received.length);
    expect(record.events.filter(({ type }) => type === 'wait-timeout')).toEqual([]);
    const reconnect = record.events.find((event) => event.type === 'reconnect');
    const frames = record.events.filter((event) => event.type === 'frame');
    expect(reconnect?.laneSample).toBeGreaterThan(first!.filter(({ event }) => event === 'media').length * 160);
    expect(frames).toHaveLength([...first!, ...second!].filter(({ event }) => event === 'media').length);
    const spoken = record.speech[0]!;
    const from = Math.round((spoken.startMs - record.startedAtMs) * 8);
    expect([...record.callerLane.subarray(from, from + 1600)]).toEqual([...clip.audio]);
  });

  it('that is hung up on in the middle of an interruption has interrupted', async () => {
    server = await serveStreams({ onStart: (stream) => stream.media(voice(3000)) });
    const long: Clip = { name: 'long', audio: voice(2000), speech: [{ startSample: 0, endSample: 16_000 }] };
    const script = callerOf({ type: 'interrupt', clip: long, when: { afterMs: 200 }, timeoutMs: 5000 }, hangup);
    const calling = dial({ url: server.url, caller: script });
    calling.on((event) => {
      if (event.type === 'caller-speech-start') setTimeout(() => calling.hangUp(), 100);
    });
    const record = await calling.done;
    expect(record.speech).toMatchObject([{ interrupts: true, endMs: record.endedAtMs }]);
    expect(record.streamSids).toBeUndefined();
    const { bargeIns, turns } = analyseCall(record);
    expect(bargeIns).toMatchObject([{ outcome: 'unknown' }]);
    expect(turns).toEqual([]);
  });

  it('speaks over the agent when it goes on after its first pause', async () => {
    const answer = new Uint8Array(16_000).fill(0xff);
    answer.set(voice(500), 0);
    answer.set(voice(500), 6400);
    const { record } = await call(
      callerOf({ type: 'interrupt', clip, when: { firstPause: true }, timeoutMs: 5000 }, hangup),
      { sent: 0, streams: { onStart: (stream) => stream.media(answer) } },
    );
    const resumedMs = record.heard[0]!.playedAtMs + 800;
    expect(record.speech[0]!.startMs).toBeGreaterThanOrEqual(resumedMs);
    expect(record.speech[0]!.startMs).toBeLessThan(resumedMs + 40);
  });

  it('is surrounded by noise from its first frame to its last', async () => {
    const { record } = await call(
      { ...callerOf(say, { type: 'pause', ms: 800 }, hangup), background: { kind: 'white', dbov: -40 } },
      silent(),
    );
    const quiet = decodeMulaw(record.callerLane.subarray(1600, 8000));
    expect(rmsDbov(quiet)).toBeCloseTo(-40, 0);
    expect(rmsDbov(decodeMulaw(record.callerLane.subarray(0, 1600)))).toBeCloseTo(-20, 0);
  });
});
