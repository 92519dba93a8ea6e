import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { systemClock as clock } from '../clock.js';

/**
 * An agent whose behaviour is known by construction: a program of its own that the bench is held against. It knows where
 * the caller's speech begins and ends because the caller's audio says so (two sample values that occur nowhere else),
 * waits for a programmed time after that frame arrived, acts, and prints what it really did.
 */

/** The first speech sample of the calibration caller has this code, and no other sample. */
export const SPEECH_BEGINS = 0x80;
/** The last one. */
export const SPEECH_ENDS = 0x00;

/** None is a multiple of a frame, nor of another. */
export const ANSWER_DELAYS_MS = [137.3, 481.9, 266.6, 803.1, 349.7];
export const STOP_DELAYS_MS = [61.7, 143.3, 97.9, 259.1, 188.8];
export const GREETING_DELAY_MS = 213.7;

/** One thing the agent did, on its own clock: how long after the frame that caused it arrived. */
export interface ReferenceAct {
  readonly event: 'answered' | 'stopped';
  readonly streamSid: string;
  readonly actualMs: number;
  /** When it acted, on the clock that all processes of this machine share. */
  readonly atSharedMs: number;
}

/** Milliseconds of the machine's monotonic clock, comparable between processes, unlike `performance.now()`. */
export function sharedNow(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

const ANSWER_MS = 2_200;
const GREETING_MS = 600;
/** Long enough that speaking on is a fault and no lateness. */
const ENDLESS_MS = 5_000;
const CHUNK_MS = 200;

interface Stream {
  readonly socket: WebSocket;
  streamSid: string;
  answers: number;
  stops: number;
  playsUntilMs: number;
  /** Counts what was begun to be said, so that a stop ends it. */
  turn: number;
}

/** Serves until the process ends. `stops: false` makes an agent whose greeting goes on and on, whoever speaks over it. */
export async function serveReferenceAgent(options: { readonly stops: boolean }): Promise<void> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  server.on('connection', (socket) => {
    const stream: Stream = { socket, streamSid: '', answers: 0, stops: 0, playsUntilMs: 0, turn: 0 };
    socket.on('message', (data) => onMessage(stream, data, options.stops));
  });
  await once(server, 'listening');
  print({ event: 'listening', streamUrl: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/` });
}

function onMessage(stream: Stream, data: RawData, stops: boolean): void {
  const arrivedMs = clock.now();
  const message = JSON.parse(String(data)) as {
    event: string;
    start?: { streamSid: string };
    media?: { payload: string };
  };
  if (message.start) {
    stream.streamSid = message.start.streamSid;
    clock.at(arrivedMs + GREETING_DELAY_MS, () => speak(stream, stops ? GREETING_MS : ENDLESS_MS));
  }
  if (!message.media) return;
  const audio = Buffer.from(message.media.payload, 'base64');
  if (stops && audio.includes(SPEECH_BEGINS) && stream.playsUntilMs > arrivedMs) stop(stream, arrivedMs);
  if (audio.includes(SPEECH_ENDS)) answer(stream, arrivedMs);
}

function answer(stream: Stream, causedMs: number): void {
  const delayMs = ANSWER_DELAYS_MS[stream.answers++ % ANSWER_DELAYS_MS.length]!;
  clock.at(causedMs + delayMs, () => {
    const actualMs = clock.now() - causedMs;
    const atSharedMs = sharedNow();
    speak(stream, ANSWER_MS);
    print({ event: 'answered', streamSid: stream.streamSid, actualMs, atSharedMs });
  });
}

function stop(stream: Stream, causedMs: number): void {
  const delayMs = STOP_DELAYS_MS[stream.stops++ % STOP_DELAYS_MS.length]!;
  clock.at(causedMs + delayMs, () => {
    const actualMs = clock.now() - causedMs;
    const atSharedMs = sharedNow();
    stream.playsUntilMs = 0;
    stream.turn++;
    stream.socket.send(JSON.stringify({ event: 'clear', streamSid: stream.streamSid }));
    print({ event: 'stopped', streamSid: stream.streamSid, actualMs, atSharedMs });
  });
}

/**
 * Loud from the first sample to the last, so that neither onset nor end leaves a choice, and made beforehand, so that
 * making it is no part of the delay.
 */
const CHUNK = Buffer.from(Uint8Array.from({ length: CHUNK_MS * 8 }, (_, i) => (i & 4 ? 0x90 : 0x10) | (i % 7)));
const PAYLOAD = CHUNK.toString('base64');

/** The first chunk goes alone: what follows in the same breath would delay its arrival, and then the truth were not known. */
function speak(stream: Stream, ms: number): void {
  const nowMs = clock.now();
  const message = `{"event":"media","streamSid":"${stream.streamSid}","media":{"payload":"${PAYLOAD}"}}`;
  const turn = ++stream.turn;
  stream.playsUntilMs = nowMs + ms;
  stream.socket.send(message);
  clock.at(nowMs + CHUNK_MS / 4, () => {
    for (let sent = CHUNK_MS; sent < ms && turn === stream.turn; sent += CHUNK_MS) stream.socket.send(message);
  });
}

function print(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
