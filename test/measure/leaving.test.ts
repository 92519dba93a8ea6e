import { describe, expect, it } from 'vitest';
import { analyseCall } from '../../src/measure/analyse.js';
import { leavingTimes } from '../../src/measure/leaving.js';
import { loud, RecordBuilder } from '../helpers/call-records.js';

describe('what leaves the phone', () => {
  const record = new RecordBuilder().frame(20).frame(40, 3.5).frame(60, 12).ends(100);
  const leftAt = leavingTimes(record.events);

  it('leaves when its frame is written, not when that is due', () => {
    expect(leftAt(1_040)).toBe(1_043.5);
    expect(leftAt(1_060)).toBe(1_072);
    expect(leftAt(1_020)).toBe(1_020);
  });

  it('leaves when it is due where there was no frame', () => {
    expect(leftAt(1_050)).toBe(1_050);
    expect(leavingTimes([])(1_040)).toBe(1_040);
  });

  it('keeps the phone’s own lateness out of turns and stops', () => {
    const frames = (lateMs: number): RecordBuilder => {
      const builder = new RecordBuilder().hears(0, loud(1_500));
      for (let dueMs = 20; dueMs < 3_000; dueMs += 20)
        builder.frame(dueMs, dueMs === 1_020 || dueMs === 2_000 ? lateMs : 0);
      return builder;
    };
    const measured = (lateMs: number) => {
      const builder = frames(lateMs)
        .says(1_015, 1_995)
        .clear(1_260 + lateMs)
        .hears(2_700 + lateMs, loud(300, 2));
      const record = builder.ends(4_000);
      const speech = record.speech.map((said) => ({ ...said, startSentMs: 2_020, endSentMs: 3_000 }));
      const { turns, bargeIns } = analyseCall({ ...record, speech });
      return [turns[0]?.playoutMs, bargeIns[0]?.stopMs];
    };
    expect(measured(0)).toEqual([700, 240]);
    expect(measured(4)).toEqual([700, 240]);
  });
});
