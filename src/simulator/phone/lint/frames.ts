import type { LintRule } from './rules.js';

/** The rule that a broken frame broke, from the code that ws has for it. */
const RULES: Readonly<Record<string, LintRule>> = {
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 'frame/too-large',
  WS_ERR_UNEXPECTED_MASK: 'frame/masked',
  WS_ERR_UNEXPECTED_RSV_1: 'frame/compressed',
  WS_ERR_INVALID_UTF8: 'frame/not-utf8',
};

export function frameRule(code: string): LintRule {
  return RULES[code] ?? 'frame/protocol';
}
