import type { Readable } from 'node:stream';

/** A stream to print on. `isTTY`, `columns` and `rows` are those of a terminal and absent otherwise. */
export type Output = NodeJS.WritableStream & { isTTY?: boolean; columns?: number; rows?: number };

export type Signal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** Everything a command meets of the world outside, as one value: whole commands run inside a test with another one. */
export interface World {
  /** The words after the program's name. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stdin: Readable;
  /** Results, and nothing else. */
  readonly stdout: Output;
  /** Progress, logs and errors. */
  readonly stderr: Output;
  /** Replaces what the signal does by default, until the returned function is called. */
  onSignal(name: Signal, handler: () => void): () => void;
  /** What the process will end with once nothing keeps it running; the last call counts. */
  setExitCode(code: number): void;
  /** Ends the process now, for a second Ctrl-C; everything else returns and lets the process run out. */
  exitNow(code: number): void;
}

/** The world of this process. A reader that goes away (`voicebridge … | head`) ends it quietly. */
export function processWorld(): World {
  process.stdout.on('error', quitOnBrokenPipe);
  process.stderr.on('error', quitOnBrokenPipe);
  return {
    argv: process.argv.slice(2),
    env: process.env,
    cwd: process.cwd(),
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    onSignal(name, handler) {
      process.on(name, handler);
      return () => process.off(name, handler);
    },
    setExitCode(code) {
      process.exitCode = code;
    },
    exitNow(code) {
      process.exit(code);
    },
  };
}

function quitOnBrokenPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
}
