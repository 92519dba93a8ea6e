import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readWav } from '../../src/audio/wav.js';

/** Writes a stereo frame every 2 ms, ten times as fast as a call, until it is killed. Sample n is n mod 30 000. */
const WRITER = `
import { createWavWriter } from ${JSON.stringify(new URL('../../dist/audio/wav-writer.js', import.meta.url).href)};
const writer = await createWavWriter(process.argv[1], { rate: 8000, channels: 2, encoding: 'L16' });
let sample = 0;
setInterval(() => {
  writer.write(Int16Array.from({ length: 320 }, () => sample++ % 30_000));
  if (sample === 320 * 100) process.stdout.write('two seconds of audio\\n');
}, 2);
`;

describe('a process that writes a WAV and is killed', () => {
  let folder: string;
  let child: ChildProcess | undefined;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'voicebridge-killed-'));
  });
  afterAll(async () => {
    child?.kill('SIGKILL');
    await rm(folder, { recursive: true });
  });

  it.each([0, 3, 11, 17, 29, 41, 53])(
    'leaves a playable file, killed %i ms after two seconds of audio',
    async (waitMs) => {
      const path = join(folder, `${waitMs}.wav`);
      child = spawn(process.execPath, ['--input-type=module', '-e', WRITER, path], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await once(child.stdout!, 'data');
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      child.kill('SIGKILL');
      const [, signal] = await once(child, 'exit');
      expect(signal).toBe('SIGKILL');

      const { channels, durationMs, warnings } = await readWav(path);
      expect(warnings).toEqual([]);
      // Two seconds less the half second that waits for its batch, which another may be following to the disk.
      expect(durationMs).toBeGreaterThanOrEqual(1000);
      const [left, right] = channels as [Int16Array, Int16Array];
      expect(left.findIndex((sample, i) => sample !== (2 * i) % 30_000)).toBe(-1);
      expect(right.findIndex((sample, i) => sample !== (2 * i + 1) % 30_000)).toBe(-1);
    },
  );
});
