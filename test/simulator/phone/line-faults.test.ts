import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type Call, type DialOptions, dial } from '../../../src/simulator/phone/call.js';
import { callerOf, eventsOf, silentCaller } from '../../helpers/phone.js';
import { type StreamAgent, type StreamServer, serveStreams } from '../../helpers/stream-server.js';
import { VirtualClock } from '../../helpers/virtual-clock.js';

const servers: StreamServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

interface Setting {
  readonly call: Call;
  readonly clock: VirtualClock;
  readonly server: StreamServer;
  readonly first: ReturnType<typeof eventsOf>['first'];
  readonly events: ReturnType<typeof eventsOf>['events'];
  /** Kinds of what the first stream has received. */
  readonly kinds: () => string[];
  /** Moves time, frame by frame, and lets the sockets catch up. */
  readonly pass: (ms: number) => Promise<void>;
}

const turns = async (count = 20): Promise<void> => {
  for (let i = 0; i < count; i++) await new Promise(setImmediate);
};

/** A call that has started, on a clock that the test moves. */
async function started(options: Partial<DialOptions>, agent: StreamAgent = {}): Promise<Setting> {
  const server = await serveStreams(agent);
  servers.push(server);
  const clock = new VirtualClock();
  const call = dial({ url: server.url, caller: silentCaller(60_000), clock, ...options });
  // Tests that look at the line alone leave the call to the server, which goes when they are over.
  call.done.catch(() => {});
  const { events, first } = eventsOf(call);
  await first('start');
  while (!server.streams[0]?.messages.some((text) => text.includes('"start"'))) await turns(1);
  const kinds = (): string[] => server.streams[0]!.messages.map((text) => JSON.parse(text).event);
  const pass = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= 20) {
      clock.advance(Math.min(20, left));
      await turns(3);
    }
    await turns();
  };
  return { call, clock, server, first, events, kinds, pass };
}

const frames = (kinds: string[]): number => kinds.filter((kind) => kind === 'media').length;
const ended = (server: StreamServer): Promise<number> =>
  new Promise((resolve) => server.streams[0]!.socket.on('close', resolve));

describe('a stall', () => {
  it('holds every frame back, then all arrive in order, none lost', async () => {
    const { pass, kinds, server, events } = await started({
      faults: [{ type: 'stall', at: 30, forMs: 100, direction: 'to-server' }],
    });
    await pass(125);
    expect(frames(kinds())).toBe(1);
    await pass(20);
    expect(frames(kinds())).toBe(7);
    const chunks = server.streams[0]!.messages.slice(2).map((text) => Number(JSON.parse(text).media.chunk));
    expect(chunks).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(events.filter(({ type }) => type === 'fault')).toEqual([
      { type: 'fault', atMs: 30, fault: 'stall', phase: 'begins' },
      { type: 'fault', atMs: 130, fault: 'stall', phase: 'ends' },
    ]);
  });

  it('towards the phone keeps what the server says, and only that', async () => {
    const { pass, kinds, server, events } = await started({
      faults: [{ type: 'stall', at: 10, forMs: 100, direction: 'to-phone' }],
    });
    await pass(20);
    server.streams[0]!.mark('late');
    await pass(80);
    expect(frames(kinds())).toBe(5);
    expect(events.some(({ type }) => type === 'mark')).toBe(false);
    await pass(20);
    expect(events.find(({ type }) => type === 'mark')).toMatchObject({ name: 'late', atMs: 110 });
  });

  it('begins at a moment that the seed draws, the same for the same seed', async () => {
    const begins = async (seed: number): Promise<number> => {
      const { pass, first } = await started({ seed, faults: [{ type: 'stall', at: [20, 400], forMs: 20 }] });
      const fault = first('fault');
      await pass(420);
      return (await fault).atMs;
    };
    expect(await begins(1)).toBe(await begins(1));
    expect(await begins(1)).not.toBe(await begins(2));
  });
});

