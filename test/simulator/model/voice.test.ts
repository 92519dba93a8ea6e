import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeMulaw } from '../../../src/audio/g711.js';
import { rmsDbov } from '../../../src/audio/level.js';
import { tone } from '../../../src/audio/tone.js';
import { VoicebridgeError } from '../../../src/errors.js';
import { loadVoice } from '../../../src/simulator/model/voice.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'voicebridge-voice-'));
  await writeWav('hello.wav', 16_000, tone({ hz: 440, ms: 250, dbov: -20, rate: 16_000 }));
  await writeWav('wide.wav', 44_100, tone({ hz: 440, ms: 100, dbov: -20, rate: 44_100 }));
  await writeWav('empty.wav', 8000, new Int16Array(0));
});
afterAll(() => rm(folder, { recursive: true }));

describe('the packaged voice', () => {
  it('is found from any working directory and speaks in both formats', async () => {
    const { greeting, lines, interrupted } = await loadVoice();
    expect(greeting.text).toBe('Green Street Bicycles, good morning. How can I help you?');
    expect(interrupted?.text).toBe('Please go ahead.');
    expect(lines).toHaveLength(5);
    for (const { pcmu, l16 } of [greeting, interrupted!, ...lines]) {
      expect(l16).toHaveLength(pcmu.length * 3);
      expect(rmsDbov(decodeMulaw(pcmu))).toBeGreaterThan(-22);
      expect(rmsDbov(l16)).toBeGreaterThan(-22);
    }
  });

  it('has a greeting of about three seconds and two answers long enough to be interrupted', async () => {
    const { greeting, lines } = await loadVoice();
    expect(greeting.pcmu.length / 8000).toBeGreaterThan(2.5);
    expect(greeting.pcmu.length / 8000).toBeLessThan(4);
    expect(lines.filter(({ pcmu }) => pcmu.length > 6 * 8000)).toHaveLength(2);
  });
});

describe('loadVoice', () => {
  it('reads a file or the folder that holds agent.yaml, whatever the rate of its sounds', async () => {
    const yaml = 'greeting: {wav: hello.wav, text: Hello}\nlines: [{wav: wide.wav, text: " Wide "}]\n';
    const path = await writeVoice('good', yaml);
    const fromFolder = await loadVoice(join(folder, 'good'));
    expect(fromFolder.greeting.text).toBe('Hello');
    expect(fromFolder.greeting.pcmu).toHaveLength(2000);
    expect(fromFolder.greeting.l16).toHaveLength(6000);
    expect(fromFolder.lines[0]?.text).toBe('Wide');
    expect(fromFolder.lines[0]?.pcmu).toHaveLength(800);
    expect(fromFolder.lines[0]?.l16).toHaveLength(2400);
    expect(fromFolder).not.toHaveProperty('interrupted');
    expect(await loadVoice(path)).toEqual(fromFolder);
  });

  it.each([
    ['a list', '- hello.wav\n', 1, 'a voice is a map with greeting and lines'],
    ['nothing at all', '', 1, 'a voice is a map with greeting and lines'],
    ['no lines', 'greeting: {wav: hello.wav, text: Hi}\n', 1, 'lines must be a list with at least one {wav, text}'],
    ['an empty list', 'greeting: {wav: hello.wav, text: Hi}\nlines: []\n', 2, 'lines must be a list with at least'],
    ['no greeting', 'lines: [{wav: hello.wav, text: Hi}]\n', 1, 'greeting must be {wav, text}'],
    [
      'a greeting that is a name',
      'lines: [{wav: a, text: b}]\ngreeting: hello.wav\n',
      2,
      'greeting must be {wav, text}',
    ],
    [
      'a line without words',
      'greeting: {wav: hello.wav, text: Hi}\nlines:\n  - wav: hello.wav\n    text: Hi\n  - wav: hello.wav\n',
      5,
      'lines, entry 2, needs a text, the words spoken',
    ],
    ['a wav that is a number', 'greeting: {wav: 3, text: Hi}\nlines: [{wav: a, text: b}]\n', 1, 'greeting needs a wav'],
    [
      'an unknown key',
      'greeting: {wav: hello.wav, text: Hi}\nlines: [{wav: hello.wav, text: Hi}]\nintterupted: {}\n',
      3,
      'unknown key intterupted; known are greeting, lines, interrupted',
    ],
    [
      'an unknown key of a line',
      'greeting:\n  wav: hello.wav\n  text: Hi\n  txt: Ho\nlines: [{wav: a, text: b}]\n',
      4,
      'unknown key txt; known are wav, text',
    ],
    ['broken YAML', 'greeting: {wav: hello.wav\nlines: [}\n', 2, ''],
  ])('refuses %s with the line and one sentence', async (name, yaml, line, reason) => {
    const path = await writeVoice(name, yaml);
    const error = await failure(path);
    expect(error.code).toBe('script-invalid');
    expect(error.exit).toBe(2);
    expect(error.message).toContain(`${path}, line ${line}: ${reason}`);
    expect(error.message).not.toContain('\n');
  });

  it('names a voice, or a sound in it, that is not there', async () => {
    expect((await failure(join(folder, 'nowhere', 'agent.yaml'))).code).toBe('file-missing');
    const path = await writeVoice('mute', 'greeting: {wav: no.wav, text: Hi}\nlines: [{wav: no.wav, text: Hi}]\n');
    const error = await failure(path);
    expect(error.code).toBe('file-missing');
    expect(error.message).toContain(join(folder, 'mute', 'no.wav'));
  });

  it('refuses a sound without samples', async () => {
    const path = await writeVoice(
      'empty',
      'greeting: {wav: ../empty.wav, text: Hi}\nlines: [{wav: ../hello.wav, text: Hi}]\n',
    );
    expect((await failure(path)).code).toBe('wav-unreadable');
  });
});

async function failure(path: string): Promise<VoicebridgeError> {
  const error = await loadVoice(path).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(VoicebridgeError);
  return error as VoicebridgeError;
}

async function writeVoice(name: string, yaml: string): Promise<string> {
  await mkdir(join(folder, name), { recursive: true });
  const path = join(folder, name, 'agent.yaml');
  await writeFile(path, yaml.replaceAll('wav: hello', 'wav: ../hello').replaceAll('wav: wide', 'wav: ../wide'));
  return path;
}

async function writeWav(name: string, rate: number, samples: Int16Array): Promise<void> {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + samples.byteLength, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate * 2, 28);
  header.writeUInt16LE(2, 32);
  header.writeUInt16LE(16, 34);
  header.write('data', 36);
  header.writeUInt32LE(samples.byteLength, 40);
  await writeFile(join(folder, name), Buffer.concat([header, Buffer.from(samples.buffer)]));
}

it('knows from its labels where each word of the packaged voice ends', async () => {
  const truth: { wav: string; text: string; wordEndsMs: number[] }[] = JSON.parse(
    readFileSync(new URL('../../fixtures/agent-words.json', import.meta.url), 'utf8'),
  );
  const { greeting, lines, interrupted } = await loadVoice();
  for (const line of [greeting, ...lines, interrupted!]) {
    const { text, wordEndsMs } = truth.find(({ wav }) => wav === `${line.name}.wav`)!;
    expect(line.words!.map((word) => word.text)).toEqual(text.split(/\s+/));
    for (const [index, { startMs, endMs }] of line.words!.entries()) {
      expect(Math.abs(endMs - wordEndsMs[index]!)).toBeLessThan(1);
      expect(startMs).toBeGreaterThanOrEqual(line.words![index - 1]?.endMs ?? 0);
    }
  }
});
