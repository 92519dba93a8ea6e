import { VoicebridgeError } from '../../errors.js';
import { type CompareOptions, compareReports, type NamedReport } from './compare-reports.js';
import type { Comparison } from './comparison.js';
import { obstacles } from './obstacles.js';

/** @throws VoicebridgeError `reports-incomparable`, unless forced */
export function compareChecked(
  before: NamedReport,
  after: NamedReport,
  { force, ...options }: CompareOptions & { readonly force: boolean },
): Comparison {
  const reasons = obstacles(before.report, after.report);
  if (reasons.length > 0 && !force) {
    throw new VoicebridgeError('reports-incomparable', {
      ...{ before: before.name, after: after.name, reasons: reasons.join('; ') },
    });
  }
  return compareReports(before, after, options);
}
