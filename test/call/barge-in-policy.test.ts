import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BargeInGate,
  type GateOptions,
  type GateVerdict,
  stopLagMs,
  turnTaking,
} from '../../src/call/barge-in-policy.js';
import { type BargeInPolicy, DEFAULT_BARGE_IN } from '../../src/call/plan.js';

const SPEAKS = { busy: true, protectedMs: 0 };
const SILENT = { busy: false, protectedMs: 0 };

function gate(policy: Partial<BargeInPolicy> = {}, options: Partial<GateOptions> = {}): BargeInGate {
  return new BargeInGate({
    policy: { ...DEFAULT_BARGE_IN, ...policy },
    stopLagMs: 500,
    transcribed: false,
    transcriptWaitMs: 800,
    ...options,
  });
}

const reversible = { speech: 'reversible', maxNoiseMs: 600, backchannels: ['mm-hm', 'yeah'] } as const;

describe('immediate barge-in', () => {
  it('stops the agent at the model’s word, and asks for an answer when the caller has finished', () => {
    const one = gate();
    expect(one.speechStarted(0, SPEAKS)).toEqual({ do: 'interrupt' });
    expect(one.speechStopped(2000)).toEqual({ do: 'answer' });
  });

  it('does nothing while the agent is silent', () => {
    const one = gate();
    expect(one.speechStarted(0, SILENT)).toEqual({ do: 'ignore' });
    expect(one.speechStopped(2000)).toEqual({ do: 'answer' });
  });

  it('stops the agent again when speech is reported twice in a row and the agent has begun anew', () => {
    const one = gate();
    one.speechStarted(0, SILENT);
    expect(one.speechStarted(100, SPEAKS)).toEqual({ do: 'interrupt' });
  });
});

describe('speech that must last', () => {
  it('stops the agent when it has', () => {
    const one = gate({ minSpeechMs: 300 });
    // The model notices the end of a sound 500 ms late: only then is it sure that this one lasts.
    expect(one.speechStarted(0, SPEAKS)).toEqual({ do: 'wait', askAtMs: 800 });
    expect(one.due(799, SPEAKS)).toEqual({ do: 'wait', askAtMs: 800 });
    expect(one.due(800, SPEAKS)).toEqual({ do: 'interrupt' });
  });

  it('lets a short sound pass, and asks for no answer to it', () => {
    const one = gate({ minSpeechMs: 300 });
    one.speechStarted(0, SPEAKS);
    expect(one.speechStopped(700)).toEqual({ do: 'ignore' });
    expect(one.due(800, SPEAKS)).toEqual({ do: 'ignore' });
  });

  it('answers a short word that was said while the agent was silent', () => {
    const one = gate({ minSpeechMs: 300 });
    one.speechStarted(0, SILENT);
    expect(one.speechStopped(700)).toEqual({ do: 'answer' });
  });

  it('finds nothing to stop when the agent has finished meanwhile', () => {
    const one = gate({ minSpeechMs: 300 });
    one.speechStarted(0, SPEAKS);
    expect(one.due(800, SILENT)).toEqual({ do: 'ignore' });
    expect(one.speechStopped(2000)).toEqual({ do: 'answer' });
  });
});

describe('no barge-in', () => {
  it('lets the agent finish and answers what was said meanwhile', () => {
    const one = gate({ speech: 'off' });
    expect(one.speechStarted(0, SPEAKS)).toEqual({ do: 'ignore' });
    expect(one.due(5000, SPEAKS)).toEqual({ do: 'ignore' });
    expect(one.speechStopped(6000)).toEqual({ do: 'answer' });
  });
});

describe('a disclosure', () => {
  it('is heard to its end, and a caller who still speaks then stops what follows it', () => {
    const one = gate();
    expect(one.speechStarted(0, { busy: true, protectedMs: 1500 })).toEqual({ do: 'wait', askAtMs: 1500 });
    expect(one.due(1500, { busy: true, protectedMs: 20 })).toEqual({ do: 'wait', askAtMs: 1520 });
    expect(one.due(1520, SPEAKS)).toEqual({ do: 'interrupt' });
  });

  it('does not hinder the answer to what was said over it', () => {
    const one = gate();
    one.speechStarted(0, { busy: true, protectedMs: 1500 });
    expect(one.speechStopped(900)).toEqual({ do: 'answer' });
  });

  it('is stopped by no key', () => {
    expect(gate().digit('1', { busy: true, protectedMs: 1 })).toBe(false);
    expect(gate().digit('1', SPEAKS)).toBe(true);
  });
});

describe('keys', () => {
  it.each([
    ['any', '7', true],
    ['none', '7', false],
    ['07#', '7', true],
    ['07#', '8', false],
  ])('with the policy %j and the key %s interrupt: %s', (digits, key, interrupts) => {
    expect(gate({ digits }).digit(key, SPEAKS)).toBe(interrupts);
  });
});

