import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { main } from '../../../src/cli/main.js';
import { dial } from '../../../src/simulator/phone/call.js';
import { fixtureLines } from '../../helpers/fixture-lines.js';
import { callerOf } from '../../helpers/phone.js';
import { testWorld } from '../../helpers/world.js';

let server: WebSocketServer | undefined;
afterEach(() => {
  for (const client of server?.clients ?? []) client.terminate();
  server?.close();
  server = undefined;
});

interface Captured {
  readonly text: string;
  readonly isBinary: boolean;
}

/** A bare server that records what comes and plays one mark. */
async function capture(): Promise<{ url: string; messages: Captured[]; requests: IncomingMessage[] }> {
  server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  const messages: Captured[] = [];
  const requests: IncomingMessage[] = [];
  server.on('connection', (socket, request) => {
    requests.push(request);
    socket.on('message', (data, isBinary) => {
      messages.push({ text: String(data), isBinary });
      const { event, streamSid } = JSON.parse(String(data));
      if (event === 'start') socket.send(JSON.stringify({ event: 'mark', streamSid, mark: { name: 'said' } }));
    });
  });
  await new Promise((resolve) => server!.once('listening', resolve));
  return { url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/media/stream`, messages, requests };
}

/** The keys of a message in their order, each with its type, all the way down: `event:string`, `media.chunk:string` … */
function outline(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return [`${path}:array`, ...value.flatMap((each, i) => outline(each, `${path}[${i}]`))];
  if (typeof value !== 'object' || value === null) return [`${path}:${typeof value}`];
  return [
    `${path}:object`,
    ...Object.entries(value).flatMap(([key, each]) => outline(each, path ? `${path}.${key}` : key)),
  ];
}

const byEvent = (texts: readonly string[]): Map<string, string[]> =>
  new Map(texts.map((text) => [JSON.parse(text).event, outline(JSON.parse(text))]));

const caller = callerOf(
  { type: 'pause', ms: 60 },
  { type: 'digits', digits: '1' },
  { type: 'pause', ms: 40 },
  { type: 'hangup' },
);

it('what a whole call sends equals the captures of real streams key for key, in order and type', async () => {
  const { url, messages } = await capture();
  await dial({ url, caller }).done;
  const captures = byEvent(fixtureLines('twilio-to-server.jsonl'));
  expect([...captures.keys()].sort()).toEqual(['connected', 'dtmf', 'mark', 'media', 'start', 'stop']);
  expect(new Set(messages.map(({ text }) => JSON.parse(text).event))).toEqual(new Set(captures.keys()));
  let sequence = 0;
  let chunk = 0;
  for (const { text, isBinary } of messages) {
    const message = JSON.parse(text);
    expect(isBinary).toBe(false);
    // Compact: nothing but what JSON needs.
    expect(text).toBe(JSON.stringify(message));
    expect(outline(message)).toEqual(captures.get(message.event));
    if (message.event !== 'connected') expect(message.sequenceNumber).toBe(String(++sequence));
    if (message.event === 'media') {
      expect(message.media.chunk).toBe(String(++chunk));
      expect(Buffer.from(message.media.payload, 'base64')).toHaveLength(160);
    }
  }
  expect(JSON.parse(messages.at(-1)!.text).event).toBe('stop');
});

it('an outline tells apart what is not equal', () => {
  const [media] = fixtureLines('twilio-to-server.jsonl').filter((text) => text.includes('"event":"media"'));
  const message = JSON.parse(media!);
  expect(outline({ ...message, sequenceNumber: 2 })).not.toEqual(outline(message));
  const { streamSid, ...rest } = message;
  expect(outline({ streamSid, ...rest })).not.toEqual(outline(message));
});

it('the same seed sends the same bytes twice, whatever the server does', async () => {
  const { url, messages } = await capture();
  const network = { toServerMs: 3, toPhoneMs: 5, jitterMs: 3 };
  const sent: string[][] = [];
  for (let i = 0; i < 2; i++) {
    await dial({ url, caller, seed: 11, network }).done;
    const texts = messages.splice(0).map(({ text }) => text);
    // Where the echo of a mark falls between the frames is the server's doing, and numbers what follows.
    sent.push(
      texts.filter((text) => !text.includes('"mark"')).map((text) => text.replace(/"sequenceNumber":"\d+",/, '')),
    );
  }
  expect(sent[0]).toEqual(sent[1]);
  expect(sent[0]!.length).toBeGreaterThan(6);
});

it('--auth-token signs the upgrade so that Twilio’s own library accepts it, and no other token', async () => {
  const { default: twilio } = await import('twilio');
  const { url, requests } = await capture();
  const argv = ['simulate', 'samples/caller.wav', '--url', url, '--no-record', '--auth-token', '12345'];
  const world = testWorld({ argv });
  const calling = main(world);
  while (!requests[0]) await new Promise((resolve) => setTimeout(resolve, 5));
  for (const client of server!.clients) client.close(1000);
  await calling;
  const signature = String(requests[0].headers['x-twilio-signature']);
  expect(twilio.validateRequest('12345', signature, url, {})).toBe(true);
  expect(twilio.validateRequest('54321', signature, url, {})).toBe(false);
});
