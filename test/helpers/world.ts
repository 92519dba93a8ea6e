import { PassThrough } from 'node:stream';
import type { Output, Signal, World } from '../../src/cli/world.js';

/** A world that remembers what was printed, for running whole commands inside a test. */
export interface TestWorld extends World {
  out(): string;
  err(): string;
  exitCode(): number | undefined;
  raise(signal: Signal): void;
}

export interface TestWorldOptions {
  readonly argv?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Makes stderr a terminal of this size. */
  readonly terminal?: { readonly columns: number; readonly rows: number };
}

export function testWorld(options: TestWorldOptions = {}): TestWorld {
  const stdout = capture();
  const stderr = capture();
  if (options.terminal) Object.assign(stderr.stream, { isTTY: true, ...options.terminal });
  const handlers = new Map<Signal, Set<() => void>>();
  let exitCode: number | undefined;
  return {
    argv: options.argv ?? [],
    env: options.env ?? {},
    cwd: options.cwd ?? process.cwd(),
    stdin: new PassThrough(),
    stdout: stdout.stream,
    stderr: stderr.stream,
    onSignal(name, handler) {
      const set = handlers.get(name) ?? new Set();
      handlers.set(name, set.add(handler));
      return () => set.delete(handler);
    },
    setExitCode(code) {
      exitCode = code;
    },
    exitNow(code) {
      exitCode = code;
    },
    out: stdout.text,
    err: stderr.text,
    exitCode: () => exitCode,
    raise(signal) {
      for (const handler of handlers.get(signal) ?? []) handler();
    },
  };
}

function capture(): { stream: Output; text: () => string } {
  const stream = new PassThrough() as PassThrough & Output;
  let text = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  return {
    stream,
    text: () => {
      for (let rest = stream.read(); rest !== null; rest = stream.read()) text += rest;
      return text;
    },
  };
}