describe('reversible barge-in without a transcript', () => {
  it('goes on after a short sound', () => {
    const one = gate(reversible);
    expect(one.speechStarted(0, SPEAKS)).toEqual({ do: 'hold', askAtMs: 1100 });
    expect(one.holding).toBe(true);
    expect(one.speechStopped(800)).toEqual({ do: 'resume', sound: 'noise' });
    expect(one.holding).toBe(false);
  });

  it('stands when the sound goes on', () => {
    const one = gate(reversible);
    one.speechStarted(0, SPEAKS);
    expect(one.due(1100, SPEAKS)).toEqual({ do: 'commit', turnOver: false });
    expect(one.speechStopped(3000)).toEqual({ do: 'answer' });
  });

  it('stands when the sound was longer than noise, and the caller waits for an answer', () => {
    const one = gate(reversible);
    one.speechStarted(0, SPEAKS);
    expect(one.speechStopped(1099, 700)).toEqual({ do: 'commit', turnOver: true });
  });

  it('needs no hold while the agent is silent', () => {
    const one = gate(reversible);
    expect(one.speechStarted(0, SILENT)).toEqual({ do: 'ignore' });
    expect(one.speechStopped(700)).toEqual({ do: 'answer' });
  });

  it('waits for speech that must last before it silences the agent', () => {
    const one = gate({ ...reversible, minSpeechMs: 200 });
    expect(one.speechStarted(0, SPEAKS)).toEqual({ do: 'wait', askAtMs: 700 });
    expect(one.due(700, SPEAKS)).toEqual({ do: 'hold', askAtMs: 1100 });
  });
});

describe('reversible barge-in with a transcript', () => {
  const transcribed = { transcribed: true };

  it('waits for the words of a short sound, and goes on when there are none', () => {
    const one = gate(reversible, transcribed);
    // As long as a backchannel may last, and the time the model takes to notice its end.
    expect(one.speechStarted(0, SPEAKS, 'u1')).toEqual({ do: 'hold', askAtMs: 1700 });
    expect(one.speechStopped(800)).toEqual({ do: 'wait', askAtMs: 1600 });
    expect(one.callerText('', true, 'u1')).toEqual({ do: 'resume', sound: 'noise' });
  });

  it('goes on after "mm-hm", also when it was longer than noise', () => {
    const one = gate(reversible, transcribed);
    one.speechStarted(0, SPEAKS, 'u1');
    expect(one.speechStopped(1400)).toEqual({ do: 'wait', askAtMs: 2200 });
    expect(one.callerText('Mm-hm. Yeah.', true, 'u1')).toEqual({ do: 'resume', sound: 'backchannel' });
  });

  it('stands when a short sound was a word', () => {
    const one = gate(reversible, transcribed);
    one.speechStarted(0, SPEAKS, 'u1');
    one.speechStopped(700);
    expect(one.callerText('Stop!', true, 'u1')).toEqual({ do: 'commit', turnOver: true });
  });

  it('goes by the length alone when the transcript does not come', () => {
    const short = gate(reversible, transcribed);
    short.speechStarted(0, SPEAKS);
    short.speechStopped(800);
    expect(short.due(1599, SPEAKS)).toEqual({ do: 'wait', askAtMs: 1600 });
    expect(short.due(1600, SPEAKS)).toEqual({ do: 'resume', sound: 'noise' });
    const long = gate(reversible, transcribed);
    long.speechStarted(0, SPEAKS);
    long.speechStopped(1400);
    expect(long.due(2200, SPEAKS)).toEqual({ do: 'commit', turnOver: true });
  });

  it('is not misled by the words of an earlier turn, which come late', () => {
    const one = gate(reversible, transcribed);
    one.speechStarted(0, SPEAKS, 'u2');
    expect(one.callerText('I would like to book a table', true, 'u1')).toEqual({ do: 'wait', askAtMs: 1700 });
    expect(one.speechStopped(700)).toEqual({ do: 'wait', askAtMs: 1500 });
  });

  it('stands before the caller has finished when enough words are there, and not for "mm"', () => {
    const one = gate(reversible, transcribed);
    one.speechStarted(0, SPEAKS, 'u1');
    expect(one.callerText('mm', false, 'u1')).toEqual({ do: 'wait', askAtMs: 1700 });
    expect(one.callerText('mm no I', false, 'u1')).toEqual({ do: 'commit', turnOver: false });
  });

  it('uses a transcript that comes before the model says that speech has stopped', () => {
    const one = gate(reversible, transcribed);
    one.speechStarted(0, SPEAKS, 'u1');
    expect(one.callerText('mm-hm', true, 'u1')).toEqual({ do: 'wait', askAtMs: 1700 });
    expect(one.speechStopped(800)).toEqual({ do: 'resume', sound: 'backchannel' });
  });

  it('begins anew when the caller makes another sound before the first is judged', () => {
    const one = gate(reversible, transcribed);
    one.speechStarted(0, SPEAKS, 'u1');
    one.speechStopped(700);
    expect(one.speechStarted(900, SPEAKS, 'u2')).toEqual({ do: 'wait', askAtMs: 2600 });
    expect(one.callerText('mm-hm', true, 'u1')).toEqual({ do: 'wait', askAtMs: 2600 });
    expect(one.callerText('wait', true, 'u2')).toEqual({ do: 'commit', turnOver: false });
  });

  it('keeps the first time when speech is reported twice in a row', () => {
    const one = gate(reversible, transcribed);
    one.speechStarted(0, SPEAKS, 'u1');
    expect(one.speechStarted(20, SPEAKS, 'u1')).toEqual({ do: 'wait', askAtMs: 1700 });
  });

  it('leaves nothing open when a key has stopped the agent meanwhile', () => {
    const one = gate(reversible, transcribed);
    one.speechStarted(0, SPEAKS, 'u1');
    one.stopped();
    expect(one.due(1700, SPEAKS)).toEqual({ do: 'ignore' });
    expect(one.callerText('hello', true, 'u1')).toEqual({ do: 'ignore' });
    expect(one.speechStopped(2000)).toEqual({ do: 'answer' });
  });
});

