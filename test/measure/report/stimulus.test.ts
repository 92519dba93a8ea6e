import { describe, expect, it } from 'vitest';
import { stimulusSha256 } from '../../../src/measure/report/stimulus.js';
import type { Scenario } from '../../../src/measure/scenario.js';

function saying(audio: readonly number[], rest: Partial<Scenario['caller']> = {}): Scenario {
  const clip = { name: 'a.wav', audio: Uint8Array.from(audio), speech: [] };
  return { name: 'a', caller: { name: 'a', path: '/here/call.yaml', steps: [{ type: 'say', clip }], ...rest } };
}

describe('the hash of what callers say and do', () => {
  it('is the same for the same caller in another place', () => {
    const here = stimulusSha256([saying([1, 2, 3])], false);
    expect(here).toMatch(/^[0-9a-f]{64}$/);
    expect(stimulusSha256([saying([1, 2, 3], { path: '/there/call.yaml' })], false)).toBe(here);
  });

  it('is another one for one sample, another step, one scenario more, or the sweep', () => {
    const hashes = [
      stimulusSha256([saying([1, 2, 3])], false),
      stimulusSha256([saying([1, 2, 4])], false),
      stimulusSha256([saying([1, 2, 3], { steps: [] })], false),
      stimulusSha256([saying([1, 2, 3]), saying([1, 2, 3])], false),
      stimulusSha256([saying([1, 2, 3])], true),
    ];
    expect(new Set(hashes).size).toBe(5);
  });
});
