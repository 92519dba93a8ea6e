import { describe, expect, it } from 'vitest';
import { analyseCall } from '../../src/measure/analyse.js';
import { loud, RecordBuilder, TraceBuilder } from '../helpers/call-records.js';

const answer = loud(4000, 1);

function interrupted(): RecordBuilder {
  return new RecordBuilder().hears(100, answer).says(1500, 2500).clear(1700);
}

describe('truncations', () => {
  it('is the difference between what the model was told and what was played', () => {
    const trace = new TraceBuilder().configured().delta(90, 'item_1', answer).done(95, 'item_1');
    const { truncations, measures } = analyseCall(
      interrupted().ends(5000),
      trace.truncate(1710, 'item_1', 1590).events,
    );
    expect(truncations).toEqual([
      { itemId: 'item_1', totalMs: 4000, playedMs: 1600, toldMs: 1590, errorMs: -10, verdict: 'told' },
    ]);
    expect(measures.samples.get('truncation.error_ms')).toEqual([-10]);
    expect(measures.samples.get('truncation.abs_error_ms')).toEqual([10]);
  });

  it('sees the error of a relay that takes what was sent for what was heard', () => {
    const trace = new TraceBuilder().configured().delta(90, 'item_1', answer).truncate(1710, 'item_1', 4000);
    expect(analyseCall(interrupted().ends(5000), trace.events).measures.samples.get('truncation.error_ms')).toEqual([
      2400,
    ]);
  });

  it('misses the truncation of an answer that was cut short', () => {
    const trace = new TraceBuilder().configured().delta(90, 'item_1', answer).done(95, 'item_1');
    const { measures, truncations } = analyseCall(interrupted().ends(5000), trace.events);
    expect(truncations).toMatchObject([{ verdict: 'missing', playedMs: 1600 }]);
    expect(measures.counts.get('truncation.missing')).toEqual({ count: 1, of: 1 });
  });

  it('misses the truncation to nothing of an answer that never reached the phone', () => {
    const second = loud(1000, 2);
    const trace = new TraceBuilder()
      .configured()
      .delta(90, 'item_1', answer)
      .truncate(1710, 'item_1', 1600)
      .delta(1690, 'item_2', second);
    expect(analyseCall(interrupted().ends(5000), trace.events).measures.counts.get('truncation.missing')?.count).toBe(
      1,
    );
  });

  it('does not ask for a truncation when the end of the call cut the answer', () => {
    const record = new RecordBuilder().hears(100, answer).ends(2000);
    const trace = new TraceBuilder().configured().delta(90, 'item_1', answer).done(95, 'item_1');
    expect(analyseCall(record, trace.events).measures.counts.get('truncation.missing')?.count).toBe(0);
  });

  it('calls it needless after the answer was heard to its end', () => {
    const record = new RecordBuilder().hears(100, answer).says(5000, 6000).clear(5200).ends(8000);
    const trace = new TraceBuilder().configured().delta(90, 'item_1', answer).done(95, 'item_1');
    const left = analyseCall(record, trace.events);
    expect(left.measures.counts.get('truncation.needless')?.count).toBe(0);
    const told = analyseCall(record, trace.truncate(5210, 'item_1', 4000).events);
    expect(told.measures.counts.get('truncation.needless')).toEqual({ count: 1, of: 1 });
  });

  it('counts what the model refused and does not measure it', () => {
    const trace = new TraceBuilder()
      .configured()
      .delta(90, 'item_1', answer)
      .truncate(1710, 'item_1', 4100, 'Audio content of 4000ms is already shorter than 4100ms');
    const { measures } = analyseCall(interrupted().ends(5000), trace.events);
    expect(measures.counts.get('truncation.refused')).toEqual({ count: 1, of: 1 });
    expect(measures.samples.has('truncation.error_ms')).toBe(false);
    expect(measures.counts.get('truncation.missing')?.count).toBe(1);
  });

  it('judges each of two items that were waiting', () => {
    const second = loud(1000, 2);
    const record = new RecordBuilder().hears(100, answer).hears(200, second).says(1500, 2500).clear(1700).ends(5000);
    const trace = new TraceBuilder().configured().delta(90, 'item_1', answer).delta(190, 'item_2', second);
    const { truncations } = analyseCall(
      record,
      trace.truncate(1710, 'item_1', 1600).truncate(1711, 'item_2', 0).events,
    );
    expect(truncations).toMatchObject([
      { itemId: 'item_1', errorMs: 0 },
      { itemId: 'item_2', playedMs: 0, errorMs: 0 },
    ]);
  });

  it('says nothing when the audio was re-encoded on its way', () => {
    const record = interrupted().ends(5000);
    const trace = new TraceBuilder().configured(0, 'audio/pcm').delta(90, 'item_1', answer).events;
    const { measures, notes } = analyseCall(record, trace);
    expect(measures.counts.has('truncation.missing')).toBe(false);
    expect(notes).toHaveLength(2);
  });
});
