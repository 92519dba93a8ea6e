/**
 * What people call good, as budgets. An answer within 800 ms goes unnoticed, after 1.2 s people wonder, after 1.5 s they
 * speak again; an agent that talks on for half a second after it was interrupted is felt, one second is a fault.
 */
export const BUDGET_PRESETS = {
  /** Warns of what is felt and fails what is a fault. */
  good: [
    'warn turn.playout_ms p50 <= 1200',
    'turn.playout_ms p50 <= 1500',
    'turn.playout_ms p95 < 3500',
    'warn bargein.stop_ms p95 <= 500',
    'bargein.stop_ms p95 <= 1000',
    'bargein.missed share < 5%',
    'bargein.false share < 5%',
    'turn.unanswered == 0',
  ],
  /** Fails all that is not good. */
  strict: [
    'turn.playout_ms p50 <= 800',
    'turn.playout_ms p95 <= 1500',
    'bargein.stop_ms p95 <= 300',
    'bargein.missed == 0',
    'bargein.false == 0',
    'turn.unanswered == 0',
    'truncation.abs_error_ms p95 <= 100',
    'truncation.missing == 0',
    'gap_ms max <= 60',
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** The lines of a preset; `undefined` for anything that is not the name of one. */
export function presetOf(name: string): readonly string[] | undefined {
  return Object.hasOwn(BUDGET_PRESETS, name) ? BUDGET_PRESETS[name as keyof typeof BUDGET_PRESETS] : undefined;
}
