import { describe, expect, it } from 'vitest';
import { planReplay, type RecordedCall, utterancesOf } from '../../../src/simulator/phone/replay-plan.js';
import { join, loud, quiet } from '../../helpers/call-records.js';

const said = (startMs: number, endMs: number, interrupts = false) => ({ startMs, endMs, interrupts });

/** The agent speaks from 500 to 1500, and from 3000 until it is cut off at 4400; the caller from 1980 and from 4200. */
const CALL: RecordedCall = {
  callerLane: join(quiet(1980), loud(500), quiet(1720), loud(300, 2), quiet(1800)),
  heardLane: join(quiet(500), loud(1000), quiet(1500), loud(1400), quiet(1600)),
  speech: [said(1980, 2480), said(4200, 4500, true)],
  sounds: [],
  digits: [],
  clears: [{ atMs: 4400 }],
  hungUpMs: 6000,
};

const places = (call: Partial<RecordedCall> = {}): unknown[] =>
  planReplay({ ...CALL, ...call }).map((step) => (step.type === 'place' ? step.anchor : step.type));

describe('the caller of a recorded call', () => {
  it('is placed relative to what the agent did before it', () => {
    expect(places()).toEqual([
      { after: 'agent-finishes', nth: 1, ms: 480 },
      'say',
      { after: 'agent-starts', nth: 1, ms: 1200 },
      'say',
      { after: 'caller', ms: 1500 },
      'hangup',
    ]);
  });

  it('says the recorded samples, labelled as they were', () => {
    const [, first, , second] = planReplay({
      ...CALL,
      speech: [{ ...said(1980, 2480), text: 'hello' }, said(4200, 4500, true)],
    });
    expect(first).toMatchObject({
      type: 'say',
      clip: { speech: [{ startSample: 0, endSample: 4000, text: 'hello' }] },
    });
    expect(first?.type === 'say' && first.clip.audio).toEqual(loud(500));
    expect(second).toMatchObject({ clip: { speech: [{ startSample: 0, endSample: 2400, interrupts: true }] } });
  });

  it('keeps its own pauses when the agent does nothing in them', () => {
    const speech = [said(1600, 1980), said(1980, 2480)];
    expect(places({ speech })).toEqual([
      { after: 'agent-finishes', nth: 1, ms: 100 },
      'say',
      { after: 'agent-finishes', nth: 1, ms: 1600 },
      'hangup',
    ]);
  });

  it('speaks first when it did, and is patient for as long as it was and five seconds more', () => {
    const [place] = planReplay({ ...CALL, speech: [said(100, 400)] });
    expect(place).toEqual({ type: 'place', anchor: { after: 'call-start', ms: 100 }, timeoutMs: 5100 });
  });

  it('speaks into what was going on already', () => {
    // A hum at 700 and a word at 1400, both into the greeting; between them the agent began and ended nothing.
    const sounds = [{ startMs: 700, endMs: 900, kind: 'backchannel' as const }];
    const steps = planReplay({ ...CALL, sounds, speech: [said(1400, 1450)], clears: [] });
    expect(steps[0]).toMatchObject({ anchor: { after: 'agent-starts', nth: 1, ms: 200 } });
    expect(steps[1]).toMatchObject({
      clip: {
        speech: [
          { startSample: 0, endSample: 1600, sound: 'backchannel' },
          { startSample: 5600, endSample: 6000 },
        ],
      },
    });
    const [, , hangup] = steps;
    expect(hangup).toMatchObject({ anchor: { after: 'agent-finishes', nth: 1, ms: 1600 } });
  });

  it('presses its keys where it pressed them', () => {
    expect(places({ speech: [], digits: [{ atMs: 2100, digit: '5' }] }).slice(0, 2)).toEqual([
      { after: 'agent-finishes', nth: 1, ms: 500 },
      'digits',
    ]);
  });

  it('stays on the line when it was not the caller who ended the call', () => {
    const { hungUpMs: _, ...call } = CALL;
    expect(planReplay(call).some(({ type }) => type === 'hangup')).toBe(false);
  });

  it('hands on the noise of its line, and not silence', () => {
    const noise = loud(6000, 3);
    const [place] = planReplay({ ...CALL, callerLane: noise });
    expect(place?.type === 'place' && place.meanwhile).toEqual(noise.slice(0, 1980 * 8));
    expect(planReplay(CALL)[0]).not.toHaveProperty('meanwhile');
  });
});

describe('the agent of a recorded call', () => {
  it('is heard as it was in the call: what was said, and what a clear cut off', () => {
    expect(utterancesOf(CALL.heardLane, CALL.clears)).toMatchObject([
      { startMs: 500, lastAudibleMs: 1500, cut: false },
      { startMs: 3000, lastAudibleMs: 4400, cut: true },
    ]);
    expect(utterancesOf(quiet(1000), [])).toEqual([]);
  });
});
