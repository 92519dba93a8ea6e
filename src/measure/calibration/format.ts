import type { LastCalibration } from './last.js';
import { type AgentSeen, type Calibration, HEADLINES, limitsFor } from './result.js';

/** The calibration for people. */
export function formatCalibration(calibration: Calibration): string {
  const { calls, host, discarded, attempted, faults } = calibration;
  const lost = discarded.map(({ reason, count }) => `${count} of ${attempted} calls spoilt by this machine: ${reason}`);
  return [
    `against agents whose behaviour is known, ${calls === 1 ? 'one call at a time' : `${calls} calls at the same time`}`,
    host,
    '',
    ...accuracies(calibration),
    '',
    ...agents(calibration.agents),
    '',
    ...lost,
    ...verdict(calls, faults),
    '',
  ].join('\n');
}

function accuracies({ metrics }: Calibration): string[] {
  const entries = Object.entries(metrics);
  const width = Math.max(0, ...entries.map(([name]) => name.length));
  const head = `${'metric'.padEnd(width)}  ${['n', 'bias', 'p95 error', 'worst'].map((each) => each.padStart(9)).join('  ')}`;
  const rows = entries.map(([name, { n, biasMs, p95ErrorMs, worstErrorMs }]) => {
    const cells = [String(n), ...[biasMs, p95ErrorMs, worstErrorMs].map((ms) => signless(ms.toFixed(2)))];
    return `${name.padEnd(width)}  ${cells.map((cell) => cell.padStart(9)).join('  ')}`;
  });
  return [head, ...rows];
}

function signless(text: string): string {
  return Number(text) === 0 ? text.replace('-', '') : text;
}

/** One line for every agent that does something wrong, and one for all that went as they should. */
function agents(all: readonly AgentSeen[]): string[] {
  const wrong = all.filter(({ expected }) => expected === 'wrong');
  const width = Math.max(0, ...wrong.map(({ metric }) => metric.length));
  const lines = wrong.map(({ seen, metric, does, truth, measured }) => {
    const numbers = seen ? number(measured) : `${number(measured)}, truly ${number(truth)}`;
    return `${seen ? '✓' : '✗'} ${metric.padEnd(width)}  ${does} (${numbers})`;
  });
  const failed = all.filter(({ expected, seen }) => expected === 'right' && !seen);
  const right = all.filter(({ expected }) => expected === 'right').length;
  return [
    ...lines,
    ...failed.map(({ metric, agent }) => `✗ ${metric}: ${agent} was taken for wrong, or measured wrong`),
    `${right - failed.length} of ${right} times what was right was left alone`,
  ];
}

function number(value: number | undefined): string {
  if (value === undefined) return 'nothing';
  if (!Number.isFinite(value)) return 'never';
  return Number.isInteger(value) ? String(value) : value.toFixed(1);
}

function verdict(calls: number, faults: readonly string[]): string[] {
  const { biasMs, p95ErrorMs } = limitsFor(calls);
  if (faults.length > 0) return faults.map((fault) => `✗ ${fault}`);
  return [`✓ bias within ±${biasMs} ms, p95 error ≤ ${p95ErrorMs} ms; every wrong agent was seen`];
}

/** The line under a report's table. */
export function formatQuote(calibration: LastCalibration): string {
  if ('missing' in calibration) return `${calibration.missing}: voicebridge bench --calibrate`;
  const { at, calls, ok, metrics, seen } = calibration;
  const [turn, stop] = HEADLINES.map((name) => metrics[name]);
  const numbers = [turn && `turns ${oneLine(turn)}`, stop && `stops ${oneLine(stop)}`].filter(Boolean).join('; ');
  const verdict = ok ? '' : ', NOT within its limits';
  const many = calls === 1 ? '' : `, ${calls} calls at once`;
  return `calibrated ${at.slice(0, 10)}${many}${verdict}: ${numbers}; ${seen.count} of ${seen.of} wrong agents seen`;
}

function oneLine({ biasMs, p95ErrorMs }: { readonly biasMs: number; readonly p95ErrorMs: number }): string {
  return `bias ${biasMs.toFixed(2)} ms, p95 error ${p95ErrorMs.toFixed(2)} ms`;
}
