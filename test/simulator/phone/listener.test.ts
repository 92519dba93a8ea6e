import { expect, it } from 'vitest';
import type { HeardUtterance } from '../../../src/simulator/phone/ear.js';
import { Listener } from '../../../src/simulator/phone/listener.js';

const said = (startMs: number, lastAudibleMs: number, more: Partial<HeardUtterance> = {}): HeardUtterance => ({
  startMs,
  streamOffset: 0,
  lastAudibleMs,
  finishedMs: lastAudibleMs + 700,
  cut: false,
  ...more,
});

/** A caller who spoke from 1000 to 2000, and an agent who has said these things. */
function listening(...utterances: HeardUtterance[]): Listener {
  const listener = new Listener({ utterances, receivedBytes: 0, playedOffset: 0, lastArrivalMs: 0 });
  listener.callerSpeaks(1000);
  listener.callerFellSilent(2000);
  return listener;
}

const { finishedMs: _, ...goingOn } = said(2500, 3000);

it.each<[string, number, boolean, HeardUtterance[]]>([
  ['an answer that is over', 3700, true, [said(2500, 3000)]],
  ['an answer that goes on', 3700, false, [goingOn]],
  ['what was over before the caller was', 9000, false, [said(500, 1500)]],
  ['what was said while the caller spoke, for a while', 5999, false, [said(1100, 1500)]],
  ['what was said while the caller spoke, when nothing comes any more', 6000, true, [said(1100, 1500)]],
  ['what was cut while the caller spoke', 9000, false, [said(1100, 1500, { cut: true })]],
  ['what the caller interrupted', 9000, false, [said(500, 2900)]],
  ['what went on over the caller', 9000, true, [said(500, 3000)]],
])('%s: at %i ms heard out is %s', (_, nowMs, heard, utterances) => {
  expect(listening(...utterances).heardOut(nowMs)).toBe(heard);
});

it('hears each thing out once', () => {
  const listener = listening(said(2500, 3000));
  expect([listener.heardOut(3700), listener.heardOut(3700)]).toEqual([true, false]);
  expect(listener.answer()).toBeUndefined();
});

it('waits for what comes instead of an answer that a cough has cut', () => {
  const listener = listening(said(2500, 3000, { cut: true }));
  listener.callerSounds(2900);
  expect(listener.heardOut(9000)).toBe(false);
  expect(listener.callerBeganMs).toBe(2900);
  expect(listener.answer()).toBeUndefined();
});

it('takes for an answer what began after the caller did, the latest of it', () => {
  expect(listening(said(500, 900)).answer()).toBeUndefined();
  expect(listening(said(500, 900), said(2500, 3000), said(4000, 4100)).answer()?.startMs).toBe(4000);
});
