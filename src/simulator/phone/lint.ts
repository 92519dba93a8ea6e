/** A mistake of the server, as Twilio would have judged it. */
export interface LintFinding {
  /** Our name of the rule, for example `media/wav-header`. */
  readonly rule: string;
  /** Twilio's code when it has one. */
  readonly code?: number;
  readonly level: 'error' | 'warning' | 'note';
  readonly message: string;
  /** What Twilio would have done. */
  readonly twilio: string;
  /** The offending message, shortened, payload replaced. */
  readonly excerpt?: string;
  readonly atMs: number;
}
