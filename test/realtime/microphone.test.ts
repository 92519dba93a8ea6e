import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { decodeMulaw, encodeMulaw } from '../../src/audio/g711.js';
import { rmsDbov } from '../../src/audio/level.js';
import { tone } from '../../src/audio/tone.js';
import { component, decibels } from '../audio/spectrum.js';
import { PROGRAM, type RunningProgram, runProgram, startProgram } from '../helpers/program.js';
import { type MonitorRecording, type Pulse, startPulse } from '../helpers/pulse.js';
import { soundLibrary } from '../helpers/sound-libraries.js';
import { type StreamServer, serveStreams, type TestStream } from '../helpers/stream-server.js';

/** A tone of -20 dBov has this amplitude. */
const AMPLITUDE = 32_768 * 10 ** (-20 / 20) * Math.SQRT2;
const AUDIBLE = AMPLITUDE / 8;

let pulse: Pulse;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'voicebridge-mic-'));
  pulse = await startPulse();
}, 300_000);
afterAll(async () => {
  await pulse.close();
  await rm(folder, { recursive: true });
});

let server: StreamServer;
afterEach(() => server?.close());

/** An agent that keeps what the caller says, and is played by hand. */
async function listeningAgent() {
  const said: Buffer[] = [];
  let stopped = false;
  let start: (stream: TestStream) => void = () => {};
  const started = new Promise<TestStream>((resolve) => {
    start = resolve;
  });
  server = await serveStreams({
    onStart: (stream) => start(stream),
    onMedia: (_stream, audio) => said.push(audio),
    onStop: () => {
      stopped = true;
    },
  });
  return {
    said,
    digits: () => server.streams.flatMap(({ messages }) => messages.flatMap(digitIn)),
    started,
    stopped: () => stopped,
    since: (at: number) => decodeMulaw(Buffer.concat(said.slice(at))),
  };
}

/** The digit that a message of the phone carries. */
function digitIn(text: string): string[] {
  return text.includes('"dtmf"') ? [JSON.parse(text).dtmf.digit] : [];
}

/** The level of a tone against the -20 dBov it was made with, in its best fifth of a second: a busy machine leaves gaps. */
function levelOf(samples: Int16Array, hz: number): number {
  const pieces = Array.from({ length: Math.floor(samples.length / 1_600) }, (_, i) =>
    samples.subarray(1_600 * i, 1_600 * (i + 1)),
  );
  return decibels(Math.max(...pieces.map((piece) => component(piece, hz, 8_000).amplitude)) / AMPLITUDE);
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function until(what: string, holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    if (tries > 500) throw new Error(`in 10 s not: ${what}`);
    await pause(20);
  }
}

/** Everything on stderr is ours: no line of ALSA, JACK, PortAudio or a library's banner. */
function expectOnlyOurWords(err: string): void {
  const ours =
    /^(you are on the phone, through \w+: .*| {2}\d:\d\d\.\d {2}(call|caller|agent|lint) .*|microphone: \d+ gaps?.*|error: .*|hint: .*|)$/;
  expect(err.split('\n').filter((line) => !ours.test(line))).toEqual([]);
}

function speak(library: string, url: string, more: string[] = [], env = pulse.env): RunningProgram {
  return startProgram(['simulate', '--mic', '--url', url, '--no-record', '--json', ...more], {
    cwd: folder,
    env: { ...env, VOICEBRIDGE_SOUND: library },
  });
}

/** When the agent's tone began and ended at the speaker between two moments. */
function audible(recording: MonitorRecording, fromMs: number, toMs: number): { startMs: number; endMs: number } {
  const samples = recording.samples();
  const from = recording.sampleOf(fromMs);
  const heard = samples.subarray(from, recording.sampleOf(toMs));
  const loud = (sample: number): boolean => Math.abs(sample) > AUDIBLE;
  return {
    startMs: recording.msOf(from + heard.findIndex(loud)),
    endMs: recording.msOf(from + heard.findLastIndex(loud)),
  };
}

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

