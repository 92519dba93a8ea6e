import { describe, expect, it } from 'vitest';
import { MULAW_SILENCE } from '../../../src/audio/g711.js';
import { type AgentView, Caller } from '../../../src/simulator/phone/caller.js';
import type { HeardUtterance } from '../../../src/simulator/phone/ear.js';
import { planReplay, utterancesOf } from '../../../src/simulator/phone/replay-plan.js';
import type { Step } from '../../../src/simulator/phone/script/steps.js';
import { join, loud, quiet } from '../../helpers/call-records.js';
import { callerOf } from '../../helpers/phone.js';

const FRAME = 160;

interface Performance {
  readonly lane: Uint8Array;
  readonly spokeMs: readonly number[];
  readonly timeouts: readonly number[];
  readonly lastedMs: number;
}

/** Performs a caller against an agent who is heard with `heardLane`, whatever the caller does. */
function perform(steps: readonly Step[], heardLane: Uint8Array): Performance {
  const utterances: HeardUtterance[] = [];
  const known = utterancesOf(heardLane, []);
  const agent: AgentView = { utterances, receivedBytes: 0, playedOffset: 0, lastArrivalMs: 0 };
  const [spokeMs, timeouts]: [number[], number[]] = [[], []];
  const caller = new Caller({
    script: callerOf(...steps),
    agent,
    startMs: 0,
    lingerMs: 1000,
    digitMs: 100,
    onSpeechStart: ({ startMs }) => void spokeMs.push(startMs),
    onSpeechEnd: () => {},
    onSound: () => {},
    onDigit: () => {},
    onTimeout: (step) => void timeouts.push(step),
    onExpectation: () => {},
    onDrop: () => {},
    onReconnect: () => {},
  });
  const lane = new Uint8Array(60 * 8000).fill(MULAW_SILENCE);
  for (let from = 0; from < lane.length; from += FRAME) {
    const nowMs = (from + FRAME) / 8;
    utterances.splice(
      0,
      utterances.length,
      ...known.filter(({ startMs }) => startMs + 20 <= nowMs).map((each) => asOf(each, nowMs)),
    );
    if (!caller.render(lane.subarray(from, from + FRAME), from)) return { lane, spokeMs, timeouts, lastedMs: from / 8 };
  }
  return { lane, spokeMs, timeouts, lastedMs: Number.POSITIVE_INFINITY };
}

/** What can be known of an utterance at a moment. */
function asOf({ finishedMs, ...utterance }: HeardUtterance, nowMs: number): HeardUtterance {
  const lastAudibleMs = Math.min(utterance.lastAudibleMs, Math.floor(nowMs / 10) * 10);
  const over = finishedMs !== undefined && finishedMs <= nowMs;
  return { ...utterance, lastAudibleMs, ...(over && { finishedMs }) };
}

const said = (startMs: number, endMs: number) => ({ startMs, endMs, interrupts: false });

/** The agent speaks 500–1500 and 3000–6000; the caller 480 ms after the first, 1.2 s into the second, hangs up 800 ms after. */
const RECORDED = planReplay({
  callerLane: join(quiet(1980), loud(500), quiet(1720), loud(300, 2), quiet(3000)),
  heardLane: join(quiet(500), loud(1000), quiet(1500), loud(3000), quiet(1500)),
  speech: [said(1980, 2480), said(4200, 4500)],
  sounds: [],
  digits: [],
  clears: [],
  hungUpMs: 6800,
});

describe('the caller of a recorded call, played again', () => {
  it('does the same in the same call', () => {
    const { spokeMs, lane, lastedMs } = perform(
      RECORDED,
      join(quiet(500), loud(1000), quiet(1500), loud(3000), quiet(5000)),
    );
    expect(spokeMs).toEqual([1980, 4200]);
    expect(lane.slice(1980 * 8, 2480 * 8)).toEqual(loud(500));
    expect(lastedMs).toBe(6800);
  });

  it('keeps its distances to an agent who is slower and says more', () => {
    // The greeting ends at 3000, with a pause in it; the answer begins at 7000 and ends at 12000.
    const heard = join(quiet(1000), loud(1000), quiet(300), loud(700), quiet(4000), loud(5000), quiet(5000));
    const { spokeMs, lastedMs, timeouts } = perform(RECORDED, heard);
    expect(spokeMs).toEqual([3480, 8200]);
    expect(lastedMs).toBe(12_800);
    expect(timeouts).toEqual([]);
  });

  it('goes on without an agent who never answers', () => {
    const { spokeMs, timeouts, lastedMs } = perform(RECORDED, join(quiet(500), loud(1000), quiet(30_000)));
    // The recorded caller waited 1720 ms for the answer and into it; it waits 5 s longer.
    expect(spokeMs).toEqual([1980, 2480 + 1720 + 5000]);
    expect(timeouts).toEqual([2]);
    // What ended while the caller still spoke counts from the caller's last word.
    expect(lastedMs).toBe(9200 + 300 + 800);
  });

  it('carries the noise of its line while it waits, over and over', () => {
    const steps: Step[] = [
      { type: 'place', anchor: { after: 'call-start', ms: 50 }, timeoutMs: 1000, meanwhile: Uint8Array.of(1, 2, 3) },
      { type: 'hangup' },
    ];
    const { lane } = perform(steps, quiet(100));
    expect([...lane.subarray(0, 7)]).toEqual([1, 2, 3, 1, 2, 3, 1]);
    expect(lane.subarray(0, 400).every((sample) => sample <= 3)).toBe(true);
    expect(lane[400]).toBe(MULAW_SILENCE);
  });
});
