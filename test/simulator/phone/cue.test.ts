import { describe, expect, it } from 'vitest';
import { type AgentView, cueOf } from '../../../src/simulator/phone/cue.js';

const answer = { startMs: 1000, streamOffset: 8000, lastAudibleMs: 1020, cut: false };
const NOW_MS = 3000;

/** What has arrived and been played of the answer, and how long ago something arrived last. */
const agent = (arrivedMs: number, playedMs: number, agoMs: number): AgentView => ({
  utterances: [answer],
  receivedBytes: 8000 + arrivedMs * 8,
  playedOffset: 8000 + playedMs * 8,
  lastArrivalMs: NOW_MS - agoMs,
});

describe('a share of an answer', () => {
  it.each([
    ['has not been heard yet of one that has arrived', 0.2, agent(2000, 399, 200), undefined],
    ['has been heard of one that has arrived', 0.2, agent(2000, 400, 200), NOW_MS],
    ['is not known of one that has only begun to arrive', 0.2, agent(500, 400, 10), undefined],
    ['is taken of five seconds while it arrives', 0.2, agent(500, 1000, 10), NOW_MS],
    ['is taken of all that has come when that is more', 0.2, agent(8000, 1599, 10), undefined],
    ['is reached of all that has come when that is more', 0.2, agent(8000, 1600, 10), NOW_MS],
  ])('%s', (_, share, view, cueMs) => {
    expect(cueOf({ share }, answer, view, NOW_MS)).toBe(cueMs);
  });

  it('is reached when the answer is over', () => {
    expect(cueOf({ share: 0.9 }, { ...answer, finishedMs: 2900 }, agent(1000, 1000, 10), NOW_MS)).toBe(NOW_MS);
  });
});
