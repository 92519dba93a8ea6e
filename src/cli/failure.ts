import { VoicebridgeError } from '../errors.js';
import { asTyped } from './as-typed.js';
import type { World } from './world.js';

/** What `--json` prints on stdout instead of a result, so that a script always reads exactly one document. */
export interface ErrorDocument {
  readonly schema: 'voicebridge-error/1';
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly hint: string;
    readonly exitCode: number;
  };
}

/**
 * Tells the person (stderr) and, with `json`, the script (stdout) what went wrong.
 * The stack of an error nobody foresaw is shown only with VOICEBRIDGE_DEBUG=1.
 * @returns the exit code
 */
export async function reportFailure(thrown: unknown, world: World, json: boolean): Promise<number> {
  const error = thrown instanceof VoicebridgeError ? thrown : internal(thrown);
  const { painterFor } = await import('./terminal.js');
  const paint = painterFor(world.stderr, world.env);
  world.stderr.write(`${paint.red('error:')} ${error.message}\n`);
  world.stderr.write(`${paint.dim('hint:')} ${asTyped(error.hint, world.env)}\n`);
  if (world.env.VOICEBRIDGE_DEBUG === '1') world.stderr.write(`${stackOf(thrown)}\n`);
  if (json) {
    const { code, message, hint, exit: exitCode } = error;
    const document: ErrorDocument = { schema: 'voicebridge-error/1', error: { code, message, hint, exitCode } };
    world.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  }
  return error.exit;
}

function internal(thrown: unknown): VoicebridgeError {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new VoicebridgeError('internal', { message: message || 'no message' }, { cause: thrown });
}

function stackOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const cause = thrown.cause === undefined ? '' : `\ncaused by ${stackOf(thrown.cause)}`;
  return `${thrown.stack ?? thrown.message}${cause}`;
}
