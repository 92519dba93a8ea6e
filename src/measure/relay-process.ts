import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { VoicebridgeError } from '../errors.js';
import { SAMPLES_DIRECTORY } from '../samples.js';

/** Another process of ours that listens on a port it chose itself. */
export interface ListeningProcess {
  readonly streamUrl: string;
  readonly pid?: number;
  /** Every further JSON line it prints, for the reference agent's account of what it did. */
  readonly lines: readonly unknown[];
  close(): Promise<void>;
}

const START_TIMEOUT_MS = 15_000;
const STOP_TIMEOUT_MS = 5_000;
/** `src/measure` and `dist/measure` lie equally deep. */
const PROGRAM = fileURLToPath(new URL('../../bin/voicebridge.js', import.meta.url));

/** Whose server our relay takes the model for, and in which format they talk. */
export interface ModelManner {
  readonly provider: 'openai' | 'azure' | 'xai';
  readonly audio: 'pcmu' | 'pcm';
}

/** Those of the workshop that the simulated model speaks for, so that a script of it finds what it calls. */
const TOOLS = [{ module: join(SAMPLES_DIRECTORY, 'tools', 'appointments.js') }, 'hang_up'];

/**
 * Starts our relay in a process of its own, so that what is measured does not share an event loop with what measures.
 * It has one plain agent, whatever voicebridge.yaml lies around.
 *
 * @throws VoicebridgeError `internal` with the last words of a relay that did not start
 */
export async function startRelayProcess(modelUrl: string, manner: ModelManner): Promise<ListeningProcess> {
  const { provider, audio } = manner;
  const name = provider === 'azure' ? { deployment: 'bench' } : {};
  const config = {
    agents: {
      bench: { instructions: 'You are a helpful voice assistant on the phone.', model: 'model', tools: TOOLS },
    },
    models: { model: { provider, url: modelUrl, audio, ...name } },
  };
  const folder = await mkdtemp(join(tmpdir(), 'voicebridge-bench-'));
  try {
    const file = join(folder, 'voicebridge.yaml');
    // JSON is YAML.
    await writeFile(file, JSON.stringify(config));
    return await startListening([PROGRAM, 'serve', '--host', '127.0.0.1', '--port', '0', '--json', '--config', file]);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Runs `node ARGS…` and waits for its line `{"event":"listening","streamUrl":…}`. */
export async function startListening(args: readonly string[]): Promise<ListeningProcess> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env: bareEnvironment() });
  const killWithUs = (): void => void child.kill('SIGKILL');
  process.once('exit', killWithUs);
  child.once('close', () => process.off('exit', killWithUs));
  let lastWords = '';
  child.stderr.on('data', (text: Buffer) => {
    lastWords = (lastWords + text.toString()).slice(-2_000);
  });
  const lines: unknown[] = [];
  const exited = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const streamUrl = await new Promise<string>((resolve, reject) => {
    const fail = (reason: string): void => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      reject(new VoicebridgeError('internal', { message: `${reason}${lastWords ? `: ${lastWords.trim()}` : ''}` }));
    };
    const timer = setTimeout(() => fail('the process to be measured did not start in time'), START_TIMEOUT_MS);
    child.once('error', (error) => fail(error.message));
    void exited.then(() => fail('the process to be measured ended at once'));
    createInterface({ input: child.stdout }).on('line', (line) => {
      const message = parseLine(line) as { event?: unknown; streamUrl?: unknown } | undefined;
      if (message?.event === 'listening' && typeof message.streamUrl === 'string') {
        clearTimeout(timer);
        resolve(message.streamUrl);
      } else if (message) lines.push(message);
    });
  });
  return { streamUrl, ...(child.pid !== undefined && { pid: child.pid }), lines, close: () => stop(child, exited) };
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** The bench dials without a signature and needs no key: nothing of the environment may change what is measured. */
function bareEnvironment(): NodeJS.ProcessEnv {
  const ours = /^(VOICEBRIDGE_|TWILIO_|(OPENAI|AZURE_OPENAI|XAI)_API_KEY$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)));
}

async function stop(child: ChildProcess, exited: Promise<void>): Promise<void> {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await exited;
  clearTimeout(timer);
}
