import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { encodeMulaw } from '../../src/audio/g711.js';
import { tone } from '../../src/audio/tone.js';
import { type DialOptions, dial } from '../../src/simulator/phone/call.js';
import type { LintFinding } from '../../src/simulator/phone/lint.js';
import type { CallerScript, Clip } from '../../src/simulator/phone/script.js';
import { callerOf } from './phone.js';

export const WRONG_SERVERS = fileURLToPath(new URL('../fixtures/wrong-servers/', import.meta.url));

export interface ServerProgram {
  readonly rule: string;
  /** Who calls; `listens` when nothing is said. */
  readonly caller?: 'listens' | 'interrupts' | 'asks';
  /** How long the call lasts. */
  readonly ms?: number;
  start(which: 'wrong' | 'right'): Promise<{ readonly url: string; close(): Promise<void> }>;
}

/** Every program but what they share, by name. */
export const wrongServerNames = readdirSync(WRONG_SERVERS)
  .filter((name) => name.endsWith('.mjs') && name !== 'kit.mjs')
  .map((name) => name.slice(0, -'.mjs'.length));

export async function wrongServer(name: string): Promise<ServerProgram> {
  const module = (await import(`${WRONG_SERVERS}${name}.mjs`)) as { default: ServerProgram };
  return module.default;
}

/** Calls it as its file says, and returns what was found as it happened: all of it, once for each time. */
export async function findingsOf(url: string, { caller, ms }: ServerProgram): Promise<LintFinding[]> {
  const options: DialOptions = { url, caller: callerFor(caller ?? 'listens', ms ?? 1500), lingerMs: 0 };
  const call = dial(options);
  const findings: LintFinding[] = [];
  call.on((event) => {
    if (event.type === 'lint') findings.push(event.finding);
  });
  // A server that refuses the stream is judged all the same.
  await call.done.catch((error: { code?: string }) => {
    if (!error.code?.startsWith('handshake-')) throw error;
  });
  return findings;
}

function callerFor(who: 'listens' | 'interrupts' | 'asks', ms: number): CallerScript {
  if (who === 'listens') return callerOf({ type: 'pause', ms }, { type: 'hangup' });
  if (who === 'asks') return callerOf(say(800, false), { type: 'pause', ms: ms - 800 }, { type: 'hangup' });
  const before = 1000;
  return callerOf({ type: 'pause', ms: before }, say(ms - before, true), { type: 'hangup' });
}

/** A tone that passes for a voice: these agents hear only how loud it is. */
function say(ms: number, interrupts: boolean): { readonly type: 'say'; readonly clip: Clip } {
  const audio = encodeMulaw(tone({ hz: 400, ms, dbov: -15, rate: 8000 }));
  const speech = [{ startSample: 0, endSample: audio.length, ...(interrupts && { interrupts }) }];
  return { type: 'say', clip: { name: 'voice', audio, speech } };
}
