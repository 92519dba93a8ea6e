import { createRequire } from 'node:module';
import { join } from 'node:path';
import { decodeMulaw, encodeMulaw } from '../../audio/g711.js';
import { systemClock } from '../../clock.js';
import { type Backend, reasonOf } from './backend.js';
import { openDecibri } from './decibri.js';
import type { BackendName, FromSoundProcess, ToSoundProcess } from './messages.js';
import { openNaudiodon } from './naudiodon.js';
import { ShortQueue } from './short-queue.js';

/**
 * The process that owns a native sound library, which prints, blocks and crashes as it likes: its stdout and stderr lead
 * nowhere, and it speaks with us by messages only. Started with the library's name and the folders to look for it in.
 */

const BYTES_PER_MS = 8;
/** Frames of the phone that a late timer may bring late by before the speaker has a gap; and so much later all is heard. */
const PRIME_MS = 30;
const MAX_MS = 120;
const WINDOW_MS = 2_000;
/** A speaker that asks for nothing for so long has stopped, whatever its library says. */
const STALLED_MS = 3_000;
const CHECK_EVERY_MS = 500;
/** A speaker that has taken so much has filled its buffers and begun to sound. */
const SOUNDING_MS = 100;

const OPENERS: Readonly<Record<BackendName, Backend>> = { naudiodon: openNaudiodon, decibri: openDecibri };

const [name, ...folders] = process.argv.slice(2) as [BackendName, ...string[]];

// Nothing native is asked to end well: a library that waits for a dead sound server would wait for ever.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
// Ctrl-C goes to every process of the terminal; the call has still to end politely.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
process.on('uncaughtException', (error) => fail(reasonOf(error)));
process.on('unhandledRejection', (error) => fail(reasonOf(error)));
await run();

async function run(): Promise<void> {
  const path = find(name, folders);
  if (path === undefined) return tell({ type: 'absent' });
  const queue = new ShortQueue({
    primeBytes: PRIME_MS * BYTES_PER_MS,
    maxBytes: MAX_MS * BYTES_PER_MS,
    windowBytes: WINDOW_MS * BYTES_PER_MS,
  });
  let ready = false;
  let captured = false;
  let pulledSamples = 0;
  const begin = (): void => {
    if (ready || !captured || pulledSamples < SOUNDING_MS * BYTES_PER_MS) return;
    ready = true;
    tell({ type: 'ready' });
  };
  let pulledAtMs = systemClock.now();
  try {
    const library: unknown = createRequire(path)(path);
    const device = await OPENERS[name](library, {
      onCapture(samples) {
        captured = true;
        begin();
        tell({ type: 'captured', audio: encodeMulaw(samples) });
      },
      pull(samples) {
        pulledAtMs = systemClock.now();
        pulledSamples += samples;
        begin();
        const bytes = new Uint8Array(samples);
        queue.read(bytes);
        return decodeMulaw(bytes);
      },
      onFailure: fail,
    });
    process.on('message', (message: ToSoundProcess) => {
      if (message.type === 'play') return queue.write(message.audio);
      queue.clear();
      device.flush();
    });
  } catch (error) {
    return fail(reasonOf(error));
  }
  setInterval(() => {
    if (ready && systemClock.now() - pulledAtMs > STALLED_MS) fail('the speaker takes no sound any more');
  }, CHECK_EVERY_MS);
}

/** The module's file; undefined when no folder has it. */
function find(module: string, from: readonly string[]): string | undefined {
  for (const folder of from) {
    try {
      return createRequire(join(folder, 'package.json')).resolve(module);
    } catch {
      // Not there: the next folder may have it.
    }
  }
  return undefined;
}

function fail(reason: string): void {
  tell({ type: 'failed', reason });
}

function tell(message: FromSoundProcess): void {
  process.send?.(message);
}
