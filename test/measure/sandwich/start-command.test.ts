import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/clock.js';
import { lastWords, startCommand } from '../../../src/measure/sandwich/start-command.js';

/** Listens on PORT and says so; the shell in front of it stays, so that it is a child of a child. */
const SERVER = `"${process.execPath}" -e "
  require('net').createServer().listen(process.env.PORT, '127.0.0.1', () => console.log('here, as', process.pid));
" ; true`;

let folder: string;
let logFile: string;
let port: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'start-command-'));
  logFile = join(folder, 'relay.log');
  const taken = await listen();
  port = (taken.address() as AddressInfo).port;
  await new Promise((resolve) => taken.close(resolve));
});

afterEach(() => rm(folder, { recursive: true }));

function listen(): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => resolve(server));
  });
}

const start = (command: string, timeoutMs = 5_000) =>
  startCommand({
    ...{ command, host: '127.0.0.1', port, logFile, clock: systemClock, timeoutMs },
    env: { ...process.env, PORT: String(port) },
  });

describe('startCommand', () => {
  it('waits for the port, keeps what is printed, and ends children of children too', async () => {
    const relay = await start(SERVER);
    relay.check();
    const printed = await readFile(logFile, 'utf8');
    const grandchild = Number(/here, as (\d+)/.exec(printed)?.[1]);
    expect(() => process.kill(grandchild, 0)).not.toThrow();
    await relay.stop();
    expect(() => process.kill(grandchild, 0)).toThrow('ESRCH');
    expect(() => relay.check()).not.toThrow();
  });

  it('shows the last lines of a program that ends before it listens', async () => {
    await expect(start('echo one; echo two >&2; exit 7')).rejects.toMatchObject({
      code: 'relay-died',
      message: '"echo one; echo two >&2; exit 7" ended with code 7; it printed last:\n    one\n    two',
      hint: `all it printed is in ${logFile}`,
    });
  });

  it('gives up on a program that listens nowhere, and ends it', async () => {
    await expect(start('echo thinking; sleep 30', 300)).rejects.toMatchObject({
      code: 'relay-not-listening',
      message: expect.stringContaining(
        `did not listen on 127.0.0.1:${port} within 300 ms; it printed last:\n    thinking`,
      ),
    });
  });

  it('does not measure whoever listens there already', async () => {
    const other = await new Promise<Server>((resolve) => {
      const server = createServer().listen(port, '127.0.0.1', () => resolve(server));
    });
    await expect(start('sleep 30')).rejects.toMatchObject({
      code: 'relay-port-taken',
      hint: expect.stringContaining('--url ws://127.0.0.1:{port}/'),
    });
    other.close();
  });

  it('notices a relay that ends later', async () => {
    const relay = await start(SERVER.replace('; true', '; exit 3'));
    relay.check();
    process.kill(Number(/here, as (\d+)/.exec(await readFile(logFile, 'utf8'))?.[1]), 'SIGKILL');
    await expect
      .poll(() => {
        try {
          relay.check();
          return 'alive';
        } catch (error) {
          return (error as Error).message;
        }
      })
      .toContain('ended with code 3; it printed last:\n    here, as');
    await relay.stop();
  });
});

describe('lastWords', () => {
  it('are the last eight lines', async () => {
    const many = Array.from({ length: 20 }, (_, index) => `line ${index}`).join('\\n');
    await expect(start(`printf '${many}\\n'`)).rejects.toThrow('line 19');
    expect(lastWords(logFile).split('\n')).toHaveLength(9);
    expect(lastWords(logFile)).not.toContain('line 11');
  });
});
