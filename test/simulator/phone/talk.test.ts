import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { encodeMulaw } from '../../../src/audio/g711.js';
import { noise } from '../../../src/audio/tone.js';
import { dial } from '../../../src/simulator/phone/call.js';
import type { CallRecord, PhoneEvent } from '../../../src/simulator/phone/events.js';
import { eventsOf, silentCaller } from '../../helpers/phone.js';
import { type StreamServer, serveStreams, type TestStream } from '../../helpers/stream-server.js';

let server: StreamServer;
afterEach(() => server?.close());

/** What the phone makes of a server that does this once the stream has started. */
async function callTo(
  behave: (stream: TestStream) => void,
  options: { ms?: number; maxBufferedBytes?: number; maxMessageBytes?: number; until?: PhoneEvent['type'] } = {},
): Promise<CallRecord> {
  const { ms = 60, until, ...limits } = options;
  server = await serveStreams({ onStart: behave });
  const caller = silentCaller(until ? 10_000 : ms);
  const call = dial({ url: server.url, caller, lingerMs: 0, ...limits });
  // A busy machine may need longer for a flood than any time that could be written here.
  call.on((event) => {
    if (event.type === until) setTimeout(() => call.hangUp(), 1);
  });
  return call.done;
}

const rules = (record: CallRecord): [string, number | undefined][] => record.lint.map(({ rule, code }) => [rule, code]);
const raw = (stream: TestStream): Socket => (stream.socket as unknown as { _socket: Socket })._socket;

describe('the phone complains, and talks on,', () => {
  it('when a server sends nonsense', async () => {
    const record = await callTo((stream) => {
      stream.socket.send('hello');
      stream.socket.send(Buffer.from([1, 2, 3]));
      stream.socket.send('{"event":"media","streamSid":"MZ","media":{"payload":"/w=="}}');
      stream.socket.send(
        `{"event":"media","streamSid":"${stream.streamSid}","media":{"payload":"/w==","track":"outbound"}}`,
      );
      stream.mark('after all that');
    });
    expect(rules(record)).toEqual([
      ['message/not-json', 31951],
      ['message/binary', 31950],
      ['stream-sid/wrong', 31951],
      ['message/extra-field', 31951],
    ]);
    expect(record.lint[0]).toMatchObject({ level: 'warning', excerpt: 'hello' });
    expect(record.receivedChunks).toHaveLength(1);
    expect(record.events.filter(({ type }) => type === 'mark-echo')).toHaveLength(1);
    expect(record.endReason).toBe('hangup');
  });

  it('when more comes than the buffer holds', async () => {
    const record = await callTo((stream) => stream.media(new Uint8Array(9000).fill(0xff)), { maxBufferedBytes: 8000 });
    expect(rules(record)).toEqual([['playout/overflow', 31931]]);
  });

  it('when the audio is a WAV, or linear', async () => {
    const linear = noise({ ms: 600, dbov: -20, rate: 8000, seed: 1 });
    const record = await callTo((stream) => {
      stream.media(Buffer.from('RIFF\x24\x08\0\0WAVEfmt data'));
      stream.media(new Uint8Array(linear.buffer));
    });
    expect(rules(record)).toEqual([
      ['media/wav-header', undefined],
      ['media/linear-pcm', undefined],
    ]);
  });

  it('not at all when everything is right', async () => {
    const record = await callTo((stream) => {
      stream.media(encodeMulaw(noise({ ms: 600, dbov: -20, rate: 8000, seed: 1 })));
      stream.mark('a');
      stream.clear();
      stream.socket.ping();
    });
    expect(record.lint).toEqual([]);
    expect(record.lintCounts).toEqual({});
  });
});

describe('the phone survives a server', () => {
  it('that breaks the WebSocket protocol', async () => {
    const record = await callTo((stream) => raw(stream).write(Buffer.from([0xff, 0xff, 0xff])), { ms: 5000 });
    expect(rules(record)).toEqual([['frame/protocol', 31924]]);
    expect(record.endReason).toBe('connection-lost');
  });

  it('that sends a message larger than it takes', async () => {
    const record = await callTo((stream) => stream.media(new Uint8Array(10_000)), { ms: 5000, maxMessageBytes: 4096 });
    expect(rules(record)).toEqual([['frame/too-large', undefined]]);
    expect(record.endReason).toBe('connection-lost');
  });

  it('that sends ten megabytes in one message', async () => {
    const record = await callTo((stream) => stream.media(new Uint8Array(7_500_000).fill(0xff)), { until: 'lint' });
    expect(rules(record)).toEqual([['playout/overflow', 31931]]);
    expect(record.received.length).toBe(7_500_000);
  });

  it('that floods it with garbage: the first findings are kept, all are counted', async () => {
    const record = await callTo(
      (stream) => {
        for (let i = 0; i < 5000; i++) stream.socket.send(`{"event":"x${i}"}`);
        stream.mark('behind it all');
      },
      { until: 'mark-echo' },
    );
    expect(record.lintCounts).toEqual({ 'message/unknown-event': 5000 });
    expect(record.lint).toHaveLength(50);
    expect(record.endReason).toBe('hangup');
  });

  it('that floods it with marks and clears', async () => {
    const record = await callTo(
      (stream) => {
        stream.media(new Uint8Array(80_000).fill(0xff));
        for (let i = 0; i < 3000; i++) stream.mark(`m${i}`);
        for (let i = 0; i < 100; i++) stream.clear();
      },
      { until: 'playout-empty' },
    );
    const echoes = record.events.flatMap((event) => (event.type === 'mark-echo' ? [event.name] : []));
    expect(echoes).toEqual(Array.from({ length: 3000 }, (_, i) => `m${i}`));
  });

  it('that does not read what it is sent', async () => {
    server = await serveStreams({
      onStart: (stream) => {
        stream.socket.pause();
        const name = 'x'.repeat(10_000);
        for (let i = 0; i < 1500; i++) stream.mark(name);
      },
    });
    const call = dial({ url: server.url, caller: silentCaller(60_000) });
    const { first } = eventsOf(call);
    expect((await first('lint')).finding).toMatchObject({ rule: 'socket/not-reading', code: 31930 });
    server.streams[0]!.socket.terminate();
    await call.done;
  });
});
