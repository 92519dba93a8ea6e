import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import WebSocket, { WebSocketServer } from 'ws';
import { phoneEncoder } from '../src/carrier/twilio/phone.js';
import { type Message, ServerMessages, sendMessage } from '../src/text-frames.js';

let server: WebSocketServer;
let client: WebSocket;
let tcp: Socket;
let far: WebSocket;
let farTcp: Socket;
let raw: Buffer[];
let texts: string[];

beforeEach(async () => {
  server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  raw = [];
  texts = [];
  const connected = new Promise<void>((resolve) => {
    server.once('connection', (socket, request) => {
      far = socket;
      farTcp = request.socket;
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

describe("the server's side", () => {
  /** Chunks as the client read them, and the texts in them. */
  async function fromServer(work: (messages: ServerMessages) => void): Promise<{ chunks: Buffer[]; texts: string[] }> {
    const chunks: Buffer[] = [];
    const received: string[] = [];
    tcp.prependListener('data', (bytes: Buffer) => chunks.push(Buffer.from(bytes)));
    client.on('message', (data) => received.push(String(data)));
    work(new ServerMessages(far, farTcp));
    far.close(1000);
    await once(client, 'close');
    return { chunks, texts: received };
  }

  it('sends a frame without a mask, byte for byte', async () => {
    const { chunks } = await fromServer((messages) => messages.send('{"event":"clear","streamSid":"MZ0"}'));
    const expected = Buffer.concat([Buffer.from([0x81, 35]), Buffer.from('{"event":"clear","streamSid":"MZ0"}')]);
    expect(Buffer.concat(chunks).subarray(0, 37)).toEqual(expected);
  });

  it('sends what is said in one write as one piece, in order', async () => {
    const long = 'm'.repeat(300);
    const { chunks, texts: received } = await fromServer((messages) => {
      messages.inOneWrite(() => {
        messages.send('first');
        messages.send(long);
        messages.send('third');
      });
    });
    expect(received).toEqual(['first', long, 'third']);
    expect(chunks[0]!.length).toBeGreaterThanOrEqual(2 + 5 + 4 + 300 + 2 + 5);
  });

  it('keeps the order around a message that is too long for the piece, and beyond what the piece holds', async () => {
    const sent = ['a', 'l'.repeat(100_000), 'b', ...Array.from({ length: 100 }, (_, i) => `${i} ${'x'.repeat(1000)}`)];
    const { texts: received } = await fromServer((messages) => {
      messages.inOneWrite(() => {
        for (const text of sent) messages.send(text);
      });
    });
    expect(received).toEqual(sent);
  });

  it('loses and mixes nothing when the reader is slow', async () => {
    const second = once(server, 'connection');
    const other = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, {
      perMessageDeflate: false,
    });
    const [otherFar, { socket: otherTcp }] = (await second) as [WebSocket, { socket: Socket }];
    await once(other, 'open');
    const theirs: string[] = [];
    other.on('message', (data) => theirs.push(String(data)));
    const [slow, quick] = [new ServerMessages(far, farTcp), new ServerMessages(otherFar, otherTcp)];
    const received: string[] = [];
    client.on('message', (data) => received.push(String(data)));
    client.pause();
    const sent: string[] = [];
    for (let i = 0; farTcp.writableLength < 200_000; i++) {
      const text = `${i} ${'s'.repeat(900)}`;
      sent.push(text, `mark ${i}`);
      slow.inOneWrite(() => {
        slow.send(text);
        slow.send(`mark ${i}`);
      });
      quick.inOneWrite(() => quick.send(`q${i}`));
    }
    client.resume();
    far.close(1000);
    otherFar.close(1000);
    await Promise.all([once(client, 'close'), once(other, 'close')]);
    expect(received).toEqual(sent);
    expect(theirs).toEqual(Array.from({ length: sent.length / 2 }, (_, i) => `q${i}`));
  });

  it('sends what was said although the work fails', async () => {
    const { texts: received } = await fromServer((messages) => {
      expect(() =>
        messages.inOneWrite(() => {
          messages.send('before');
          throw new Error('in the middle');
        }),
      ).toThrow('in the middle');
      messages.send('after');
    });
    expect(received).toEqual(['before', 'after']);
  });
});
