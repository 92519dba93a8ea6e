import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { VoicebridgeError } from '../errors.js';

/** Another process of ours that listens on a port it chose itself. */
export interface ListeningProcess {
  readonly streamUrl: string;
  /** Every further JSON line it prints, for the reference agent's account of what it did. */
  readonly lines: readonly unknown[];
  close(): Promise<void>;
}

const START_TIMEOUT_MS = 15_000;
const STOP_TIMEOUT_MS = 5_000;
/** `src/measure` and `dist/measure` lie equally deep. */
const PROGRAM = fileURLToPath(new URL('../../bin/voicebridge.js', import.meta.url));

/**
 * Starts our relay in a process of its own, so that what is measured does not share an event loop with what measures.
 *
 * @throws VoicebridgeError `internal` with the last words of a relay that did not start
 */
export function startRelayProcess(modelUrl: string): Promise<ListeningProcess> {
  return startListening([PROGRAM, 'serve', '--host', '127.0.0.1', '--port', '0', '--json', '--model', modelUrl]);
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
  return { streamUrl, lines, close: () => stop(child, exited) };
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** The bench dials without a signature and needs no key: neither may change what is measured. */
function bareEnvironment(): NodeJS.ProcessEnv {
  const { TWILIO_AUTH_TOKEN: _token, OPENAI_API_KEY: _key, ...rest } = process.env;
  return rest;
}

async function stop(child: ChildProcess, exited: Promise<void>): Promise<void> {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await exited;
  clearTimeout(timer);
}
