import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../../../src/cli/main.js';
import { type StreamServer, serveStreams } from '../../helpers/stream-server.js';
import { type TestWorld, testWorld } from '../../helpers/world.js';

/** A library in place of decibri: hears a loud hum, prints as sound libraries do, and is unplugged after so many frames. */
const decibri = (frames: number): string => `
const { EventEmitter } = require('node:events');
console.log('a banner'); console.error('ALSA lib: chatter');
exports.Microphone = class extends EventEmitter {
  constructor() {
    super();
    let left = ${frames};
    const timer = setInterval(() => {
      if (left-- > 0) return this.emit('data', Buffer.alloc(320, 0x20));
      clearInterval(timer);
      this.emit('end');
    }, 20);
  }
};
exports.Speaker = class {
  static devices() { return []; }
  writeAsync() { return new Promise((resolve) => setTimeout(resolve, 2)); }
  stop() {}
};
`;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'voicebridge-mic-'));
  for (const [name, frames] of [
    ['lasting', 10_000],
    ['short', 50],
  ] as const) {
    const module = join(folder, name, 'node_modules', 'decibri');
    await mkdir(module, { recursive: true });
    await writeFile(join(module, 'index.js'), decibri(frames));
  }
});
afterAll(() => rm(folder, { recursive: true }));

let server: StreamServer;
afterEach(() => server?.close());

function worldOf(library: string, ...more: string[]): TestWorld {
  return testWorld({
    argv: ['simulate', '--mic', '--no-record', '--url', server.url, ...more],
    env: { VOICEBRIDGE_SOUND: join(folder, library) },
    cwd: folder,
  });
}

describe('simulate --mic', () => {
  it('puts the microphone on the phone until the caller hangs up, and shows nothing of the library', async () => {
    const heard: number[] = [];
    let world: TestWorld | undefined;
    server = await serveStreams({
      onMedia: (_stream, audio) => {
        heard.push(...audio);
        if (heard.length === 30 * 160) world?.raise('SIGINT');
      },
    });
    world = worldOf('lasting', '--json');
    await main(world);
    // 0x2020 is 8 224: in µ-law the code 0x9f.
    expect(new Set(heard.slice(-160))).toEqual(new Set([0x9f]));
    expect(JSON.parse(world.out())).toMatchObject({ caller: 'microphone', call: { endReason: 'hangup' } });
    expect(world.err()).toMatch(/^you are on the phone, through decibri: use a headset/);
    expect(world.err() + world.out()).not.toMatch(/banner|ALSA/);
  });

  it('ends the call with a sentence when the microphone is unplugged', async () => {
    server = await serveStreams({});
    const world = worldOf('short');
    await main(world);
    expect(world.exitCode()).toBe(2);
    expect(world.err()).toContain('microphone or speaker stopped: the microphone was closed');
    expect(world.out()).toContain('microphone or speaker stopped (the microphone was closed), so the call was ended');
    expect(server.streams[0]!.messages.at(-1)).toContain('"event":"stop"');
  });

  it('says what to type when no library is installed', async () => {
    server = await serveStreams({});
    const world = worldOf('nothing');
    await main(world);
    expect(world.exitCode()).toBe(2);
    expect(world.err()).toBe(
      'error: --mic needs a library for microphone and speaker, and neither decibri nor naudiodon is installed\n' +
        'hint: npm install decibri, or npm install naudiodon (needs a C++ compiler)\n',
    );
    expect(server.streams).toEqual([]);
  });
});
