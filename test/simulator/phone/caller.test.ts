import { describe, expect, it } from 'vitest';
import { type AgentView, Caller } from '../../../src/simulator/phone/caller.js';
import type { HeardUtterance } from '../../../src/simulator/phone/ear.js';
import type { CallerSpeech, Expectation } from '../../../src/simulator/phone/events.js';
import type { Clip, Step } from '../../../src/simulator/phone/script.js';

const FRAME = 160;
const START_MS = 1000;

/** 1000 samples, speech from 250 to 850; every sample is its number, never silence. */
const clip: Clip = {
  name: 'clip.wav',
  audio: Uint8Array.from({ length: 1000 }, (_, i) => i % 200),
  speech: [{ startSample: 250, endSample: 850, text: 'hello' }],
};

function setUp(steps: Step[], lingerMs = 0) {
  const agent = { utterances: [] as HeardUtterance[], receivedBytes: 0, playedOffset: 0, lastArrivalMs: -1e9 };
  const told: unknown[] = [];
  const speech: CallerSpeech[] = [];
  const expectations: Expectation[] = [];
  const caller = new Caller({
    script: { name: 'test', path: 'test', steps },
    agent: agent as AgentView,
    startMs: START_MS,
    lingerMs,
    onSpeechStart: ({ startMs }) => told.push(['speech', startMs]),
    onSpeechEnd: (each) => speech.push(each),
    onDigit: (digit) => told.push(['digit', digit]),
    onTimeout: (step) => told.push(['timeout', step]),
    digitMs: 100,
    onSound: ({ kind, startMs }) => told.push([kind, startMs]),
    onExpectation: (expectation) => expectations.push(expectation),
    onDrop: (last) => told.push(['drop', last]),
    onReconnect: (afterMs) => told.push(['reconnect', afterMs]),
  });
  const lane: number[] = [];
  /** Renders up to `toMs` after the start; false once the caller has hung up. */
  const run = (toMs: number): boolean => {
    while (lane.length < toMs * 8) {
      const frame = new Uint8Array(FRAME);
      if (!caller.render(frame, lane.length)) return false;
      lane.push(...frame);
    }
    return true;
  };
  /** First sample that is not silence, at or after `from`. */
  const begins = (from = 0): number => lane.findIndex((byte, i) => i >= from && byte !== 0xff);
  return { caller, agent, told, speech, expectations, lane, run, begins };
}

/** The agent began at `fromMs` after the start and was last heard at `toMs`. */
function utterance(fromMs: number, toMs: number, more: Partial<HeardUtterance> = {}): HeardUtterance {
  return { startMs: START_MS + fromMs, streamOffset: 0, lastAudibleMs: START_MS + toMs, cut: false, ...more };
}

const say: Step = { type: 'say', clip };
const finishes: Step = { type: 'wait', until: 'agent-finishes', timeoutMs: 5000 };
const starts: Step = { type: 'wait', until: 'agent-starts', timeoutMs: 5000 };

