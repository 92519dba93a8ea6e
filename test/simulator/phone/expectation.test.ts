import { describe, expect, it } from 'vitest';
import type { HeardUtterance } from '../../../src/simulator/phone/ear.js';
import {
  type Condition,
  describe as describeCondition,
  type Facts,
  judge,
} from '../../../src/simulator/phone/expectation.js';

const heard = (startMs: number, lastAudibleMs: number, more: Partial<HeardUtterance> = {}): HeardUtterance => ({
  startMs,
  streamOffset: 0,
  lastAudibleMs,
  cut: false,
  ...more,
});

/** The caller began at 1000 and has been silent since 2000. */
function facts(nowMs: number, more: Partial<Facts> = {}): Facts {
  const utterances = more.utterances ?? [];
  return {
    utterances,
    answer: utterances.findLast(({ startMs, cut }) => startMs >= 1000 && !cut),
    beganMs: 1000,
    sinceMs: 2000,
    marks: [],
    lint: { error: 0, warning: 0 },
    nowMs,
    ...more,
  };
}

/** [whether it is met, what was found], or undefined while nobody can tell. */
function verdict(condition: Condition, given: Facts): [boolean, string] | undefined {
  const found = judge(condition, given);
  return found && [found.ok, found.found];
}

describe('that the agent speaks', () => {
  const inTime: Condition = { type: 'speaks', withinMs: 800 };

  it("is met by the time of the onset, counted from the caller's last word", () => {
    expect(verdict(inTime, facts(2830, { utterances: [heard(2800, 2820)] }))).toEqual([true, 'it spoke after 800 ms']);
    expect(verdict(inTime, facts(2840, { utterances: [heard(2801, 2821)] }))).toEqual([false, 'it spoke after 801 ms']);
    expect(verdict(inTime, facts(2100, { utterances: [heard(1900, 2100)] }))).toEqual([
      true,
      'it spoke before the caller had finished',
    ]);
  });

  it('is not decided before an onset in time could have been noticed', () => {
    expect(verdict(inTime, facts(2829))).toBeUndefined();
    expect(judge(inTime, facts(2840))).toEqual({ ok: false, found: 'it said nothing', atMs: 2830 });
  });

  it('is answered at once when no time is given', () => {
    expect(verdict({ type: 'speaks' }, facts(2001))).toEqual([false, 'it said nothing']);
    expect(verdict({ type: 'speaks' }, facts(9001, { utterances: [heard(9000, 9001)] }))).toEqual([
      true,
      'it spoke after 7000 ms',
    ]);
  });
});

describe('that the agent stays silent', () => {
  const forTwo: Condition = { type: 'silent', forMs: 2000 };

  it('is met when the time is over, and not met by the first sound in it', () => {
    expect(verdict(forTwo, facts(4029))).toBeUndefined();
    expect(verdict(forTwo, facts(4040))).toEqual([true, 'it said nothing']);
    expect(verdict(forTwo, facts(3520, { utterances: [heard(3500, 3520)] }))).toEqual([
      false,
      'it spoke after 1500 ms',
    ]);
    expect(verdict(forTwo, facts(2020, { utterances: [heard(900, 2010)] }))).toEqual([false, 'it was speaking']);
    expect(verdict(forTwo, facts(4040, { utterances: [heard(900, 1999), heard(4001, 4020)] }))).toEqual([
      true,
      'it said nothing',
    ]);
  });

  it('without a time means until now', () => {
    expect(verdict({ type: 'silent' }, facts(2001))).toEqual([true, 'it said nothing']);
    expect(verdict({ type: 'silent' }, facts(2001, { utterances: [heard(1500, 2001)] }))).toEqual([false, 'it spoke']);
  });
});

