import { describe, expect, it } from 'vitest';
import { annotations } from '../../../src/measure/report/annotations.js';
import { reportOf } from '../../helpers/reports.js';

describe("annotations of a workflow's step", () => {
  it('are an error for each broken budget and a warning for each soft one', () => {
    const report = reportOf({
      fill: (measures) => {
        for (let turn = 0; turn < 20; turn++) measures.add('turn.playout_ms', 900);
      },
      budgets: ['turn.playout_ms p50 <= 800', 'warn turn.playout_ms max < 850', 'turn.playout_ms n >= 20'],
    });
    expect(annotations(report)).toEqual([
      '::error title=voicebridge%3A budget exceeded::turn.playout_ms p50 <= 800, measured 900',
      '::warning title=voicebridge%3A budget::turn.playout_ms max < 850, measured 900',
    ]);
  });

  it('are none for a good report, and one line each whatever the words are', () => {
    expect(annotations(reportOf())).toEqual([]);
    const advice = ['100 % wrong:\r\n::error::not mine'];
    expect(annotations({ ...reportOf(), advice })).toEqual([
      '::warning title=voicebridge::100 %25 wrong:%0D%0A::error::not mine',
    ]);
  });
});