describe.each(['decibri', 'naudiodon'] as const)('simulate --mic through %s', (name) => {
  let library: string;
  beforeAll(async () => {
    library = await soundLibrary(name);
  }, 120_000);

  it('carries a tone each way, and silences the speaker within 60 ms of a clear', { timeout: 60_000 }, async () => {
    const agent = await listeningAgent();
    const program = speak(library, server.url);
    const stream = await agent.started;
    const recording = pulse.record();
    await until('the speaker is recorded', () => recording.samples().length > 0);

    pulse.play(tone({ hz: 440, ms: 4_000, dbov: -20 }));
    await until('the microphone is heard', () => rmsDbov(agent.since(-10)) > -25);
    const from = agent.said.length;
    await pause(1_200);
    const spoken = agent.since(from).subarray(0, 8_000);
    expect(Math.abs(levelOf(spoken, 440))).toBeLessThan(0.5);
    expect(levelOf(spoken, 1_000)).toBeLessThan(-20);

    const soundsAfterMs: number[] = [];
    const silentAfterMs: number[] = [];
    for (let round = 0; round < 5; round++) {
      const sentMs = performance.now();
      stream.media(encodeMulaw(tone({ hz: 660, ms: 5_000, dbov: -20 })));
      await pause(900);
      const clearMs = performance.now();
      stream.clear();
      await pause(500);
      const { startMs, endMs } = audible(recording, sentMs, clearMs + 450);
      soundsAfterMs.push(Math.round(startMs - sentMs));
      silentAfterMs.push(Math.round(endMs - clearMs));
      const middle = recording.samples().subarray(recording.sampleOf(startMs + 100), recording.sampleOf(clearMs - 50));
      expect(Math.abs(levelOf(middle, 660))).toBeLessThan(0.5);
    }
    recording.stop();
    console.log(`${name}: audible after ${soundsAfterMs} ms, silent after ${silentAfterMs} ms`);
    expect(median(soundsAfterMs)).toBeLessThan(350);
    expect(median(silentAfterMs)).toBeLessThan(60);

    program.process.kill('SIGINT');
    const { code, out, err } = await program.ended;
    expectOnlyOurWords(err);
    const document = JSON.parse(out);
    expect(document).toMatchObject({ caller: 'microphone', call: { endReason: 'hangup' } });
    expect(document.interruptions.length + document.turns.length).toBeGreaterThan(0);
    expect(code).toBe(document.exitCode);
    expect(agent.stopped()).toBe(true);
  });
});

describe('simulate --mic', () => {
  it('lets the keyboard dial, mute and hang up, and gives the terminal back as it was', {
    timeout: 40_000,
  }, async () => {
    const agent = await listeningAgent();
    const library = await soundLibrary('decibri');
    const command = `stty cols 80 rows 24; '${process.execPath}' '${PROGRAM}' simulate --mic --no-record --url '${server.url}'; stty -a`;
    const terminal = spawn('script', ['-qefc', command, '/dev/null'], {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: folder, TERM: 'xterm', ...pulse.env, VOICEBRIDGE_SOUND: library },
    });
    let shown = '';
    terminal.stdout.on('data', (text: Buffer) => {
      shown += text.toString();
    });
    const ended = new Promise((resolve) => terminal.once('close', resolve));
    await agent.started;
    pulse.play(tone({ hz: 440, ms: 4_000, dbov: -20 }));
    await until('the microphone is heard', () => rmsDbov(agent.since(-5)) > -25);
    terminal.stdin.write('5#');
    await until('the digits arrive', () => agent.digits().length === 2);
    expect(agent.digits()).toEqual(['5', '#']);
    terminal.stdin.write('m');
    await until('the microphone is off', () => rmsDbov(agent.since(-5)) === -127);
    terminal.stdin.write('q');
    await ended;
    expect(agent.stopped()).toBe(true);
    expect(shown).toContain('mutes the microphone');
    expect(shown).toMatch(/ icanon /);
    expect(shown).toMatch(/ echo /);
    expect(shown).not.toMatch(/ALSA|jack|PortAudio/i);
  });

  it('says in one sentence that there is no sound card', { timeout: 30_000 }, async () => {
    const library = await soundLibrary('decibri');
    const args = ['simulate', '--mic', '--url', 'ws://127.0.0.1:9/', '--no-record'];
    const { code, out, err } = await runProgram(args, {
      cwd: folder,
      env: { ...pulse.silentEnv, VOICEBRIDGE_SOUND: library },
    });
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^error: microphone and speaker cannot be opened: decibri: .+\nhint: connect a headset.*\n$/);
  });
});

describe.each(['decibri', 'naudiodon'] as const)('a sound server that dies under %s', (name) => {
  it('is noticed, and ends the call politely', { timeout: 40_000 }, async () => {
    const mortal = await startPulse();
    try {
      const agent = await listeningAgent();
      const program = speak(await soundLibrary(name), server.url, [], mortal.env);
      await agent.started;
      await pause(500);
      const killedMs = performance.now();
      await mortal.kill();
      const { code, out, err } = await program.ended;
      expect(performance.now() - killedMs).toBeLessThan(6_000);
      expect(agent.stopped()).toBe(true);
      expect(code).toBe(2);
      expectOnlyOurWords(err);
      expect(err.match(/microphone or speaker stopped/g)).toHaveLength(1);
      expect(JSON.parse(out)).toMatchObject({
        exitCode: 2,
        call: { endReason: 'hangup' },
        problems: [
          { message: expect.stringMatching(/^microphone or speaker stopped \(.+\), so the call was ended$/) },
          {},
        ],
      });
    } finally {
      await mortal.close();
    }
  });
});
