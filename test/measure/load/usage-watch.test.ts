import { expect, it } from 'vitest';
import { UsageWatch } from '../../../src/measure/load/usage-watch.js';

it('gives processor time per second of a call, and the most memory per call', async () => {
  const readings = [
    { cpuMs: 1_000, rssKb: 50_000 },
    { cpuMs: 3_000, rssKb: 70_000 },
  ];
  const watch = new UsageWatch(async () => readings.shift());
  await watch.begin();
  expect(await watch.end(10, 200)).toEqual({ cpuMsPerCallSecond: 10, rssKbPerCall: 2_000 });
});

it('knows nothing of a process that has gone', async () => {
  const readings = [{ cpuMs: 1_000, rssKb: 50_000 }];
  const watch = new UsageWatch(async () => readings.shift());
  await watch.begin();
  expect(await watch.end(10, 200)).toBeUndefined();
});
