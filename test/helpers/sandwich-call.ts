import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../src/clock.js';
import { type MadeCall, type MakeCallOptions, makeCall } from '../../src/measure/make-call.js';
import { type ModelFinding, modelFindings } from '../../src/measure/model-findings.js';
import { bringUp } from '../../src/measure/sandwich/surroundings.js';
import type { ModelTraceEvent } from '../../src/simulator/model/events.js';
import { serveModel } from '../../src/simulator/model/server.js';

const RELAYS = fileURLToPath(new URL('../fixtures/heard-relays/', import.meta.url));

export interface SandwichCall extends MadeCall {
  readonly findings: readonly ModelFinding[];
}

/** One whole call through a relay of test/fixtures/heard-relays, in a process of its own, between both simulated ends. */
export async function sandwichCall(
  relay: string,
  options: Omit<MakeCallOptions, 'url' | 'model'>,
): Promise<SandwichCall> {
  const events: ModelTraceEvent[] = [];
  const logDir = await mkdtemp(join(tmpdir(), 'sandwich-'));
  const model = await serveModel({ beta: 'accept', onTrace: (event) => void events.push(event) });
  const start = `exec "${process.execPath}" "${join(RELAYS, `${relay}.mjs`)}"`;
  const underTest = await bringUp({ url: 'ws://127.0.0.1:{port}/', start, logDir }, model.url, systemClock);
  try {
    const made = await makeCall({ ...options, url: underTest.streamUrl, model });
    underTest.check();
    return { ...made, findings: modelFindings(events) };
  } finally {
    await underTest.close();
    await model.close();
    await rm(logDir, { recursive: true });
  }
}
