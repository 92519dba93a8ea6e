import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { formatQuote } from '../../../src/measure/calibration/format.js';
import { calibrationFile, hostClass, keepCalibration, lastCalibration } from '../../../src/measure/calibration/last.js';
import type { Calibration } from '../../../src/measure/calibration/result.js';

const calibration: Calibration = {
  schema: 'voicebridge-calibration/2',
  at: '2026-02-03T04:05:06.000Z',
  tool: { name: 'voicebridge', version: '1.2.3' },
  host: hostClass(),
  calls: 1,
  metrics: {
    'turn.playout_ms': { n: 33, biasMs: 0.21, p95ErrorMs: 0.61, worstErrorMs: 1.9 },
    'bargein.stop_ms': { n: 30, biasMs: 0.25, p95ErrorMs: 0.7, worstErrorMs: 1.1 },
  },
  agents: [
    { agent: 'never-stops', does: 'speaks on', metric: 'bargein.missed', expected: 'wrong', seen: true, truth: 1 },
    { agent: 'precise', does: 'answers', metric: 'bargein.missed', expected: 'right', seen: true, truth: 0 },
  ],
  attempted: 33,
  discarded: [],
  faults: [],
  ok: true,
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'voicebridge-test-'));
});
afterEach(() => rm(folder, { recursive: true }));

describe('the last calibration', () => {
  it('is kept in the cache of the user', () => {
    expect(calibrationFile({ XDG_CACHE_HOME: '/var/cache/me', HOME: '/home/me' }).path).toBe(
      '/var/cache/me/voicebridge/calibration.json',
    );
    expect(calibrationFile({ HOME: '/home/me' }).path).toBe('/home/me/.cache/voicebridge/calibration.json');
    // The specification of these folders has relative paths ignored.
    expect(calibrationFile({ XDG_CACHE_HOME: 'cache', HOME: '/home/me' }).path).toBe(
      '/home/me/.cache/voicebridge/calibration.json',
    );
  });

  it('is quoted as it was made', async () => {
    const file = calibrationFile({ XDG_CACHE_HOME: folder });
    await keepCalibration(calibration, file);
    expect(JSON.parse(await readFile(file.path, 'utf8'))).toEqual(calibration);
    const last = await lastCalibration('1.2.3', file);
    expect(last).toEqual({
      at: calibration.at,
      calls: 1,
      ok: true,
      metrics: calibration.metrics,
      seen: { count: 1, of: 1 },
    });
    expect(formatQuote(last)).toBe(
      'calibrated 2026-02-03: turns bias 0.21 ms, p95 error 0.61 ms; stops bias 0.25 ms, p95 error 0.70 ms; 1 of 1 wrong agents seen',
    );
  });

  it('is not quoted for another machine or version', async () => {
    const file = calibrationFile({ XDG_CACHE_HOME: folder });
    await keepCalibration({ ...calibration, host: '64 × another processor' }, file);
    expect(await lastCalibration('1.2.3', file)).toEqual({
      missing: 'the last calibration is of another machine (64 × another processor)',
    });
    await keepCalibration(calibration, file);
    const missing = await lastCalibration('1.2.4', file);
    expect(missing).toEqual({ missing: 'the last calibration is of version 1.2.3' });
    expect(formatQuote(missing)).toBe('the last calibration is of version 1.2.3: voicebridge bench --calibrate');
  });

  it('is missing where there is none, or something else', async () => {
    const file = calibrationFile({ XDG_CACHE_HOME: folder });
    expect(await lastCalibration('1.2.3', file)).toEqual({ missing: 'not calibrated here yet' });
    await keepCalibration(calibration, file);
    for (const text of ['', 'null', '{}', '[1]', '{"schema":"voicebridge-calibration/2"}']) {
      await writeFile(file.path, text);
      expect(await lastCalibration('1.2.3', file)).toEqual({
        missing: `${file.path} is no calibration of this version`,
      });
    }
  });
});
