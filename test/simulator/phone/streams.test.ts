import { afterEach, expect, it } from 'vitest';
import { seededRandom } from '../../../src/random.js';
import { complete } from '../../../src/simulator/phone/dial-options.js';
import { openSocket } from '../../../src/simulator/phone/socket.js';
import { CallStreams } from '../../../src/simulator/phone/streams.js';
import { silentCaller } from '../../helpers/phone.js';
import { type StreamServer, serveStreams } from '../../helpers/stream-server.js';
import { VirtualClock } from '../../helpers/virtual-clock.js';

let server: StreamServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 1));
};

async function begun(openAnother?: () => Promise<never>) {
  server = await serveStreams();
  const { url, streams: far } = server;
  const limits = { timeoutMs: 5000, maxMessageBytes: 100_000, signal: new AbortController().signal };
  const open = () => openSocket({ url: new URL(url), ...limits });
  const clock = new VirtualClock();
  const told: string[] = [];
  const state = { over: false };
  const streams = new CallStreams({
    opened: await open(),
    openAnother: openAnother ?? open,
    options: complete({ url, caller: silentCaller(0), seed: 3 }),
    clock,
    sids: { accountSid: 'AC1', callSid: 'CA1', streamSid: 'MZ1' },
    series: () => seededRandom(1),
    isOver: () => state.over,
    handlers: {
      onMessage: (data) => told.push(String(data)),
      onProtocolError: (code) => told.push(code),
      onUnread: () => told.push('unread'),
      onClose: (code) => told.push(`closed ${code}`),
    },
  });
  streams.line!.open();
  const messages = (stream: number) => (far[stream]?.messages ?? []).map((text) => JSON.parse(text));
  return { streams, clock, told, state, far, messages };
}

it('begins with connected and start, and counts what follows', async () => {
  const { streams, messages } = await begun();
  streams.frame(0, '/w==');
  streams.mark('m');
  streams.stop();
  await until(() => messages(0).length === 5);
  expect(messages(0).map(({ event, sequenceNumber }) => [event, sequenceNumber])).toEqual([
    ['connected', undefined],
    ['start', '1'],
    ['media', '2'],
    ['mark', '3'],
    ['stop', '4'],
  ]);
  expect(streams.sids).toEqual(['MZ1']);
});

it('opens the next stream in time, numbers it anew, and hears nothing of the one before', async () => {
  const { streams, clock, told, far, messages } = await begun();
  streams.frame(0, '/w==');
  await until(() => messages(0).length === 3);
  streams.disconnect();
  const started: string[] = [];
  streams.reconnect(500, { frames: () => 7, onStart: (sid) => started.push(sid), onFailure: () => {} });
  clock.advance(499);
  far[0]!.socket.send('too late');
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect([far.length, streams.connected]).toEqual([1, false]);
  clock.advance(1);
  await until(() => streams.connected);
  streams.frame(7, 'AA==');
  await until(() => messages(1).length === 3);
  const [, start, media] = messages(1);
  expect(start).toMatchObject({ sequenceNumber: '1', streamSid: started[0], start: { callSid: 'CA1' } });
  expect(media).toMatchObject({ sequenceNumber: '2', media: { chunk: '1', payload: 'AA==' } });
  expect(Number(media.media.timestamp)).toBeLessThan(200);
  expect(streams.sids).toEqual(['MZ1', started[0]]);
  far[0]!.socket.send('still here');
  far[1]!.socket.send('hello');
  await until(() => told.length > 0);
  expect(told).toEqual(['hello']);
});

it('says that no other stream could be opened, unless the call is over', async () => {
  for (const over of [false, true]) {
    const { streams, clock, state } = await begun(() => Promise.reject(new Error('refused')));
    streams.disconnect();
    let failures = 0;
    streams.reconnect(0, { frames: () => 0, onStart: () => {}, onFailure: () => failures++ });
    clock.advance(0);
    state.over = over;
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(failures).toBe(over ? 0 : 1);
    await server!.close();
  }
});

it('tells of the close of the last stream when the call is over', async () => {
  const { streams, told, state, far } = await begun();
  await until(() => far.length === 1);
  streams.disconnect();
  state.over = true;
  far[0]!.socket.close(1000);
  await until(() => told.length > 0);
  expect(told).toEqual(['closed 1000']);
});
