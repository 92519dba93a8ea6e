import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PROGRAM, runProgram } from '../helpers/program.js';

/** `script` of util-linux gives a program a terminal of its own; the one of BSD and macOS takes other words. */
const hasScript = (() => {
  try {
    return execFileSync('script', ['--version'], { encoding: 'utf8', stdio: 'pipe' }).includes('util-linux');
  } catch {
    return false;
  }
})();

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with it
const COLOUR = /\x1b\[\d+m/g;
const SHOW_CURSOR = '\x1b[?25h';
const HIDE_CURSOR = '\x1b[?25l';

let folder: string;
let quick: string;
const running: ChildProcess[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'voicebridge-screen-'));
  quick = join(folder, 'quick.yaml');
  await writeFile(quick, 'name: quick\nsteps:\n  - wait: 10s\n  - hangup: true\n');
});
afterEach(() => {
  for (const process of running.splice(0)) process.kill('SIGKILL');
});
afterAll(() => rm(folder, { recursive: true }));

/** A program on a terminal of so many columns and rows, its keyboard in our hands. */
class OnTerminal {
  readonly ended: Promise<void>;
  text = '';
  readonly #script: ChildProcess;

  constructor(
    args: readonly string[],
    options: { size?: string; env?: Record<string, string>; meanwhile?: string } = {},
  ) {
    const [columns, rows] = (options.size ?? '80x24').split('x');
    const words = [process.execPath, PROGRAM, ...args].map((word) => `'${word}'`).join(' ');
    // What the program ends with is the last line, whatever it left on the screen before; the shell outlives Ctrl-C.
    const meanwhile = options.meanwhile ? `(${options.meanwhile}) < /dev/tty & ` : '';
    const command = `trap : INT; stty cols ${columns} rows ${rows}; ${meanwhile} ${words}; echo "ended with $?"`;
    const { PATH = '', HOME = '' } = process.env;
    this.#script = spawn('script', ['-qfc', command, '/dev/null'], {
      cwd: folder,
      env: { PATH, HOME, TERM: 'xterm-256color', SHELL: '/bin/sh', ...options.env },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    running.push(this.#script);
    this.#script.stdout!.setEncoding('utf8').on('data', (chunk: string) => {
      this.text += chunk;
    });
    this.ended = new Promise((resolve) => this.#script.on('close', () => resolve()));
  }

  type(keys: string): void {
    this.#script.stdin!.write(keys);
  }

