import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { decodeMulaw } from '../../../src/audio/g711.js';
import { readWav } from '../../../src/audio/wav.js';
import { dial } from '../../../src/simulator/phone/call.js';
import type { Clip } from '../../../src/simulator/phone/script.js';
import { callerOf, silentCaller } from '../../helpers/phone.js';
import { type StreamServer, serveStreams, speakingAgent } from '../../helpers/stream-server.js';

let folder: string;
let server: StreamServer | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'voicebridge-call-'));
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  await rm(folder, { recursive: true });
});

const numbered = (bytes: number): Uint8Array => Uint8Array.from({ length: bytes }, (_, i) => i % 251);

it('a call leaves a stereo WAV of both lanes and its events, without any payload', async () => {
  server = await serveStreams(speakingAgent(numbered(1600)));
  const clip: Clip = { name: 'clip.wav', audio: numbered(480), speech: [] };
  const caller = callerOf({ type: 'say', clip }, { type: 'pause', ms: 600 }, { type: 'hangup' });
  const record = await dial({ url: server.url, caller, outDir: join(folder, 'a', 'b') }).done;
  expect(record.files).toEqual({
    directory: join(folder, 'a', 'b'),
    wav: join(folder, 'a', 'b', 'call.wav'),
    events: join(folder, 'a', 'b', 'events.jsonl'),
  });
  const wav = await readWav(record.files!.wav);
  expect(wav.rate).toBe(8000);
  expect(wav.channels.map((channel) => channel.length)).toEqual([record.callerLane.length, record.callerLane.length]);
  const [left, right] = wav.channels.map((channel) => Array.from(channel));
  expect(left).toEqual(Array.from(decodeMulaw(record.callerLane)));
  expect(right).toEqual(Array.from(decodeMulaw(record.heardLane)));

  const text = await readFile(record.files!.events, 'utf8');
  const events = text.trimEnd().split('\n');
  expect(events.map((line) => JSON.parse(line))).toEqual(record.events);
  expect(text).not.toContain(Buffer.from(numbered(160)).toString('base64').slice(0, 20));
});

it('the WAV ends with what was said and heard last', async () => {
  server = await serveStreams(speakingAgent(numbered(1600)));
  const clip: Clip = { name: 'clip.wav', audio: numbered(480), speech: [] };
  const caller = callerOf({ type: 'pause', ms: 100 }, { type: 'say', clip }, { type: 'hangup' });
  const record = await dial({ url: server.url, caller, outDir: folder }).done;
  const [left, right] = (await readWav(record.files!.wav)).channels.map((channel) => Array.from(channel));
  expect(left!.slice(800, 1280)).toEqual(Array.from(decodeMulaw(numbered(480))));
  expect(left).toEqual(Array.from(decodeMulaw(record.callerLane)));
  expect(right).toEqual(Array.from(decodeMulaw(record.heardLane)));
});

it('a folder made for a call that could not be made is taken away again, one that was there stays', async () => {
  server = await serveStreams();
  const { url } = server;
  await server.close();
  server = undefined;
  const call = (outDir: string): Promise<unknown> => dial({ url, caller: silentCaller(0), outDir }).done;
  await expect(call(join(folder, 'new', 'deep'))).rejects.toMatchObject({ code: 'connect-refused' });
  expect(await readdir(folder)).toEqual([]);
  await mkdir(join(folder, 'old'));
  await expect(call(join(folder, 'old'))).rejects.toMatchObject({ code: 'connect-refused' });
  expect(existsSync(join(folder, 'old'))).toBe(true);
});

it('a place that cannot be written is refused before anybody is called', async () => {
  server = await serveStreams();
  await writeFile(join(folder, 'file'), '');
  const call = dial({ url: server.url, caller: silentCaller(0), outDir: join(folder, 'file') });
  await expect(call.done).rejects.toMatchObject({ code: 'file-unwritable', exit: 2 });
  expect(server.streams).toEqual([]);
});

it('a file that cannot be made ends the call that has just been opened', async () => {
  server = await serveStreams();
  await mkdir(join(folder, 'events.jsonl'));
  const call = dial({ url: server.url, caller: silentCaller(0), outDir: folder });
  await expect(call.done).rejects.toMatchObject({ code: 'file-unwritable' });
});
