import type { OperatorApi, OperatorOptions } from './operator.js';

/** Shorter ones can be guessed by asking. */
const SAFE_TOKEN_LENGTH = 16;

/**
 * The operator's API for a relay that has a token for it, otherwise nothing: its paths are then unknown, and the log says how
 * to switch it on. What it needs is loaded only then: schemas take 30 ms.
 */
export async function openOperatorApi(
  token: string | undefined,
  options: Omit<OperatorOptions, 'token'>,
): Promise<OperatorApi | undefined> {
  if (!token) {
    options.log.info('the operator API is off: set VOICEBRIDGE_OPERATOR_TOKEN to watch and steer calls under /calls');
    return undefined;
  }
  if (token.length < SAFE_TOKEN_LENGTH) {
    options.log.warn('the operator token is short enough to be guessed: openssl rand -hex 24 makes a better one');
  }
  const { operatorApi } = await import('./operator.js');
  return operatorApi({ token, ...options });
}