describe('a caller', () => {
  it('begins inside a frame, at the very sample, and tells where speech is', () => {
    const { run, lane, begins, speech } = setUp([{ type: 'pause', ms: 33.375 }, say, { type: 'hangup' }]);
    expect(run(1000)).toBe(false);
    expect(begins()).toBe(267);
    expect(lane.slice(267, 1267)).toEqual([...clip.audio]);
    expect(speech).toEqual([
      {
        step: 1,
        startMs: START_MS + (267 + 250) / 8,
        startSentMs: START_MS + 80,
        endMs: START_MS + (267 + 850) / 8,
        endSentMs: START_MS + 140,
        interrupts: false,
        text: 'hello',
      },
    ]);
  });

  it('says one clip right behind another, and sends the frame it hangs up in', () => {
    const { run, lane } = setUp([say, say, { type: 'hangup' }]);
    expect(run(1000)).toBe(false);
    expect(lane.length).toBe(Math.ceil(2000 / FRAME) * FRAME);
    expect(lane.slice(0, 2000)).toEqual([...clip.audio, ...clip.audio]);
    expect(lane.slice(2000).every((byte) => byte === 0xff)).toBe(true);
  });

  it('waits for the agent to start and to finish', () => {
    const { run, agent, begins } = setUp([starts, say, finishes, say]);
    run(200);
    expect(begins()).toBe(-1);
    agent.utterances.push(utterance(190, 210));
    run(500);
    expect(begins()).toBe(1600);
    agent.utterances[0] = utterance(190, 600, { finishedMs: START_MS + 1300 });
    agent.utterances.push(utterance(1400, 1800));
    run(2000);
    expect(begins(2600)).toBe(-1);
    agent.utterances[1] = utterance(1400, 1900, { finishedMs: START_MS + 2600 });
    run(2800);
    expect(begins(2600)).toBe(16_000);
  });

  it('does not take the end of what it interrupted for an answer, however that ended', () => {
    for (const cut of [true, false]) {
      const { run, agent, begins } = setUp([
        { type: 'interrupt', clip, when: { afterMs: 100 }, timeoutMs: 5000 },
        finishes,
        say,
      ]);
      agent.utterances.push(utterance(0, 20));
      run(100);
      agent.utterances[0] = utterance(0, 300, { finishedMs: START_MS + 1000, cut });
      run(1500);
      expect(begins(1600)).toBe(-1);
      agent.utterances.push(utterance(1400, 2000, { finishedMs: START_MS + 2700 }));
      run(2000);
      expect(begins(1600)).toBe(12_000);
    }
  });

  it('takes an agent that answered while the caller spoke for one that has answered, when nothing more comes', () => {
    const { run, agent, begins, told } = setUp([say, { ...finishes, timeoutMs: 15_000 } as Step, say]);
    run(40);
    // Speech is from 31.25 to 106.25 ms.
    agent.utterances.push(utterance(50, 100, { finishedMs: START_MS + 800 }));
    run(4100);
    expect(begins(1000)).toBe(-1);
    run(4300);
    expect(begins(1000)).toBe(4120 * 8);
    expect(told).not.toContainEqual(['timeout', 1]);
  });

  it('waits on for an agent that was speaking before the caller did, and stopped', () => {
    const { run, agent, begins } = setUp([say, { ...finishes, timeoutMs: 15_000 } as Step, say]);
    agent.utterances.push(utterance(0, 100, { finishedMs: START_MS + 800 }));
    run(10_000);
    expect(begins(1000)).toBe(-1);
  });

  it('tells of speech that the end of the call cut off, up to there', () => {
    const { caller, run, speech } = setUp([say]);
    run(60);
    caller.end(START_MS + 65);
    expect(speech).toMatchObject([{ startMs: START_MS + 31.25, endMs: START_MS + 65, endSentMs: START_MS + 65 }]);
    caller.end(START_MS + 70);
    expect(speech).toHaveLength(1);
  });

  it('takes an agent that talks on over the interruption for one that has answered', () => {
    const { run, agent, begins } = setUp([
      { type: 'interrupt', clip, when: { afterMs: 100 }, timeoutMs: 5000 },
      finishes,
      say,
    ]);
    agent.utterances.push(utterance(0, 20));
    run(500);
    agent.utterances[0] = utterance(0, 1300, { finishedMs: START_MS + 2000 });
    run(2000);
    expect(begins(1600)).toBe(4000);
  });

  it('gives up waiting, says so, and goes on', () => {
    const { run, told, begins } = setUp([{ ...starts, timeoutMs: 333 }, say] as Step[]);
    run(600);
    expect(told[0]).toEqual(['timeout', 0]);
    expect(begins()).toBe(333 * 8);
  });

  it('interrupts with its first word, so long after the answer became audible', () => {
    const { run, agent, lane, begins, speech } = setUp([
      { type: 'interrupt', clip, when: { afterMs: 123.5 }, timeoutMs: 5000 },
      { type: 'hangup' },
    ]);
    agent.utterances.push(utterance(50, 70));
    run(1000);
    expect(begins()).toBe((50 + 123.5) * 8);
    expect(lane[begins()]).toBe(clip.audio[250]);
    expect(speech[0]).toMatchObject({ startMs: START_MS + 173.5, interrupts: true });
  });

  it('interrupts at a share of what has been received', () => {
    const { run, agent, begins } = setUp([{ type: 'interrupt', clip, when: { share: 0.5 }, timeoutMs: 5000 }]);
    agent.utterances.push(utterance(0, 20, { streamOffset: 1000 }));
    Object.assign(agent, { receivedBytes: 9000, playedOffset: 4999 });
    run(100);
    expect(begins()).toBe(-1);
    agent.playedOffset = 5000;
    run(200);
    expect(begins()).toBe(800);
  });

  it('interrupts when so much is left, once nothing more is arriving', () => {
    const { run, agent, begins } = setUp([{ type: 'interrupt', clip, when: { leftMs: 100 }, timeoutMs: 5000 }]);
    agent.utterances.push(utterance(0, 20));
    Object.assign(agent, { receivedBytes: 8000, playedOffset: 7400, lastArrivalMs: START_MS - 100 });
    run(100);
    expect(begins()).toBe(-1);
    Object.assign(agent, { receivedBytes: 8000, playedOffset: 7100 });
    run(140);
    // At 100 ms there are 900 bytes left; the 800th but last is played 12.5 ms later.
    expect(begins()).toBe(900);
  });

  it('interrupts all the same when nobody speaks within the time it waits', () => {
    const { run, told, begins } = setUp([{ type: 'interrupt', clip, when: { afterMs: 0 }, timeoutMs: 100 }]);
    run(300);
    expect(told[0]).toEqual(['timeout', 0]);
    expect(begins()).toBe(800);
  });

  it('interrupts when the agent goes on after its first pause, and at the end when it made none', () => {
    for (const [resumedMs, at] of [
      [390, 400],
      [undefined, 1000],
    ] as const) {
      const { run, agent, begins } = setUp([{ type: 'interrupt', clip, when: { firstPause: true }, timeoutMs: 5000 }]);
      agent.utterances.push(utterance(0, 300));
      run(400);
      expect(begins()).toBe(-1);
      agent.utterances[0] = utterance(0, 400, resumedMs === undefined ? {} : { resumedMs: START_MS + resumedMs });
      run(1000);
      agent.utterances[0] = utterance(0, 400, { finishedMs: START_MS + 1000 });
      run(1200);
      expect(begins()).toBe(at * 8);
    }
  });

  it('coughs and hums without speaking: no turn, no interruption, and the answer is still waited for', () => {
    const cough: Clip = { ...clip, speech: [{ startSample: 250, endSample: 850, sound: 'cough' }] };
    const { run, agent, told, speech, begins } = setUp([
      { type: 'aside', clip: cough, timeoutMs: 5000 },
      { type: 'aside', clip: cough, when: { afterMs: 300 }, timeoutMs: 5000 },
      finishes,
      say,
    ]);
    agent.utterances.push(utterance(0, 20));
    run(500);
    expect([begins(), begins(1000)]).toEqual([0, 2400]);
    expect(told[0]).toEqual(['cough', START_MS + 250 / 8]);
    agent.utterances[0] = utterance(0, 310, { finishedMs: START_MS + 320, cut: true });
    run(900);
    expect(begins(3200)).toBe(-1);
    agent.utterances.push(utterance(600, 800, { finishedMs: START_MS + 1500 }));
    run(1600);
    expect(begins(3200)).toBeGreaterThan(0);
    expect(told.filter((each) => (each as [string])[0] === 'cough')).toHaveLength(2);
    expect(speech.map(({ step }) => step)).toEqual([3]);
  });

  it('is answered what it expects, at the sample, and goes on', () => {
    const { run, agent, expectations, begins } = setUp([
      { type: 'expect', that: { type: 'silent', forMs: 100 }, line: 4 },
      say,
      { type: 'expect', that: { type: 'speaks', withinMs: 200 } },
      say,
    ]);
    run(400);
    // 100 ms, and what the ear needs to be sure.
    expect(begins()).toBe(130 * 8);
    agent.utterances.push(utterance(380, 400));
    run(420);
    expect(expectations).toEqual([
      {
        step: 0,
        line: 4,
        expected: 'the agent stays silent for 100 ms',
        found: 'it said nothing',
        ok: true,
        atMs: START_MS + 130,
      },
      {
        step: 2,
        expected: 'the agent speaks within 200 ms',
        found: 'it spoke after 144 ms',
        ok: true,
        atMs: START_MS + 420,
      },
    ]);
  });

  it('uses up the marks that it expects, and knows of lint', () => {
    const mark = { type: 'mark', withinMs: 50 } as const;
    const { caller, run, expectations } = setUp([
      { type: 'expect', that: mark },
      { type: 'expect', that: mark },
      { type: 'expect', that: { type: 'no-lint', level: 'error' } },
    ]);
    caller.notice({ type: 'mark-echo', atMs: START_MS + 10, name: 'a', cleared: false });
    const finding = { rule: 'x', level: 'error', message: '', twilio: '', atMs: 0 } as const;
    caller.notice({ type: 'lint', atMs: START_MS, finding });
    run(200);
    expect(expectations.map(({ ok, found }) => [ok, found])).toEqual([
      [true, '"a" came back after 10 ms'],
      [false, 'none came back'],
      [false, '1 finding'],
    ]);
  });

  it('goes one way or the other', () => {
    for (const spoke of [true, false]) {
      const { agent, run, told } = setUp([
        {
          type: 'if',
          that: { type: 'speaks', withinMs: 100 },
          yes: [{ type: 'digits', digits: '1' }],
          no: [{ type: 'digits', digits: '2' }],
        },
        { type: 'digits', digits: '3' },
      ]);
      if (spoke) agent.utterances.push(utterance(20, 40));
      run(300);
      expect(told.slice(0, 2)).toEqual([
        ['digit', spoke ? '1' : '2'],
        ['digit', '3'],
      ]);
    }
  });

  it('says which drop is the last, and waits for a new stream', () => {
    const last = setUp([say, { type: 'drop' }]);
    expect(last.run(1000)).toBe(false);
    expect(last.told.at(-1)).toEqual(['drop', true]);

    const { caller, run, told, begins } = setUp([{ type: 'drop' }, { type: 'reconnect', afterMs: 50 }, say]);
    run(500);
    expect(told).toEqual([
      ['drop', false],
      ['reconnect', 50],
    ]);
    expect(begins()).toBe(-1);
    caller.reconnected();
    run(700);
    expect(begins()).toBe(4000);
  });

  it('presses digits', () => {
    const { run, told } = setUp([{ type: 'digits', digits: '1#' }], 1000);
    run(20);
    expect(told).toEqual([
      ['digit', '1'],
      ['digit', '#'],
    ]);
  });

  it('stays on the line after the last step until the agent has finished, at most so long', () => {
    const quiet = setUp([say], 400);
    expect(quiet.run(2000)).toBe(false);
    expect(quiet.lane.length).toBe(Math.ceil((1000 + 3200) / FRAME) * FRAME);

    const answered = setUp([say], 15_000);
    answered.run(500);
    answered.agent.utterances.push(utterance(300, 500));
    expect(answered.run(1000)).toBe(true);
    answered.agent.utterances[0] = utterance(300, 700, { finishedMs: START_MS + 1400 });
    expect(answered.run(1500)).toBe(false);
  });
});
