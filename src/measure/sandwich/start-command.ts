import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { type Clock, sleepUntil } from '../../clock.js';
import { VoicebridgeError } from '../../errors.js';
import { DEFAULTS } from '../../options.js';

export interface StartOptions {
  /** Given to the shell. */
  readonly command: string;
  readonly env: NodeJS.ProcessEnv;
  readonly host: string;
  readonly port: number;
  /** Everything it prints is written there. */
  readonly logFile: string;
  readonly clock: Clock;
  readonly cwd?: string;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** A relay under test that is running. */
export interface StartedCommand {
  /** Of the shell, which leads the process group. */
  readonly pid: number;
  /** Throws VoicebridgeError `relay-died`, with its last lines, when it has ended by itself. */
  check(): void;
  /** Ends it with everything it has started; resolves when nothing of it is left. */
  stop(): Promise<void>;
}

const LOOK_AGAIN_MS = 50;
/** After a polite request to end. */
const STOP_TIMEOUT_MS = 5_000;
const LAST_LINES = 8;
const LAST_CHARACTERS = 1_500;

/**
 * Starts a program by its shell command, in a process group of its own, and waits for its port.
 *
 * @throws VoicebridgeError `relay-port-taken` when somebody listens there already, `relay-died`, `relay-not-listening`
 */
export async function startCommand(options: StartOptions): Promise<StartedCommand> {
  const { command, host, port, clock, signal, timeoutMs = DEFAULTS.bench.startTimeoutMs } = options;
  if (await isOpen(host, port)) throw new VoicebridgeError('relay-port-taken', { host, port, any: '{port}' });
  const started = launch(options);
  const giveUpMs = clock.now() + timeoutMs;
  try {
    while (!(await isOpen(host, port))) {
      signal?.throwIfAborted();
      started.check();
      if (clock.now() >= giveUpMs)
        throw new VoicebridgeError('relay-not-listening', {
          ...{ command, host, port, timeoutMs, log: options.logFile },
          words: lastWords(options.logFile),
        });
      await sleepUntil(clock, clock.now() + LOOK_AGAIN_MS);
    }
    started.check();
    return started;
  } catch (error) {
    await started.stop();
    throw error;
  }
}

function launch({ command, env, cwd, logFile, clock }: StartOptions): StartedCommand {
  const log = openSync(logFile, 'a');
  // Straight into the file: what it prints costs the measuring process nothing.
  const child = spawn(command, {
    shell: true,
    detached: true,
    env,
    stdio: ['ignore', log, log],
    ...(cwd !== undefined && { cwd }),
  });
  closeSync(log);
  let ended: string | undefined;
  let stopping = false;
  child.once('error', (error) => {
    ended ??= error.message;
  });
  child.once('exit', (code, signalName) => {
    ended ??= code === null ? `was ended by ${signalName}` : `ended with code ${code}`;
  });
  const pid = child.pid ?? 0;
  const kill = (name: NodeJS.Signals | 0): boolean => signalGroup(pid, name);
  const killWithUs = (): void => void kill('SIGKILL');
  process.once('exit', killWithUs);
  return {
    pid,
    check() {
      if (ended === undefined || stopping) return;
      throw new VoicebridgeError('relay-died', { command, how: ended, log: logFile, words: lastWords(logFile) });
    },
    async stop() {
      stopping = true;
      const patienceMs = clock.now() + STOP_TIMEOUT_MS;
      kill('SIGTERM');
      // The group is there as long as one of it is: a child that outlives its shell counts.
      while (kill(0) && clock.now() < patienceMs) await sleepUntil(clock, clock.now() + LOOK_AGAIN_MS);
      kill('SIGKILL');
      process.off('exit', killWithUs);
    },
  };
}

/** Whether there was anybody to send it to. */
function signalGroup(pid: number, name: NodeJS.Signals | 0): boolean {
  if (pid === 0) return false;
  try {
    return process.kill(-pid, name);
  } catch {
    return false;
  }
}

/** What it said last, for the person whose program it is; a sentence when it said nothing. */
export function lastWords(logFile: string): string {
  const text = readFileSync(logFile, 'utf8').trimEnd().slice(-LAST_CHARACTERS);
  const lines = text.split('\n').slice(-LAST_LINES);
  return text === '' ? 'it printed nothing' : `it printed last:\n    ${lines.join('\n    ')}`;
}

function isOpen(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: host.replace(/^\[|\]$/g, ''), port });
    const tell = (open: boolean) => (): void => {
      socket.destroy();
      resolve(open);
    };
    socket.once('connect', tell(true));
    socket.once('error', tell(false));
  });
}
