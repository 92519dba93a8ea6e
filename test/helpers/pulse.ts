import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

const PACKAGES = ['pulseaudio', 'pulseaudio-utils', 'libasound2-plugins'];
/** What the packages bring that is used here; the ALSA plugin has no program of its own. */
const PROGRAMS = ['pulseaudio', 'pactl', 'pacat', 'parec'];

/** Two rooms without hardware: what is played in `room` is what the microphone hears; the speaker's monitor is recorded. */
const CONFIG = `
load-module module-native-protocol-unix
load-module module-null-sink sink_name=speaker rate=48000
load-module module-null-sink sink_name=room rate=48000
set-default-sink speaker
set-default-source room.monitor
`;

/** ALSA as a program finds it on a desktop: its default leads to the sound server, and there is nothing else. */
const ALSA = `
</usr/share/alsa/alsa.conf>
pcm.!default { type pulse }
ctl.!default { type pulse }
`;

/** A machine with nothing to hear and nothing to speak into. */
const NO_SOUND = 'pcm.!default { type hw card 31 }\nctl.!default { type hw card 31 }\n';

export interface Pulse {
  /** For programs that are to hear and speak there. */
  readonly env: Readonly<Record<string, string>>;
  /** For programs that are to find no sound card. */
  readonly silentEnv: Readonly<Record<string, string>>;
  /** Plays 16-bit mono samples at 8 kHz into the microphone, from now on. */
  play(samples: Int16Array): void;
  record(): MonitorRecording;
  /** As when the sound server crashes. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

export interface MonitorRecording {
  /** What has come so far: 16-bit mono at 8 kHz. */
  samples(): Int16Array;
  /** When a sample sounded, on `performance.now()`: at the latest, by the pieces that were delivered fastest. */
  msOf(sample: number): number;
  sampleOf(ms: number): number;
  stop(): void;
}

/**
 * Starts a PulseAudio server of its own, without hardware. Installs it first where that is possible; where it is not, this
 * is an error and not a reason to leave tests out: they are the only ones that hear anything.
 */
export async function startPulse(): Promise<Pulse> {
  await install();
  const folder = await mkdtemp(join(tmpdir(), 'voicebridge-pulse-'));
  const file = async (name: string, text: string): Promise<string> => {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };
  const sound = { XDG_RUNTIME_DIR: folder, PULSE_RUNTIME_PATH: folder, PULSE_SERVER: `unix:${folder}/native` };
  const env = { ...sound, ALSA_CONFIG_PATH: await file('alsa.conf', ALSA) };
  const silentEnv = { ...sound, ALSA_CONFIG_PATH: await file('silent.conf', NO_SOUND) };
  const full = { PATH: process.env.PATH ?? '', HOME: folder, ...env };
  const config = await file('pulse.pa', CONFIG);
  const args = ['-n', '-F', config, '--exit-idle-time=-1', '--daemonize=no', '--use-pid-file=no', '--disable-shm'];
  const server = spawn('pulseaudio', args, { env: full, stdio: ['ignore', 'ignore', 'pipe'] });
  let words = '';
  server.stderr.on('data', (text: Buffer) => {
    words += text.toString();
  });
  const ended = new Promise<void>((resolve) => server.once('close', () => resolve()));
  for (let tries = 0; ; tries++) {
    const ready = await run('pactl', ['info'], { env: full }).catch(() => undefined);
    if (ready) break;
    if (tries > 50 || server.exitCode !== null) throw new Error(`PulseAudio did not start:\n${words}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const children: ChildProcess[] = [];
  const raw = ['--raw', '--format=s16le', '--rate=8000', '--channels=1'];
  const kill = async (): Promise<void> => {
    server.kill('SIGKILL');
    await ended;
  };
  return {
    env,
    silentEnv,
    play(samples) {
      const child = spawn('pacat', ['--playback', '--device=room', ...raw], {
        env: full,
        stdio: ['pipe', 'ignore', 'ignore'],
      });
      children.push(child);
      child.stdin.on('error', () => {});
      child.stdin.end(Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength));
    },
    record() {
      const child = spawn('parec', ['--device=speaker.monitor', '--latency-msec=5', ...raw], {
        env: full,
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      children.push(child);
      return recordingOf(child);
    },
    kill,
    async close() {
      for (const child of children) child.kill('SIGKILL');
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function recordingOf(child: ChildProcess): MonitorRecording {
  const pieces: Buffer[] = [];
  let bytes = 0;
  let zeroMs = Number.POSITIVE_INFINITY;
  child.stdout?.on('data', (piece: Buffer) => {
    pieces.push(piece);
    bytes += piece.length;
    zeroMs = Math.min(zeroMs, performance.now() - bytes / 2 / 8);
  });
  return {
    samples() {
      const all = Buffer.concat(pieces);
      return Int16Array.from({ length: all.length >> 1 }, (_, i) => all.readInt16LE(2 * i));
    },
    msOf: (sample) => zeroMs + sample / 8,
    sampleOf: (ms) => Math.round((ms - zeroMs) * 8),
    stop: () => void child.kill('SIGKILL'),
  };
}

async function install(): Promise<void> {
  const missing = async (): Promise<boolean> => {
    const found = await Promise.allSettled(PROGRAMS.map((program) => run('which', [program])));
    const plugin = await run('sh', ['-c', 'ls /usr/lib/*/alsa-lib/libasound_module_pcm_pulse.so']).catch(
      () => undefined,
    );
    return plugin === undefined || found.some(({ status }) => status === 'rejected');
  };
  if (!(await missing())) return;
  const advice = `these tests need PulseAudio: apt-get install -y ${PACKAGES.join(' ')}`;
  if (process.getuid?.() !== 0) throw new Error(advice);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['update', '-qq'], { env }).catch(() => undefined);
  await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...PACKAGES], { env }).catch(
    () => undefined,
  );
  if (await missing()) throw new Error(advice);
}