describe('a hold, whatever happens in whatever order', () => {
  it('is decided once, as soon as nothing more is to be heard and the time that was named has come', () => {
    const event = fc.oneof(
      fc.constant('started' as const),
      fc.constant('stopped' as const),
      fc.constantFrom('', 'mm-hm', 'stop it now please', 'mm …'),
    );
    const schedule = fc.array(fc.record({ afterMs: fc.integer({ min: 0, max: 900 }), event }), { maxLength: 30 });
    fc.assert(
      fc.property(schedule, fc.boolean(), (events, transcribed) => {
        const one = gate(reversible, { transcribed });
        let nowMs = 0;
        let held = false;
        let askAtMs: number | undefined;
        const obey = (verdict: GateVerdict): void => {
          if (verdict.do === 'hold') {
            expect(held).toBe(false);
            held = true;
          }
          if (verdict.do === 'resume' || verdict.do === 'commit') {
            expect(held).toBe(true);
            held = false;
          }
          askAtMs = 'askAtMs' in verdict ? verdict.askAtMs : undefined;
          expect(one.holding).toBe(held);
        };
        for (const { afterMs, event } of events) {
          const toMs = nowMs + afterMs;
          for (; askAtMs !== undefined && askAtMs <= toMs; ) {
            nowMs = Math.max(nowMs, askAtMs);
            askAtMs = undefined;
            obey(one.due(nowMs, SPEAKS));
          }
          nowMs = toMs;
          if (event === 'started') obey(one.speechStarted(nowMs, SPEAKS));
          else if (event === 'stopped') obey(one.speechStopped(nowMs));
          else obey(one.callerText(event, !event.endsWith('…')));
          if (held) expect(askAtMs).toBeDefined();
        }
        for (let asked = 0; held; asked++) {
          expect(asked).toBeLessThan(3);
          nowMs = askAtMs!;
          obey(one.due(nowMs, SPEAKS));
        }
      }),
    );
  });
});

describe('what a policy asks of the model', () => {
  const greeting = { by: 'model', interruptible: true } as const;

  it.each([
    ['immediate', 0, { createsResponses: true, interruptsResponses: true }],
    ['immediate', 200, { createsResponses: false, interruptsResponses: false }],
    ['reversible', 0, { createsResponses: false, interruptsResponses: false }],
    ['off', 0, { createsResponses: true, interruptsResponses: false }],
  ] as const)('with %s speech of at least %i ms', (speech, minSpeechMs, expected) => {
    expect(turnTaking({ ...DEFAULT_BARGE_IN, speech, minSpeechMs }, greeting)).toEqual(expected);
  });

  it('with a greeting that stands, which the model must not end by itself', () => {
    expect(turnTaking(DEFAULT_BARGE_IN, { by: 'model', interruptible: false }).interruptsResponses).toBe(false);
    const recorded = { payload: '', text: '' };
    expect(turnTaking(DEFAULT_BARGE_IN, { by: recorded, interruptible: false }).interruptsResponses).toBe(true);
  });

  it('knows how late the model notices that a sound is over', () => {
    expect(stopLagMs({ type: 'server_vad', silenceMs: 300 })).toBe(300);
    expect(stopLagMs({ type: 'server_vad' })).toBe(500);
    expect(stopLagMs({ type: 'semantic_vad' })).toBe(500);
  });
});