describe('that the agent stops', () => {
  const soon: Condition = { type: 'stops', withinMs: 300 };

  it('is met by the last audible sound of what was spoken over', () => {
    const cut = heard(500, 1250, { finishedMs: 1255, cut: true });
    expect(verdict(soon, facts(1260, { utterances: [cut] }))).toEqual([true, 'it fell silent after 250 ms']);
    const late = heard(500, 1301, { finishedMs: 1301, cut: true });
    expect(verdict(soon, facts(1320, { utterances: [late] }))).toEqual([false, 'it fell silent after 301 ms']);
  });

  it('waits while a silence may be a pause, and not for one who talks on', () => {
    expect(verdict(soon, facts(1700, { utterances: [heard(500, 1250)] }))).toBeUndefined();
    expect(verdict(soon, facts(1320, { utterances: [heard(500, 1310)] }))).toEqual([
      false,
      'it was still speaking after 310 ms',
    ]);
  });

  it('is not met by an agent that was silent anyway', () => {
    expect(verdict(soon, facts(1400))).toEqual([false, 'it was not speaking']);
    expect(verdict(soon, facts(1400, { utterances: [heard(500, 990, { finishedMs: 1400 })] }))).toEqual([
      false,
      'it was not speaking',
    ]);
  });

  it('without a time means until now', () => {
    expect(verdict({ type: 'stops' }, facts(1500, { utterances: [heard(500, 1490)] }))).toEqual([
      false,
      'it was still speaking',
    ]);
    const cut = heard(500, 1600, { finishedMs: 1600, cut: true });
    expect(verdict({ type: 'stops' }, facts(1700, { utterances: [cut] }))).toEqual([
      true,
      'it fell silent after 600 ms',
    ]);
  });
});

describe('that the agent goes on', () => {
  const on: Condition = { type: 'goes-on', forMs: 1000 };

  it('is met when it is still to be heard so long after the sound began', () => {
    expect(verdict(on, facts(1990, { utterances: [heard(500, 1980)] }))).toBeUndefined();
    expect(verdict(on, facts(2010, { utterances: [heard(500, 2000)] }))).toEqual([
      true,
      'it was still speaking after 1000 ms',
    ]);
  });

  it('is not met when it fell silent, or was silent before', () => {
    const cut = heard(500, 1040, { finishedMs: 1045, cut: true });
    expect(verdict(on, facts(1060, { utterances: [cut] }))).toEqual([false, 'it fell silent after 40 ms']);
    expect(verdict(on, facts(1060))).toEqual([false, 'it was not speaking']);
  });
});

describe('that a mark comes back', () => {
  it('is met by any mark of this turn, or by one of that name', () => {
    const marks = [
      { name: 'old', atMs: 500 },
      { name: 'new', atMs: 2400 },
    ];
    const { mark, ...rest } = judge({ type: 'mark', withinMs: 500 }, facts(2410, { marks }))!;
    expect([mark, rest.ok, rest.found]).toEqual([marks[1], true, '"new" came back after 400 ms']);
    expect(verdict({ type: 'mark', name: 'old', withinMs: 500 }, facts(2410, { marks }))).toEqual([
      true,
      '"old" came back after 0 ms',
    ]);
    expect(verdict({ type: 'mark', withinMs: 300 }, facts(2410, { marks }))).toEqual([
      false,
      '"new" came back after 400 ms',
    ]);
    expect(verdict({ type: 'mark', name: 'other', withinMs: 500 }, facts(2500, { marks }))).toBeUndefined();
    expect(verdict({ type: 'mark', name: 'other', withinMs: 500 }, facts(2540, { marks }))).toEqual([
      false,
      'none came back',
    ]);
  });
});

describe('that there is no lint', () => {
  it('looks at the level that was asked for', () => {
    const lint = { error: 0, warning: 2 };
    expect(verdict({ type: 'no-lint', level: 'error' }, facts(0, { lint }))).toEqual([true, 'none']);
    expect(verdict({ type: 'no-lint', level: 'warning' }, facts(0, { lint }))).toEqual([false, '2 findings']);
    expect(verdict({ type: 'no-lint', level: 'error' }, facts(0, { lint: { error: 1, warning: 0 } }))).toEqual([
      false,
      '1 finding',
    ]);
  });
});

it.each<[Condition, string]>([
  [{ type: 'speaks', withinMs: 800 }, 'the agent speaks within 800 ms'],
  [{ type: 'silent', forMs: 2000 }, 'the agent stays silent for 2000 ms'],
  [{ type: 'stops', withinMs: 300 }, 'the agent stops within 300 ms'],
  [{ type: 'goes-on', forMs: 1000 }, 'the agent goes on for 1000 ms'],
  [{ type: 'mark', name: 'a', withinMs: 9 }, 'the mark "a" comes back within 9 ms'],
  [{ type: 'mark' }, 'a mark comes back'],
  [{ type: 'no-lint', level: 'error' }, 'no finding of level error'],
])('%j is "%s" for people', (condition, text) => {
  expect(describeCondition(condition)).toBe(text);
});