  /** Waits for a text, whatever its colours. */
  async shows(text: string | RegExp): Promise<void> {
    for (let left = 1200; left > 0; left--) {
      const plain = this.text.replace(COLOUR, '');
      if (typeof text === 'string' ? plain.includes(text) : text.test(plain)) return;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error(`never showed ${text}:\n${this.text}`);
  }

  /** Nothing is left behind: no picture, no hidden cursor. Returns the rows that stay, as a terminal would show them. */
  async left(): Promise<string[]> {
    await this.ended;
    expect(this.text.lastIndexOf(SHOW_CURSOR)).toBeGreaterThanOrEqual(this.text.lastIndexOf(HIDE_CURSOR));
    const rows = rowsOf(this.text);
    expect(rows.filter((row) => /voicebridge ·|^ buffer/.test(row))).toEqual([]);
    return rows;
  }
}

/** Enough of a terminal to follow what the screen writes; `^C` is what the terminal itself echoes. */
function rowsOf(written: string): string[] {
  const rows: string[] = [''];
  let row = 0;
  let column = 0;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what a terminal is told with
  for (const part of written.split(/(\x1b\[[?0-9;]*[a-zA-Z]|\r|\n)/)) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: as above
    const [, count, kind] = /^\x1b\[(\d*)([AGJK])$/.exec(part) ?? [];
    if (part === '\n') rows[++row] ??= '';
    else if (part === '\r') column = 0;
    else if (kind === 'A') row = Math.max(0, row - Number(count || 1));
    else if (kind === 'G') column = Number(count || 1) - 1;
    else if (kind === 'K') rows[row] = count === '2' ? '' : rows[row]!.slice(0, column);
    else if (kind === 'J') {
      rows.length = row + 1;
      rows[row] = rows[row]!.slice(0, column);
    } else if (!part.startsWith('\x1b')) {
      rows[row] = rows[row]!.slice(0, column).padEnd(column) + part + rows[row]!.slice(column + part.length);
      column += part.length;
    }
  }
  return rows.map((each) => each.trimEnd()).filter((each) => each !== '');
}

async function listening(treat: (socket: Socket) => void): Promise<{ url: string; close: () => void }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    treat(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

describe.runIf(hasScript)('simulate on a terminal', () => {
  const simulate = ['simulate', 'samples/greeting', '--no-record'];

  it('draws the call, hangs up on Ctrl-C, and leaves lines and a cursor', async () => {
    const terminal = new OnTerminal(simulate);
    await terminal.shows('agent ');
    await terminal.shows(/greeting \d+ ms · no findings/);
    terminal.type('\x03');
    const rows = await terminal.left();
    expect(rows.at(-1)).toBe('ended with 0');
    expect(rows).toContainEqual(expect.stringMatching(/^ {2}0:0\d\.\d {2}agent {3}greets$/));
    expect(rows).toContainEqual(expect.stringMatching(/^ {2}0:0\d\.\d {2}caller {2}hangs up$/));
    expect(rows).toContainEqual(expect.stringContaining('the caller hung up'));
    expect(terminal.text).toContain('\x1b[3');
  });

  it('has no colours with NO_COLOR, and still moves', async () => {
    const terminal = new OnTerminal(simulate, { env: { NO_COLOR: '1' } });
    await terminal.shows(/greeting \d+ ms/);
    terminal.type('\x03');
    await terminal.left();
    expect(terminal.text).toContain(HIDE_CURSOR);
    expect(terminal.text.replace(COLOUR, '')).toBe(terminal.text);
  });

  it.each(['20x10', '40x24', '132x50'])('leaves as little behind on %s', async (size) => {
    const terminal = new OnTerminal(simulate, { size });
    await terminal.shows(/0:01\.\d/);
    terminal.type('\x03');
    expect((await terminal.left()).at(-1)).toBe('ended with 0');
  });

  it('follows a terminal that becomes wider', async () => {
    const terminal = new OnTerminal(simulate, { size: '50x20', meanwhile: 'sleep 2; stty cols 100' });
    await terminal.shows(/\n caller {2}.{31} {2}silent/);
    await terminal.shows(/\n caller {2}.{81} {2}silent/);
    terminal.type('\x03');
    expect((await terminal.left()).at(-1)).toBe('ended with 0');
  });

  it('can be stopped while it connects', async () => {
    const server = await listening(() => {});
    const terminal = new OnTerminal(['simulate', quick, '--no-record', '--url', server.url]);
    await terminal.shows(' connecting');
    terminal.type('\x03');
    const rows = await terminal.left();
    server.close();
    expect(rows).toContainEqual(expect.stringContaining('was given up before it was answered'));
    expect(rows.at(-1)).toBe('ended with 3');
  });

  it('can be stopped while it hangs up on a server that does not answer the close', async () => {
    const { createHash } = await import('node:crypto');
    const server = await listening((socket) =>
      socket.once('data', (head) => {
        const key = /sec-websocket-key: (\S+)/i.exec(String(head))![1];
        const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
        socket.write(
          `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
        );
      }),
    );
    const terminal = new OnTerminal(['simulate', quick, '--no-record', '--url', server.url]);
    await terminal.shows(/0:00\.\d/);
    terminal.type('\x03');
    await terminal.shows('hanging up');
    terminal.type('\x03');
    expect((await terminal.left()).at(-1)).toBe('ended with 130');
    server.close();
  });

  it('can be stopped before it has begun', async () => {
    const terminal = new OnTerminal(simulate);
    await terminal.shows(/starting|connecting|0:00/);
    terminal.type('\x03');
    expect((await terminal.left()).at(-1)).toMatch(/^ended with /);
  });
});

describe('on stderr', () => {
  it('neither node nor a library of ours warns of anything, in any command', async () => {
    // A deprecation becomes an error, which the program would have to report.
    const env = { NODE_OPTIONS: '--throw-deprecation --trace-warnings', VOICEBRIDGE_DEBUG: '1' };
    const commands = [
      ['--help'],
      ['simulate', 'nobody.wav'],
      ['simulate', quick, '--no-record', '--url', 'ws://127.0.0.1:1/'],
      ['bench', '--budget', 'nonsense'],
      ['serve', '--port', '-1'],
      ['model', '--port', 'x'],
    ];
    const ended = await Promise.all(commands.map((args) => runProgram(args, { cwd: folder, env })));
    for (const { err } of ended) expect(err).not.toMatch(/warning|deprecat/i);
    const plain = await Promise.all(commands.map((args) => runProgram(args, { cwd: folder })));
    for (const { err } of plain) expect(err).not.toMatch(/^\s+at |node:internal/m);
  });
});
