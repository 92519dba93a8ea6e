import { createHash } from 'node:crypto';
import type { Scenario } from '../scenario.js';

/**
 * One hash of all that the callers of the scenarios say and do, their audio to the sample. Equal for equal callers
 * wherever their files lie.
 */
export function stimulusSha256(scenarios: readonly Scenario[], sweep: boolean): string {
  const hash = createHash('sha256');
  for (const { name, caller, model } of scenarios) {
    const { path: _, ...acts } = caller;
    hash.update(JSON.stringify([name, acts, model ?? null], withAudioHashed));
  }
  if (sweep) hash.update('sweep');
  return hash.digest('hex');
}

function withAudioHashed(_key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? createHash('sha256').update(value).digest('hex') : value;
}
