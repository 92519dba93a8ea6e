import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import WebSocket, { WebSocketServer } from 'ws';
import { phoneEncoder } from '../../../src/carrier/twilio/phone.js';
import { type Message, sendMessage } from '../../../src/simulator/phone/text-frames.js';

let server: WebSocketServer;
let client: WebSocket;
let tcp: Socket;
let far: WebSocket;
let raw: Buffer[];
let texts: string[];

beforeEach(async () => {
  server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  raw = [];
  texts = [];
  const connected = new Promise<void>((resolve) => {
    server.once('connection', (socket, request) => {
      far = socket;
      request.socket.prependListener('data', (bytes: Buffer) => raw.push(Buffer.from(bytes)));
      socket.on('message', (data, isBinary) => texts.push(isBinary ? 'binary' : String(data)));
      resolve();
    });
  });
  await once(server, 'listening');
  client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, { perMessageDeflate: false });
  client.once('upgrade', (response) => {
    tcp = response.socket;
  });
  await Promise.all([once(client, 'open'), connected]);
});

afterEach(() => {
  client.terminate();
  server.close();
});

/** Sends, closes, and waits until everything has arrived. */
async function sendAll(messages: readonly Message[]): Promise<void> {
  for (const message of messages) sendMessage(client, tcp, message);
  client.close(1000);
  await once(far, 'close');
}

/** One frame as RFC 6455, 5.2 has it, byte by byte. */
function firstFrame(bytes: Buffer) {
  const short = bytes[1]! & 0x7f;
  const length = short < 126 ? short : bytes[2]! * 256 + bytes[3]!;
  const keyAt = short < 126 ? 2 : 4;
  const key = [...bytes.subarray(keyAt, keyAt + 4)];
  const masked = [...bytes.subarray(keyAt + 4, keyAt + 4 + length)];
  const payload = Buffer.from(masked.map((byte, i) => byte ^ key[i % 4]!)).toString('latin1');
  return { first: bytes[0]!, isMasked: bytes[1]! >= 0x80, payload, key, rest: bytes.subarray(keyAt + 4 + length) };
}

describe('a frame on the wire', () => {
  it('is final, text, masked, and holds what was sent', async () => {
    const media =
      '{"event":"media","sequenceNumber":"2","media":{"track":"inbound","chunk":"1","timestamp":"70","payload":"/////w=="},"streamSid":"MZ0"}';
    await sendAll(['{"event":"connected","protocol":"Call","version":"1.0.0"}', media]);
    const one = firstFrame(Buffer.concat(raw));
    expect(one).toMatchObject({ first: 0x81, isMasked: true });
    expect(one.payload).toBe('{"event":"connected","protocol":"Call","version":"1.0.0"}');
    const two = firstFrame(one.rest);
    expect(two).toMatchObject({ first: 0x81, isMasked: true, payload: media });
    // The close, of ws itself.
    expect(firstFrame(two.rest)).toMatchObject({ first: 0x88, isMasked: true, payload: '\x03\xe8' });
  });

  it('has a key of its own', async () => {
    await sendAll(['same', 'same', 'same']);
    const one = firstFrame(Buffer.concat(raw));
    const two = firstFrame(one.rest);
    expect(two.payload).toBe('same');
    expect(two.key).not.toEqual(one.key);
    expect(firstFrame(two.rest).key).not.toEqual(two.key);
  });

  it.each([0, 1, 125, 126, 127, 255, 256, 1365, 1366, 4096, 4097, 70_000])('carries %i bytes', async (length) => {
    await sendAll(['x'.repeat(length), 'behind']);
    expect(texts).toEqual(['x'.repeat(length), 'behind']);
  });
});

it('any text arrives as it is, in one piece or several', async () => {
  const sent = fc.sample(fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ maxLength: 3000 })), {
    numRuns: 200,
    seed: 1,
  });
  const pieces = [['a', 'b'.repeat(4095)], ['a', 'b'.repeat(4096)], [], ['', 'é'.normalize('NFD').slice(0, 1), '']];
  await sendAll([...sent, ...pieces]);
  expect(texts).toEqual([...sent, ...pieces.map((each) => each.join(''))]);
});

it('pieces of a media message are the message', () => {
  const sids = { streamSid: 'MZ1', callSid: 'CA1', accountSid: 'AC1' };
  const [whole, pieces] = [phoneEncoder(sids), phoneEncoder(sids)];
  for (const timestamp of [70, 90])
    expect(pieces.mediaPieces(timestamp, 'AAA=').join('')).toBe(whole.media(timestamp, 'AAA='));
});

it('a server that does not read for a while gets everything in order, pings and a long message among it', async () => {
  const pings: string[] = [];
  far.on('ping', (data) => pings.push(String(data)));
  far.pause();
  const text = (i: number): string => `${i} ${'y'.repeat(1000)}`;
  const sent: string[] = [];
  for (let i = 0; tcp.writableLength < 200_000; i++) {
    sent.push(i === 50 ? 'z'.repeat(100_000) : text(i));
    sendMessage(client, tcp, sent.at(-1)!);
    if (i % 100 === 0) client.ping(String(i));
  }
  far.resume();
  await sendAll(['last']);
  expect(texts.length).toBe(sent.length + 1);
  expect(texts).toEqual([...sent, 'last']);
  expect(pings).toEqual(sent.flatMap((_, i) => (i % 100 === 0 ? [String(i)] : [])));
});
