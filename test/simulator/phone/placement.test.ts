import { describe, expect, it } from 'vitest';
import { type Anchor, type PlacementFacts, placementOf } from '../../../src/simulator/phone/placement.js';

const said = (startMs: number, lastAudibleMs: number) => ({ startMs, lastAudibleMs, streamOffset: 0, cut: false });
const FACTS: PlacementFacts = {
  nowMs: 9000,
  utterances: [said(2000, 4000), said(6000, 8500)],
  before: 1,
  waitingMs: 0,
  callStartMs: 1000,
  callerDoneMs: 5000,
};

describe('the place of something in a conversation', () => {
  it.each<[string, Anchor, number | undefined]>([
    ['the start of the call', { after: 'call-start', ms: 250 }, 1250],
    ['what the caller did', { after: 'caller', ms: 300 }, 5300],
    ['the beginning of the answer', { after: 'agent-starts', nth: 1, ms: 1200 }, 7200],
    ['the beginning of what was going on already', { after: 'agent-starts', nth: 0, ms: 700 }, 2700],
    ['the end of the answer', { after: 'agent-finishes', nth: 1, ms: 480 }, 8980],
    ['an answer that has not come', { after: 'agent-starts', nth: 2, ms: 0 }, undefined],
    ['the end of an answer that has not come', { after: 'agent-finishes', nth: 2, ms: 0 }, undefined],
  ])('counts from %s', (_, anchor, atMs) => {
    expect(placementOf(anchor, FACTS)).toBe(atMs);
  });

  it('is not known while the agent has more to play, however long its pause', () => {
    const anchor = { after: 'agent-finishes', nth: 1, ms: 480 } as const;
    expect(placementOf(anchor, { ...FACTS, waitingMs: 301 })).toBe(Number.POSITIVE_INFINITY);
    expect(placementOf(anchor, { ...FACTS, waitingMs: 300 })).toBe(8980);
  });

  it('takes silence that is played on and on for an end', () => {
    const anchor = { after: 'agent-finishes', nth: 1, ms: 480 } as const;
    expect(placementOf(anchor, { ...FACTS, waitingMs: 9999, nowMs: 13_500 })).toBe(8980);
  });

  it('waits for the last thing an agent says when it says more than it did', () => {
    const utterances = [...FACTS.utterances, said(10_000, 11_000)];
    expect(placementOf({ after: 'agent-finishes', nth: 1, ms: 480 }, { ...FACTS, utterances })).toBe(11_480);
  });
});