it('bunched frames leave so many at a time, and the last ones with the stop', async () => {
  const { pass, kinds, call } = await started({ faults: [{ type: 'bunch', at: 0, frames: 5 }] });
  await pass(80);
  expect(frames(kinds())).toBe(0);
  await pass(20);
  expect(frames(kinds())).toBe(5);
  await pass(40);
  call.hangUp();
  await call.done;
  expect(kinds().slice(-3)).toEqual(['media', 'media', 'stop']);
});

it('a slow reader leaves in the socket what the server says, and reads it later', async () => {
  const { pass, server, first, events } = await started({ faults: [{ type: 'slow-reader', at: 10, forMs: 100 }] });
  await pass(20);
  server.streams[0]!.mark('waiting');
  await pass(80);
  expect(events.some(({ type }) => type === 'mark')).toBe(false);
  await pass(20);
  expect((await first('mark')).name).toBe('waiting');
});

it('a slow reader that never reads again still hangs up in order', async () => {
  const { pass, call, kinds } = await started({ faults: [{ type: 'slow-reader', at: 10 }] });
  await pass(40);
  call.hangUp();
  expect((await call.done).endReason).toBe('hangup');
  expect(kinds().at(-1)).toBe('stop');
});

it('a half-open socket says nothing more, hears nothing more, and breaks in its own time', async () => {
  const { pass, call, server, kinds, events } = await started({
    faults: [{ type: 'half-open', at: 50, forMs: 3_000 }],
  });
  const closed = ended(server);
  await pass(60);
  server.streams[0]!.mark('lost');
  await pass(200);
  call.hangUp();
  await pass(500);
  expect([frames(kinds()), kinds().at(-1)]).toEqual([2, 'media']);
  expect(server.streams[0]!.socket.readyState).toBe(1);
  await pass(2_400);
  expect(await closed).toBe(1006);
  expect((await call.done).endReason).toBe('hangup');
  expect(events.some(({ type }) => type === 'mark' || type === 'stop')).toBe(false);
});

it('a half-open socket is let go of at once when the call is broken off', async () => {
  const { pass, call } = await started({ faults: [{ type: 'half-open', at: 10 }] });
  await pass(20);
  call.abort();
  expect((await call.done).endReason).toBe('aborted');
});

it('a stream may be closed without a stop', async () => {
  const { pass, call, server, kinds } = await started({ faults: [{ type: 'close', at: 50 }] });
  const closed = ended(server);
  await pass(60);
  expect(await closed).toBe(1000);
  expect(kinds()).toEqual(['connected', 'start', 'media', 'media']);
  expect((await call.done).endReason).toBe('fault');
});

it('a reset is one: the server’s connection breaks with ECONNRESET', async () => {
  const { pass, call, server } = await started({ faults: [{ type: 'reset', at: 50 }] });
  const tcp = (server.streams[0]!.socket as unknown as { _socket: Socket })._socket;
  const broken = new Promise<{ code?: string }>((resolve) => tcp.once('error', resolve));
  await pass(60);
  expect((await broken).code).toBe('ECONNRESET');
  expect(await call.done).toMatchObject({ endReason: 'fault' });
});

describe('a duplicate stream', () => {
  it('has the call’s sid and one of its own, and the same caller', async () => {
    const { pass, call, server, first } = await started({ faults: [{ type: 'duplicate', at: 50, forMs: 100 }] });
    await pass(60);
    while (!server.streams[1]?.streamSid) await turns(1);
    await pass(200);
    expect(await first('fault')).toMatchObject({ fault: 'duplicate', phase: 'begins' });
    const [one, two] = server.streams.map(({ messages }) => messages.map((text) => JSON.parse(text)));
    expect(two![1].start.callSid).toBe(one![1].start.callSid);
    expect(two![1].streamSid).not.toBe(one![1].streamSid);
    expect(two!.map(({ event }) => event)).toContain('media');
    expect(two!.at(-1)).toMatchObject({ event: 'stop' });
    call.hangUp();
    const { events } = await call.done;
    expect(events.find((event) => event.type === 'fault' && event.phase === 'ends')).toMatchObject({
      text: 'the phone closed it (code 1000); the server had sent 0 messages on it',
    });
  });

  it('that the server refuses says so', async () => {
    let opened = 0;
    const { pass, events, call } = await started(
      { faults: [{ type: 'duplicate', at: 10 }] },
      { onOpen: ({ socket }) => ++opened === 2 && socket.close(1008) },
    );
    await pass(20);
    const told = () => events.find((event) => event.type === 'fault' && event.phase === 'ends');
    while (!told()) await turns(1);
    expect(told()).toMatchObject({ text: 'the server closed it (code 1008); the server had sent 0 messages on it' });
    call.hangUp();
    expect((await call.done).endReason).toBe('hangup');
  });
});

