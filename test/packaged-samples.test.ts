import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packagedSample, SAMPLES_DIRECTORY } from '../src/samples.js';

describe('packagedSample', () => {
  it('finds a WAV and a folder inside the package, absolutely', () => {
    const wav = packagedSample('samples/caller.wav');
    expect(wav).toBe(resolve(SAMPLES_DIRECTORY, 'caller.wav'));
    expect(readFileSync(wav!).subarray(0, 4).toString('latin1')).toBe('RIFF');
    expect(packagedSample('./samples/interrupt/')).toBe(resolve(SAMPLES_DIRECTORY, 'interrupt'));
  });

  it.each([
    'caller.wav',
    'my/samples/caller.wav',
    'samples',
    'samples/no-such.wav',
    '/samples/caller.wav',
    'samples/../package.json',
    '../samples/caller.wav',
    '',
  ])('does not find %j', (path) => {
    expect(packagedSample(path)).toBeUndefined();
  });
});
