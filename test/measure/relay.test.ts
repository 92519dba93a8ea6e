import { describe, expect, it } from 'vitest';
import { analyseCall } from '../../src/measure/analyse.js';
import { arrivalOf } from '../../src/measure/relay.js';
import { join, loud, quiet, RecordBuilder, TraceBuilder } from '../helpers/call-records.js';

const FRAMES = 50;
const lane = loud(FRAMES * 20, 9);
const frameOf = (index: number): Uint8Array => lane.subarray(index * 160, (index + 1) * 160);

function caller(): RecordBuilder {
  const builder = new RecordBuilder();
  for (let index = 0; index < FRAMES; index++) builder.frame(index * 20);
  return builder;
}

describe("the relay's own time", () => {
  it('is from the phone to the model, frame by frame', () => {
    const trace = new TraceBuilder().configured(0);
    for (let index = 0; index < FRAMES; index++) trace.append(index * 20 + 0.4, frameOf(index));
    const { measures } = analyseCall(caller().ends(1000, 'hangup', lane), trace.events);
    const inMs = measures.samples.get('relay.in_ms')!;
    expect(inMs).toHaveLength(FRAMES);
    for (const ms of inMs) expect(ms).toBeCloseTo(0.4, 6);
    expect(measures.counts.get('frames.lost')).toEqual({ count: 0, of: FRAMES });
  });

  it('leaves out frames that had to wait for the model, and still counts them', () => {
    const trace = new TraceBuilder().configured(300);
    for (let index = 0; index < FRAMES; index++) trace.append(Math.max(301, index * 20 + 1), frameOf(index));
    const { measures } = analyseCall(caller().ends(1000, 'hangup', lane), trace.events);
    expect(measures.samples.get('relay.in_ms')).toHaveLength(FRAMES - 15);
    expect(measures.samples.get('relay.ready_ms')).toEqual([300]);
    expect(measures.counts.get('frames.lost')?.count).toBe(0);
  });

  it('sees a relay that drops what came before the model was ready', () => {
    const trace = new TraceBuilder().configured(300);
    for (let index = 15; index < FRAMES; index++) trace.append(index * 20 + 1, frameOf(index));
    const { measures } = analyseCall(caller().ends(1000, 'hangup', lane), trace.events);
    expect(measures.counts.get('frames.lost')).toEqual({ count: 15, of: FRAMES });
  });

  it('follows frames that the relay joined', () => {
    const trace = new TraceBuilder().configured(0);
    for (let index = 0; index < FRAMES; index += 5) {
      trace.append(index * 20 + 80, join(...[0, 1, 2, 3, 4].map((k) => frameOf(index + k))));
    }
    const { measures } = analyseCall(caller().ends(1000, 'hangup', lane), trace.events);
    expect(measures.samples.get('relay.in_ms')?.slice(0, 5)).toEqual([80, 60, 40, 20, 0]);
  });

  it('is from the model to the phone, to the last byte of each delta', () => {
    const answer = loud(600, 3);
    const record = new RecordBuilder()
      .hears(100.5, answer.subarray(0, 1000))
      .hears(101.25, answer.subarray(1000))
      .ends(2000);
    const trace = new TraceBuilder()
      .configured(0)
      .delta(100, 'item_1', answer.subarray(0, 1600))
      .delta(101, 'item_1', answer.subarray(1600));
    expect(analyseCall(record, trace.events).measures.samples.get('relay.out_ms')).toEqual([1.25, 0.25]);
  });

  it('does not measure audio that never arrived', () => {
    const answer = loud(600, 3);
    const record = new RecordBuilder().hears(101, answer.subarray(0, 1600)).ends(2000);
    const trace = new TraceBuilder()
      .configured(0)
      .delta(100, 'item_1', answer.subarray(0, 1600))
      .delta(100, 'item_1', answer.subarray(1600));
    expect(analyseCall(record, trace.events).measures.samples.get('relay.out_ms')).toEqual([1]);
  });

  it('is from speech_started to the clear', () => {
    const record = new RecordBuilder().hears(0, loud(3000)).says(1000, 2000).clear(1250).ends(4000);
    const trace = new TraceBuilder().configured(0).started(500).started(1248.5);
    expect(analyseCall(record, trace.events).measures.samples.get('relay.clear_ms')).toEqual([1.5]);
  });
});

describe('the arrival of a byte', () => {
  it('is that of its message', () => {
    const chunks = [
      { streamOffset: 0, bytes: 160, atMs: 1 },
      { streamOffset: 160, bytes: 1, atMs: 2 },
      { streamOffset: 161, bytes: 400, atMs: 3 },
    ];
    expect([0, 159, 160, 161, 560].map((offset) => arrivalOf(chunks, offset))).toEqual([1, 1, 2, 3, 3]);
    expect(arrivalOf(chunks, 561)).toBeUndefined();
    expect(arrivalOf([], 0)).toBeUndefined();
  });
});

describe('gaps, buffer and goodbye', () => {
  const answer = join(loud(500, 1), quiet(300), loud(500, 2));

  it('finds the worst hole through underrun, not the pauses of speech', () => {
    const whole = new RecordBuilder().hears(0, answer).ends(3000);
    expect(analyseCall(whole).measures.samples.get('gap_ms')).toEqual([0]);
    const late = new RecordBuilder().hears(0, answer.subarray(0, 4000)).hears(740, answer.subarray(4000)).ends(3000);
    expect(analyseCall(late).measures.samples.get('gap_ms')).toEqual([240]);
    const trace = new TraceBuilder().configured(0).delta(0, 'item_1', answer);
    expect(analyseCall(late, trace.events).measures.samples.get('gap_ms')).toEqual([240]);
  });

  it('does not take the time between two answers for a hole', () => {
    const record = new RecordBuilder().hears(0, loud(500, 1)).says(700, 900).hears(1500, loud(500, 2)).ends(3000);
    expect(analyseCall(record).measures.samples.get('gap_ms')).toEqual([0, 0]);
  });

  it('says how much was waiting when more arrived', () => {
    const record = new RecordBuilder().hears(0, loud(500)).hears(100, loud(500)).ends(3000);
    expect(analyseCall(record).measures.samples.get('buffer_ms')).toEqual([0, 400]);
  });

  it('says what the server cut off when it ended the call, and nothing when the caller hung up', () => {
    const talking = (): RecordBuilder => new RecordBuilder().hears(0, loud(1500));
    expect(analyseCall(talking().ends(1000, 'server-closed')).measures.samples.get('goodbye_cut_ms')).toEqual([500]);
    expect(analyseCall(talking().ends(2000, 'server-closed')).measures.samples.get('goodbye_cut_ms')).toEqual([0]);
    expect(analyseCall(talking().ends(1000)).measures.samples.has('goodbye_cut_ms')).toBe(false);
    const cleared = talking().clear(800).ends(1000, 'server-closed');
    expect(analyseCall(cleared).measures.samples.get('goodbye_cut_ms')).toEqual([0]);
  });
});
