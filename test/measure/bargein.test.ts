import { describe, expect, it } from 'vitest';
import { analyseCall } from '../../src/measure/analyse.js';
import { join, loud, quiet, RecordBuilder, TraceBuilder } from '../helpers/call-records.js';

describe('interruptions', () => {
  it('measures stop and clear from the first sample over the agent', () => {
    const record = new RecordBuilder().hears(0, loud(5000)).says(2000, 3000).clear(2262).ends(6000);
    const { bargeIns, measures } = analyseCall(record);
    expect(bargeIns).toMatchObject([{ outcome: 'stopped', stopMs: 262, clearMs: 262, leakMs: 0, recovered: false }]);
    expect(measures.samples.get('bargein.stop_ms')).toEqual([262]);
    expect(measures.counts.get('bargein.missed')).toEqual({ count: 0, of: 1 });
  });

  it('hears an agent that stops without a clear, because it paces its audio itself', () => {
    const record = new RecordBuilder().hears(0, loud(2300)).says(2000, 3000).hears(4000, loud(500)).ends(6000);
    expect(analyseCall(record).bargeIns).toMatchObject([{ outcome: 'stopped', stopMs: 300, recovered: true }]);
    expect(analyseCall(record).measures.samples.has('bargein.clear_ms')).toBe(false);
  });

  it('calls an agent that never stops missed, and its stop time longer than was seen', () => {
    const record = new RecordBuilder().hears(0, loud(6000)).says(2000, 3000).ends(7000);
    const { bargeIns, measures } = analyseCall(record);
    expect(bargeIns).toMatchObject([{ outcome: 'missed', stopMs: Number.POSITIVE_INFINITY }]);
    expect(measures.counts.get('bargein.missed')).toEqual({ count: 1, of: 1 });
  });

  it('calls a stop that came too late missed and still says when', () => {
    const record = new RecordBuilder().hears(0, loud(6000)).says(2000, 3000).clear(4500).ends(7000);
    expect(analyseCall(record).bargeIns).toMatchObject([{ outcome: 'missed', stopMs: 2500 }]);
  });

  it('does not guess when the call ended first', () => {
    const record = new RecordBuilder().hears(0, loud(6000)).says(2000, 2500).ends(2600);
    expect(analyseCall(record).bargeIns).toMatchObject([{ outcome: 'unknown', stopMs: Number.POSITIVE_INFINITY }]);
  });

  it('takes no credit for an answer that was over by itself', () => {
    const answer = loud(2100);
    const record = new RecordBuilder().hears(0, answer).says(2000, 3000).ends(5000);
    const trace = new TraceBuilder().configured().delta(0, 'item_1', answer).done(10, 'item_1').events;
    const { bargeIns, measures } = analyseCall(record, trace);
    expect(bargeIns).toMatchObject([{ outcome: 'finished' }]);
    expect(measures.samples.has('bargein.stop_ms')).toBe(false);
    expect(measures.counts.get('bargein.finished')).toEqual({ count: 1, of: 1 });
    expect(measures.counts.get('bargein.missed')).toEqual({ count: 0, of: 0 });
  });

  it('gives credit for an answer that was broken off where it was made', () => {
    const begun = loud(2100);
    const record = new RecordBuilder().hears(0, begun).says(2000, 3000).ends(5000);
    const trace = new TraceBuilder().configured().delta(0, 'item_1', begun).done(2050, 'item_1', 'incomplete').events;
    expect(analyseCall(record, trace).bargeIns).toMatchObject([{ outcome: 'stopped', stopMs: 100 }]);
  });

  it('finds audio of the dead answer that is played after the clear, with the model as witness', () => {
    const answer = loud(5000);
    const builder = (): RecordBuilder =>
      new RecordBuilder()
        .hears(0, answer.subarray(0, 3000 * 8))
        .says(2000, 3000)
        .clear(2200);
    const trace = (): TraceBuilder => new TraceBuilder().configured().delta(0, 'item_1', answer.subarray(0, 3000 * 8));
    const clean = analyseCall(builder().ends(6000), trace().events);
    expect(clean.bargeIns[0]?.leakMs).toBe(0);
    const late = answer.subarray(3000 * 8, 3120 * 8);
    const leaking = analyseCall(builder().hears(2400, late).ends(6000), trace().delta(2390, 'item_1', late).events);
    expect(leaking.bargeIns[0]).toMatchObject({ leakMs: 120, clearMs: 200, stopMs: 520 });
  });

  it('finds the leak of a stranger too, as long as the caller still speaks', () => {
    const record = new RecordBuilder()
      .hears(0, loud(3000))
      .says(2000, 3000)
      .clear(2200)
      .hears(2400, loud(120, 2))
      .hears(3800, loud(500, 3))
      .ends(6000);
    expect(analyseCall(record).bargeIns).toMatchObject([{ leakMs: 120, recovered: true }]);
  });

  it('does not count an answer after the clear as a leak', () => {
    const first = loud(3000, 1);
    const second = loud(500, 2);
    const record = new RecordBuilder().hears(0, first).says(2000, 3000).clear(2200).hears(3800, second).ends(6000);
    const trace = new TraceBuilder().configured().delta(0, 'item_1', first).delta(3790, 'item_2', second).events;
    expect(analyseCall(record, trace).bargeIns).toMatchObject([{ leakMs: 0, recovered: true }]);
  });

  it('counts a stop for nothing', () => {
    const nobody = new RecordBuilder().hears(0, loud(5000)).clear(2200).ends(6000);
    expect(analyseCall(nobody).measures.counts.get('bargein.false')?.count).toBe(1);
    const somebody = new RecordBuilder().hears(0, loud(5000)).says(2000, 3000).clear(2200).ends(6000);
    expect(analyseCall(somebody).measures.counts.get('bargein.false')?.count).toBe(0);
  });

  it('blames a cough for a stop soon after the caller’s own words', () => {
    const record = new RecordBuilder().says(500, 1000).hears(1200, loud(3000)).clear(1900).ends(6000);
    const cough = { kind: 'cough' as const, step: 1, startMs: 2700, endMs: 2900, startSentMs: 2720, endSentMs: 2920 };
    expect(analyseCall(record).measures.counts.get('bargein.false')?.count).toBe(0);
    expect(analyseCall({ ...record, sounds: [cough] }).measures.counts.get('bargein.false')?.count).toBe(1);
  });

  it('does not take the answer to something else for the answer to an interruption', () => {
    const ignored = new RecordBuilder().hears(0, loud(3000)).says(2000, 2500).clear(2200).says(5000, 5500);
    expect(analyseCall(ignored.hears(6000, loud(500, 2)).ends(8000)).bargeIns).toMatchObject([{ recovered: false }]);
    const paused = new RecordBuilder().hears(0, loud(3000)).says(2000, 2500).clear(2200).says(3300, 4000);
    expect(analyseCall(paused.hears(4600, loud(500, 2)).ends(8000)).bargeIns).toMatchObject([{ recovered: true }]);
  });

  it('is no interruption when the agent was silent', () => {
    const record = new RecordBuilder()
      .hears(0, join(loud(1000), quiet(500)))
      .says(2000, 3000)
      .ends(4000);
    expect(analyseCall(record).bargeIns).toEqual([]);
  });
});
