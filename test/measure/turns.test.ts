import { describe, expect, it } from 'vitest';
import { encodeMulaw } from '../../src/audio/g711.js';
import { findTurns } from '../../src/measure/turns.js';
import { findUtterances } from '../../src/measure/utterances.js';
import { join, loud, quiet, RecordBuilder } from '../helpers/call-records.js';

function turnsOf(builder: RecordBuilder, endMs = 10_000) {
  const record = builder.ends(endMs);
  return findTurns(record.speech, findUtterances(record), record.startedAtMs, record.endedAtMs);
}

describe('turns', () => {
  it('measures from the last sample of the caller to the first audible sample played', () => {
    const { turns } = turnsOf(new RecordBuilder().says(500, 2000).hears(2800, loud(1000)));
    expect(turns.map(({ playoutMs }) => playoutMs)).toEqual([800]);
    expect(turns[0]?.ingressMs).toBe(800);
  });

  it('does not take silence in front of an answer for the answer', () => {
    const { turns } = turnsOf(new RecordBuilder().says(500, 2000).hears(2800, join(quiet(137), loud(1000))));
    expect(turns[0]?.playoutMs).toBe(937);
    expect(turns[0]?.ingressMs).toBe(800);
  });

  it('is negative when the agent talks over the caller, and never clamped', () => {
    const { turns } = turnsOf(new RecordBuilder().says(500, 2000).hears(1700, loud(1000)));
    expect(turns[0]?.playoutMs).toBe(-300);
  });

  it('keeps the greeting apart from the answers', () => {
    const { turns, greetingMs } = turnsOf(
      new RecordBuilder().hears(123, loud(1000)).says(2000, 3000).hears(3500, loud(1000)),
    );
    expect(greetingMs).toBe(123);
    expect(turns.map(({ playoutMs }) => playoutMs)).toEqual([500]);
  });

  it('has no greeting when the caller speaks first', () => {
    expect(turnsOf(new RecordBuilder().says(100, 900).hears(1500, loud(500))).greetingMs).toBeUndefined();
  });

  it('counts from the last of several stretches of speech that were answered together', () => {
    const { turns } = turnsOf(new RecordBuilder().says(500, 1000).says(1700, 2400).hears(3000, loud(500)));
    expect(turns.map(({ playoutMs }) => playoutMs)).toEqual([600]);
  });

  it('gives an answer that begins just as the caller goes on to what was said before', () => {
    const { turns } = turnsOf(
      new RecordBuilder().says(500, 1000).says(2300, 3000).hears(2350, loud(300)).clear(2600).hears(3700, loud(500)),
    );
    expect(turns.map(({ playoutMs }) => playoutMs)).toEqual([1350, 700]);
  });

  it('lists a turn without an answer without a latency', () => {
    const { turns } = turnsOf(new RecordBuilder().says(500, 1000));
    expect(turns).toHaveLength(1);
    expect(turns[0]?.playoutMs).toBeUndefined();
  });

  it('tells a filler from the answer behind it', () => {
    const filler = turnsOf(new RecordBuilder().says(0, 1000).hears(1400, join(loud(300), quiet(400), loud(1000))));
    expect(filler.turns[0]).toMatchObject({ playoutMs: 400, answerMs: 1100 });
    const breath = turnsOf(new RecordBuilder().says(0, 1000).hears(1400, join(loud(300), quiet(100), loud(1000))));
    expect(breath.turns[0]?.answerMs).toBeUndefined();
  });

  it('finds the answer behind a filler after any silence that is still part of it', () => {
    const tool = turnsOf(new RecordBuilder().says(0, 1000).hears(1400, loud(300)).hears(3200, loud(1000)));
    expect(tool.turns).toMatchObject([{ playoutMs: 400, answerMs: 2200 }]);
    const stillThere = turnsOf(new RecordBuilder().says(0, 1000).hears(1400, loud(300)).hears(7200, loud(1000)));
    expect(stillThere.turns[0]?.answerMs).toBeUndefined();
    const asked = turnsOf(
      new RecordBuilder().says(0, 1000).hears(1400, loud(300)).says(2500, 3000).hears(3300, loud(500)),
    );
    expect(asked.turns.map(({ answerMs }) => answerMs)).toEqual([undefined, undefined]);
  });

  it('takes a greeting that begins as the caller does for a greeting', () => {
    const { turns, greetingMs } = turnsOf(
      new RecordBuilder().says(100, 900).hears(180, loud(1000)).hears(2500, loud(500)),
    );
    expect(greetingMs).toBe(180);
    expect(turns.map(({ playoutMs }) => playoutMs)).toEqual([1600]);
  });

  it('counts words as unanswered after which nobody spoke for longer than a pause lasts', () => {
    const pause = turnsOf(new RecordBuilder().says(500, 1000).says(5000, 5500).hears(6000, loud(500)));
    expect(pause.turns.map(({ playoutMs }) => playoutMs)).toEqual([500]);
    const ignored = turnsOf(new RecordBuilder().says(500, 1000).says(7000, 7500).hears(8000, loud(500)));
    expect(ignored.turns.map(({ playoutMs }) => playoutMs)).toEqual([undefined, 500]);
  });

  it('does not take what is leaked after a clear for an answer', () => {
    const { turns } = turnsOf(
      new RecordBuilder()
        .says(0, 1000)
        .hears(1500, loud(3000))
        .says(2500, 3500)
        .clear(2700)
        .hears(2900, loud(200, 2))
        .hears(4200, loud(500, 3)),
    );
    expect(turns.map(({ playoutMs }) => playoutMs)).toEqual([500, 700]);
  });

  it('prints the spread of the onset rules', () => {
    const steep = turnsOf(new RecordBuilder().says(0, 1000).hears(1400, loud(500)));
    expect(steep.turns[0]?.spreadMs).toBe(0);
    // ±80 is -52.2 dBov: loud enough for the sensitive rule only.
    const soft = encodeMulaw(Int16Array.from({ length: 60 * 8 }, (_, index) => (index % 2 ? 80 : -80)));
    const slow = turnsOf(new RecordBuilder().says(0, 1000).hears(1400, join(soft, loud(500))));
    expect(slow.turns[0]?.spreadMs).toBe(60);
  });
});
