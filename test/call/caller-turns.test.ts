import { beforeEach, describe, expect, it } from 'vitest';
import { BargeInGate } from '../../src/call/barge-in-policy.js';
import { CallerTurns } from '../../src/call/caller-turns.js';
import { type BargeInPolicy, DEFAULT_BARGE_IN } from '../../src/call/plan.js';
import { type SaidEvent, Transcript } from '../../src/call/transcript.js';
import { VirtualClock } from '../helpers/virtual-clock.js';

const LAG_MS = 500;

let clock: VirtualClock;
/** What was done to the agent, and that the caller waits for an answer. */
let did: string[];
let lines: SaidEvent[];
let agent: { busy: boolean; protectedMs: number; held: boolean; reversible: boolean };

beforeEach(() => {
  clock = new VirtualClock(1_000);
  did = [];
  lines = [];
  agent = { busy: true, protectedMs: 0, held: false, reversible: true };
});

function turns(policy: Partial<BargeInPolicy> = {}): CallerTurns {
  const bargeIn = { ...DEFAULT_BARGE_IN, ...policy };
  const gate = new BargeInGate({ policy: bargeIn, stopLagMs: LAG_MS, transcribed: true, transcriptWaitMs: 800 });
  return new CallerTurns({
    ...{ clock, startedMs: 1_000, gate, transcript: new Transcript((line) => lines.push(line)) },
    agent: {
      get busy() {
        return agent.busy;
      },
      get protectedMs() {
        return agent.protectedMs;
      },
      get held() {
        return agent.held;
      },
      interrupt: (cause) => {
        did.push(`interrupt ${cause}`);
        agent.held = false;
      },
      hold: () => {
        did.push('hold');
        agent.held = agent.reversible;
        return agent.reversible;
      },
      resume: (sound) => {
        did.push(`resume ${sound}`);
        agent.held = false;
      },
    },
    mayInterrupt: bargeIn.speech !== 'off',
    onTurn: () => did.push('turn'),
  });
}

describe('a turn of the caller', () => {
  it('stops the agent at its beginning and is answered at its end', () => {
    const caller = turns();
    caller.speechStarted('u1');
    expect([caller.speaking, did]).toEqual([true, ['interrupt speech']]);
    clock.advance(900);
    caller.speechStopped('u1');
    expect([caller.speaking, did]).toEqual([false, ['interrupt speech', 'turn']]);
  });

  it('leaves a silent agent alone', () => {
    agent.busy = false;
    const caller = turns();
    caller.speechStarted('u1');
    caller.speechStopped('u1');
    expect(did).toEqual(['turn']);
  });

  it('is put into the transcript with its times, which count from the start of the stream', () => {
    const caller = turns();
    clock.advance(200);
    caller.speechStarted('u1');
    clock.advance(900);
    caller.speechStopped('u1');
    caller.text('u1', 'Hello?', true);
    expect(lines).toEqual([
      { type: 'caller-said', itemId: 'u1', text: 'Hello?', final: true, startMs: 200, endMs: 1_100 },
    ]);
  });

  it('stops the agent when it has lasted long enough, of itself', () => {
    const caller = turns({ minSpeechMs: 300 });
    caller.speechStarted('u1');
    clock.advance(799);
    expect(did).toEqual([]);
    clock.advance(1);
    expect(did).toEqual(['interrupt speech']);
  });

  it('is none when it was too short', () => {
    const caller = turns({ minSpeechMs: 300 });
    caller.speechStarted('u1');
    clock.advance(700);
    caller.speechStopped('u1');
    clock.advance(10_000);
    expect(did).toEqual([]);
  });
});

describe('a response that begins while the caller speaks', () => {
  it('is stopped: it answers what they said before', () => {
    agent.busy = false;
    const caller = turns();
    caller.responseStarted();
    caller.speechStarted('u1');
    expect(did).toEqual([]);
    caller.responseStarted();
    expect(did).toEqual(['interrupt late-response']);
  });

  it.each([
    ['the caller cannot interrupt', () => turns({ speech: 'off' })],
    [
      'it is protected',
      () => {
        agent.protectedMs = 100;
        return turns();
      },
    ],
    ['it is not clear yet whether they do', () => turns({ minSpeechMs: 300 })],
    ['the agent is held', () => turns({ speech: 'reversible' })],
  ])('is left alone when %s', (_why, made) => {
    const caller = made();
    caller.speechStarted('u1');
    caller.responseStarted();
    expect(did.filter((what) => what.startsWith('interrupt'))).toEqual([]);
  });
});

describe('a sound that may be none', () => {
  it('holds the agent, and lets it go on after a noise', () => {
    const caller = turns({ speech: 'reversible', maxNoiseMs: 400 });
    caller.speechStarted('u1');
    clock.advance(700);
    caller.speechStopped('u1');
    expect(did).toEqual(['hold']);
    clock.advance(800);
    expect(did).toEqual(['hold', 'resume noise']);
  });

  it('is an interruption when its transcript has words, and the caller waits for an answer', () => {
    const caller = turns({ speech: 'reversible' });
    caller.speechStarted('u1');
    clock.advance(700);
    caller.speechStopped('u1');
    caller.text('u1', 'Stop.', true);
    expect(did).toEqual(['hold', 'interrupt speech', 'turn']);
    clock.advance(10_000);
    expect(did).toHaveLength(3);
  });

  it('stops the agent for good where it cannot be held', () => {
    agent.reversible = false;
    const caller = turns({ speech: 'reversible' });
    caller.speechStarted('u1');
    clock.advance(700);
    caller.speechStopped('u1');
    expect(did).toEqual(['hold', 'interrupt speech', 'turn']);
  });

  it('is decided when the agent was stopped otherwise, and the turn is still answered', () => {
    const caller = turns({ speech: 'reversible' });
    caller.speechStarted('u1');
    clock.advance(100);
    caller.agentStopped();
    agent.held = false;
    clock.advance(10_000);
    expect(did).toEqual(['hold']);
    caller.speechStopped('u1');
    expect(did).toEqual(['hold', 'turn']);
  });

  it('ends with the session that heard it, and the agent goes on', () => {
    const caller = turns({ speech: 'reversible' });
    caller.speechStarted('u1');
    caller.sessionEnded();
    expect([caller.speaking, did]).toEqual([false, ['hold', 'resume noise']]);
    clock.advance(10_000);
    expect(did).toHaveLength(2);
    caller.speechStarted('u2');
    expect(did.at(-1)).toBe('hold');
  });

  it('leaves no timer behind', () => {
    const caller = turns({ speech: 'reversible' });
    caller.speechStarted('u1');
    expect(clock.pending).toBe(1);
    caller.stop();
    expect(clock.pending).toBe(0);
  });
});
