import { type ChildProcess, fork } from 'node:child_process';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Clock } from '../../clock.js';
import { VoicebridgeError } from '../../errors.js';
import { BACKENDS, type BackendName, type FromSoundProcess, type ToSoundProcess } from './messages.js';

/** An open microphone and an open speaker. All audio is µ-law at 8 kHz. */
export interface Sound {
  readonly backend: BackendName;
  /** Sounds behind what was given before. Never waits; what is given faster than it sounds is shortened. */
  play(audio: Uint8Array): void;
  /** Silences the speaker: what was given and has not sounded is thrown away. */
  flush(): void;
  /** Gives microphone and speaker back, at once. May be called twice. */
  close(): void;
}

export interface SoundOptions {
  readonly clock: Clock;
  /** Folders whose node_modules, or those above them, may hold naudiodon or decibri. */
  readonly folders: readonly string[];
  /** What the microphone records, from the first sound on, in pieces of about 20 ms. */
  readonly onCapture: (audio: Uint8Array) => void;
  /** Microphone or speaker is gone; once, and never after `close`. */
  readonly onLost: (reason: string) => void;
  /** The program of the sound process; ours unless told. */
  readonly program?: string;
  readonly backends?: readonly BackendName[];
}

/** Sound servers take up to three seconds for the first sample. */
const FIRST_SOUND_MS = 10_000;
/** `src/simulator/device` and `dist/simulator/device` lie equally deep; a child process runs what was built. */
const PROGRAM = fileURLToPath(new URL('../../../dist/simulator/device/sound-process.js', import.meta.url));

/**
 * Opens the machine's default microphone and speaker with the first library that is installed and can. Resolves when the
 * microphone has given its first sound and the speaker sounds.
 *
 * @throws VoicebridgeError `sound-library-missing`, or `sound-unavailable` with what the libraries said
 */
export async function openSound(options: SoundOptions): Promise<Sound> {
  const reasons: string[] = [];
  for (const backend of options.backends ?? BACKENDS) {
    const outcome = await start(backend, options);
    if (typeof outcome !== 'string') return outcome;
    if (outcome !== ABSENT) reasons.push(`${backend}: ${outcome}`);
  }
  if (reasons.length === 0) throw new VoicebridgeError('sound-library-missing');
  throw new VoicebridgeError('sound-unavailable', { reason: reasons.join('; ') });
}

const ABSENT = '';

/**
 * One library in a process of its own. Resolves with why it cannot, or ABSENT.
 *
 *   starting ── ready ──▶ open ── failed, exit ──▶ lost
 *      └─ absent, failed, exit, nothing in time ──▶ given up
 */
function start(backend: BackendName, options: SoundOptions): Promise<Sound | string> {
  const { clock, folders, program = PROGRAM, onCapture, onLost } = options;
  const child = fork(program, [backend, ...folders], {
    // Native code prints where it likes: nobody is to see it. segfault-handler leaves a crash.log where it stands.
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    cwd: tmpdir(),
    execArgv: [],
    serialization: 'advanced',
  });
  const killWithUs = (): void => void child.kill('SIGKILL');
  process.once('exit', killWithUs);
  const end = (): void => {
    process.off('exit', killWithUs);
    child.removeAllListeners();
    child.on('error', () => {});
    child.kill('SIGKILL');
  };
  return new Promise((resolve) => {
    let open = false;
    const stop = (reason: string): void => {
      cancel();
      end();
      if (open) onLost(reason);
      else resolve(reason);
    };
    const cancel = clock.at(clock.now() + FIRST_SOUND_MS, () =>
      stop(`microphone or speaker did not begin in ${FIRST_SOUND_MS / 1000} s`),
    );
    child.on('message', (message: FromSoundProcess) => {
      switch (message.type) {
        case 'captured':
          return onCapture(message.audio);
        case 'absent':
          return stop(ABSENT);
        case 'failed':
          return stop(message.reason);
        case 'ready':
          cancel();
          open = true;
          return resolve(soundOf(backend, child, end));
      }
    });
    child.on('error', (error) => stop(error.message));
    child.on('exit', (code, signal) => stop(`${backend} ended (${signal ?? `code ${code}`})`));
  });
}

function soundOf(backend: BackendName, child: ChildProcess, end: () => void): Sound {
  const send = (message: ToSoundProcess): void => {
    // A message to a process that has just died is lost with it; its exit tells.
    if (child.connected) child.send(message, () => {});
  };
  return {
    backend,
    play: (audio) => send({ type: 'play', audio }),
    flush: () => send({ type: 'flush' }),
    close: end,
  };
}