describe('what Twilio does not say', () => {
  it.each([
    ['send-order', ['a', 'b', 'c']],
    ['reverse', ['c', 'b', 'a']],
  ] as const)('a clear sends the marks back in %s', async (marksOnClear, expected) => {
    const { call, server } = await started(
      { marksOnClear },
      {
        onStart: (stream) => {
          stream.media(new Uint8Array(8000));
          for (const name of ['a', 'b', 'c']) stream.mark(name);
          stream.clear();
        },
      },
    );
    const names = () =>
      server.streams[0]!.messages.flatMap((text) => (text.includes('"mark"') ? [JSON.parse(text).mark.name] : []));
    while (names().length < 3) await turns(1);
    expect(names()).toEqual(expected);
    call.hangUp();
    await call.done;
  });

  it.each([
    ['play', 1],
    ['refuse', 0],
  ] as const)('a field too many: %s', async (extraFields, chunks) => {
    const { call, first } = await started(
      { extraFields },
      {
        onStart: ({ socket, streamSid }) =>
          socket.send(`{"event":"media","streamSid":"${streamSid}","media":{"payload":"/w==","track":"outbound"}}`),
      },
    );
    expect((await first('lint')).finding.rule).toBe('message/extra-field');
    call.hangUp();
    expect((await call.done).receivedChunks).toHaveLength(chunks);
  });

  it('a payload that is none may go unsaid', async () => {
    const { call, first } = await started(
      { badPayload: 'ignore' },
      {
        onStart: (stream) => {
          stream.media(new Uint8Array(0));
          stream.mark('after');
        },
      },
    );
    await first('mark');
    call.hangUp();
    expect((await call.done).lint.map(({ rule }) => rule)).not.toContain('media/payload-empty');
  });

  it.each([
    [1000, 1000],
    [1005, 1005],
    [1006, 1006],
  ] as const)('it closes with %i', async (closeCode, seen) => {
    const { call, server } = await started({ closeCode });
    const closed = ended(server);
    call.hangUp();
    expect(await closed).toBe(seen);
    await call.done;
  });

  it('it pings as often as told, and never by itself', async () => {
    let pings = 0;
    const agent: StreamAgent = { onOpen: ({ socket }) => socket.on('ping', () => pings++) };
    const quiet = await started({}, agent);
    await quiet.pass(200);
    expect(pings).toBe(0);
    const pinging = await started({ pingEveryMs: 50 }, agent);
    await pinging.pass(220);
    expect(pings).toBe(4);
  });

  it.each([
    ['key-down', 2],
    ['key-up', 4],
  ] as const)('a digit is told at %s', async (digitAt, framesBefore) => {
    const caller = callerOf({ type: 'pause', ms: 20 }, { type: 'digits', digits: '5' }, { type: 'pause', ms: 60_000 });
    const { pass, kinds } = await started({ caller, digitAt, digitMs: 45 });
    await pass(200);
    expect(kinds().slice(2).indexOf('dtmf')).toBeLessThanOrEqual(framesBefore);
    expect(kinds().slice(2).indexOf('dtmf')).toBeGreaterThanOrEqual(framesBefore - 1);
  });
});
