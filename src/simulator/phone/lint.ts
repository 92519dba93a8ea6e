import { LINT_RULES, type LintRule, pageOf } from './lint/rules.js';

export { LINT_RULES, type LintRule, pageOf } from './lint/rules.js';

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
  /** What to do instead, and where Twilio writes about it. Absent in what earlier versions recorded. */
  readonly instead?: string;
  readonly page?: string;
  /** The offending message, shortened, payload replaced. */
  readonly excerpt?: string;
  readonly atMs: number;
}

/** Says what is wrong: `message` defaults to the meaning of the rule, `offending` is the text that broke it. */
export type Complain = (rule: LintRule, message?: string, offending?: string) => void;

/** Makes a finding; `message` defaults to the meaning of the rule. */
export function lintFinding(rule: LintRule, atMs: number, message?: string, offending?: string): LintFinding {
  const entry = LINT_RULES[rule];
  const { code, level, meaning, twilio, instead } = entry;
  return {
    rule,
    ...(code !== undefined && { code }),
    level,
    message: message ?? meaning,
    twilio,
    instead,
    page: pageOf(entry),
    ...(offending !== undefined && { excerpt: excerptOf(offending) }),
    atMs,
  };
}

const EXCERPT_CHARACTERS = 160;
/** A longer message is not searched to its end for the sake of a line. */
const SEARCHED_CHARACTERS = 64 * 1024;

/** The first characters of a message without anything that may be audio. */
function excerptOf(message: string): string {
  const shown = message
    .slice(0, SEARCHED_CHARACTERS)
    .replace(/("payload"\s*:\s*")[^"]*/g, '$1…')
    .replace(/[A-Za-z0-9+/=_-]{40,}/g, '…');
  return shown.length > EXCERPT_CHARACTERS ? `${shown.slice(0, EXCERPT_CHARACTERS)}…` : shown;
}
