import { mkdir, mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../clock.js';
import { environmentOf, filledIn } from './environment.js';
import { type StartedCommand, startCommand } from './start-command.js';

/** A relay of somebody else's that is put between our phone and our model. */
export interface SandwichOptions {
  /** Where its stream is; `{port}` in it is any free port. */
  readonly url: string;
  /** The shell command that starts it; without one it is running already, and finds the model at `modelPort`. */
  readonly start?: string;
  /** Further variables of its environment; `{model}`, `{modelHttp}` and `{port}` are filled in. */
  readonly env?: readonly (readonly [string, string])[];
  /** Of the simulated model; any free one when left out. */
  readonly modelPort?: number;
  /** Where the command runs; the current folder when left out. */
  readonly cwd?: string;
  /** For the relay's own output; a folder of the system for temporary files when left out. */
  readonly logDir?: string;
}

/** The relay under test, running. */
export interface UnderTest {
  readonly streamUrl: string;
  /** What it prints is there; absent for one that was running already. */
  readonly logFile?: string;
  readonly pid?: number;
  /** Throws VoicebridgeError `relay-died` when it has ended by itself. */
  check(): void;
  close(): Promise<void>;
}

const LOG_NAME = 'relay.log';

/** Starts the relay, or takes the one that is there. Rejects as `startCommand` does. */
export async function bringUp(
  { url, start, env = [], cwd, logDir }: SandwichOptions,
  modelUrl: string,
  clock: Clock,
  signal?: AbortSignal,
): Promise<UnderTest> {
  const port = url.includes('{port}') ? await freePort() : portOf(url);
  const surroundings = { modelUrl, port };
  const streamUrl = filledIn(url, surroundings);
  if (start === undefined) return { streamUrl, check: () => {}, close: async () => {} };
  const logFile = join(await folderFor(logDir), LOG_NAME);
  const command: StartedCommand = await startCommand({
    command: filledIn(start, surroundings),
    env: environmentOf(process.env, env, surroundings),
    host: new URL(streamUrl).hostname,
    port,
    logFile,
    clock,
    ...(cwd !== undefined && { cwd }),
    ...(signal && { signal }),
  });
  return { streamUrl, logFile, pid: command.pid, check: () => command.check(), close: () => command.stop() };
}

function portOf(url: string): number {
  const { port, protocol } = new URL(url);
  return port === '' ? (protocol === 'wss:' ? 443 : 80) : Number(port);
}

async function folderFor(logDir: string | undefined): Promise<string> {
  if (logDir === undefined) return mkdtemp(join(tmpdir(), 'voicebridge-bench-'));
  await mkdir(logDir, { recursive: true });
  return logDir;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
