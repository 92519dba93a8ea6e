import type { ModelTraceEvent } from '../simulator/model/events.js';
import type { CallRecord, Pacing } from '../simulator/phone/events.js';
import type { LintFinding } from '../simulator/phone/lint.js';
import { analyseCall, type CallMeasures } from './analyse.js';
import { callReport } from './call-report.js';
import type { CallReport } from './report-json.js';

/** What is left of a call when its sound is let go of. */
export interface MeasuredCall {
  readonly report: Partial<CallReport>;
  readonly measured: CallMeasures;
  readonly lint: readonly LintFinding[];
  readonly pacing: Pacing;
}

export function measureCall(record: CallRecord, trace?: readonly ModelTraceEvent[]): MeasuredCall {
  const measured = analyseCall(record, trace);
  return { report: callReport(record, measured), measured, lint: record.lint, pacing: record.pacing };
}
