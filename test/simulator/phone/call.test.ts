import { afterEach, describe, expect, it } from 'vitest';
import { dial } from '../../../src/simulator/phone/call.js';
import type { Clip } from '../../../src/simulator/phone/script.js';
import { callerOf, eventsOf, silentCaller } from '../../helpers/phone.js';
import {
  echoAgent,
  type StreamAgent,
  type StreamServer,
  serveStreams,
  speakingAgent,
} from '../../helpers/stream-server.js';
import { VirtualClock } from '../../helpers/virtual-clock.js';

let server: StreamServer;
const serve = async (agent: StreamAgent = {}): Promise<string> => {
  server = await serveStreams(agent);
  return server.url;
};
afterEach(() => server?.close());

const numbered = (bytes: number): Uint8Array => Uint8Array.from({ length: bytes }, (_, i) => i % 251);
const clip: Clip = { name: 'clip.wav', audio: numbered(320), speech: [{ startSample: 8, endSample: 312 }] };
const forever = silentCaller(60_000);

describe('a call, on the wire', () => {
  it('opens as Twilio does: its user agent, signed, without Origin, compression or the query', async () => {
    const url = await serve();
    const call = dial({ url: `${url}?token=1`, caller: silentCaller(0), authToken: '12345' });
    const record = await call.done;
    const { headers, url: path } = server.streams[0]!.request;
    expect(path).toBe('/media-stream');
    expect(headers['user-agent']).toBe('Twilio.TmeWs/1.0');
    expect(headers['x-twilio-signature']).toMatch(/^[A-Za-z0-9+/]{27}=$/);
    expect(Object.keys(headers).sort()).toEqual([
      'connection',
      'host',
      'sec-websocket-key',
      'sec-websocket-version',
      'upgrade',
      'user-agent',
      'x-twilio-signature',
    ]);
    expect(record.lint.map(({ rule, code }) => [rule, code])).toEqual([['url/query', 31920]]);
  });

  it('sends connected, start, a frame every 20 ms, stop, and closes with 1000', async () => {
    const url = await serve();
    const closed = new Promise((resolve) => {
      const wait = setInterval(() => {
        if (!server.streams[0]) return;
        clearInterval(wait);
        server.streams[0].socket.on('close', resolve);
      }, 1);
    });
    const sids = {
      accountSid: `AC${'1'.repeat(32)}`,
      callSid: `CA${'2'.repeat(32)}`,
      streamSid: `MZ${'3'.repeat(32)}`,
    };
    const caller = callerOf({ type: 'say', clip }, { type: 'digits', digits: '7' }, { type: 'hangup' });
    const record = await dial({ url, caller, parameters: { token: 't' }, ...sids }).done;
    expect(await closed).toBe(1000);
    const [connected, start, first, second, dtmf, stop] = server.streams[0]!.messages;
    expect(connected).toBe('{"event":"connected","protocol":"Call","version":"1.0.0"}');
    expect(start).toContain(`"sequenceNumber":"1","start":{"accountSid":"AC${'1'.repeat(32)}","streamSid":"MZ3`);
    expect(start).toContain('"customParameters":{"token":"t"}');
    const payload = Buffer.from(numbered(320).subarray(0, 160)).toString('base64');
    expect(first).toMatch(
      /^{"event":"media","sequenceNumber":"2","media":{"track":"inbound","chunk":"1","timestamp":"\d+",/,
    );
    expect(first).toContain(`"payload":"${payload}"},"streamSid":"MZ3`);
    expect(second).toContain('"sequenceNumber":"3","media":{"track":"inbound","chunk":"2"');
    expect(dtmf).toContain('"sequenceNumber":"4","dtmf":{"track":"inbound_track","digit":"7"}');
    expect(stop).toMatch(/^{"event":"stop","sequenceNumber":"5",/);
    expect(record.endReason).toBe('hangup');
    expect([...record.callerLane.subarray(0, 320)]).toEqual([...numbered(320)]);
    expect(record.pacing.frames).toBe(2);
    expect(record.events.map(({ type }) => type)).toEqual([
      'connecting',
      'open',
      'start',
      'caller-speech-start',
      'frame',
      'caller-speech-end',
      'frame',
      'dtmf',
      'stop',
      'closed',
    ]);
  });

  it('keeps the frames of a seeded call the same, and its sids', async () => {
    const url = await serve();
    for (let i = 0; i < 2; i++) await dial({ url, caller: silentCaller(60), seed: 5 }).done;
    await dial({ url, caller: silentCaller(60), seed: 6 }).done;
    const [one, same, other] = server.streams.map(({ messages }) => messages);
    expect(one).toEqual(same);
    expect(one).not.toEqual(other);
  });
});

describe('a call, at the ear', () => {
  it('plays what comes from its arrival on and echoes the mark at its time', async () => {
    const clock = new VirtualClock(5000);
    const call = dial({ url: await serve(speakingAgent(numbered(3208))), caller: forever, clock });
    const { events, first } = eventsOf(call);
    const { atMs } = await first('mark');
    clock.advanceTo(atMs + 400.9);
    expect(events.filter(({ type }) => type === 'mark-echo')).toEqual([]);
    clock.advanceTo(atMs + 450);
    expect(await first('mark-echo')).toEqual({ type: 'mark-echo', atMs: atMs + 401, name: 'said', cleared: false });
    call.hangUp();
    const record = await call.done;
    expect(record.heard).toEqual([{ streamOffset: 0, bytes: 3208, playedAtMs: atMs }]);
    expect(record.receivedChunks).toEqual([{ streamOffset: 0, bytes: 3208, atMs }]);
    expect([...record.received]).toEqual([...numbered(3208)]);
    const begin = Math.round((atMs - record.startedAtMs) * 8);
    expect([...record.heardLane.subarray(begin, begin + 3208)]).toEqual([...numbered(3208)]);
    expect(record.heardLane.length).toBe(Math.floor((record.endedAtMs - record.startedAtMs) * 8));
    expect(record.callerLane.length).toBe(record.heardLane.length);
  });

  it('stops at a clear to the byte, however late the timers are, and hears nothing of the rest', async () => {
    const clock = new VirtualClock();
    const url = await serve(speakingAgent(numbered(16_000)));
    const call = dial({ url, caller: forever, clock });
    const { first } = eventsOf(call);
    const { atMs } = await first('mark');
    clock.advance(333.3);
    server.streams[0]!.clear();
    const clear = await first('clear');
    expect(clear.droppedBytes).toBe(16_000 - Math.floor((clear.atMs - atMs) * 8));
    expect(await first('mark-echo')).toMatchObject({ name: 'said', cleared: true });
    clock.advance(1000);
    call.hangUp();
    const { heard } = await call.done;
    expect(heard).toEqual([{ streamOffset: 0, bytes: 16_000 - clear.droppedBytes, playedAtMs: atMs }]);
  });

  it('hears its own voice from a server that echoes, each byte after it was sent', async () => {
    const caller = callerOf({ type: 'say', clip }, { type: 'pause', ms: 100 }, { type: 'hangup' });
    const record = await dial({ url: await serve(echoAgent), caller }).done;
    expect([...record.received.subarray(0, 320)]).toEqual([...numbered(320)]);
    expect(record.heard[0]!.playedAtMs).toBeGreaterThanOrEqual(record.startedAtMs);
    expect(record.lint).toEqual([]);
  });

  it('hears through a slow network later, and in order', async () => {
    const clock = new VirtualClock();
    const network = { toServerMs: 30, toPhoneMs: 50, jitterMs: 0 };
    const call = dial({ url: await serve(speakingAgent(numbered(160))), caller: forever, clock, network });
    await eventsOf(call).first('start');
    const until = async (happened: () => boolean): Promise<void> => {
      while (!happened()) {
        clock.advance(1);
        await new Promise(setImmediate);
      }
    };
    await until(() => server.streams[0]?.messages.some((text) => text.includes('"mark"')) ?? false);
    call.hangUp();
    let over = false;
    call.done.then(() => {
      over = true;
    });
    await until(() => over);
    const record = await call.done;
    const media = record.events.find(({ type }) => type === 'media')!;
    const echo = record.events.find(({ type }) => type === 'mark-echo')!;
    expect(media.atMs).toBeGreaterThanOrEqual(record.startedAtMs + 80);
    expect(echo.atMs).toBeCloseTo(media.atMs + 20, 6);
  });

  it('tells live how much is waiting and how loud both sides are', async () => {
    const clock = new VirtualClock();
    const call = dial({ url: await serve(speakingAgent(new Uint8Array(1600).fill(0x80))), caller: forever, clock });
    expect([call.bufferedMs(), call.levels()]).toEqual([0, { callerDbov: -127, agentDbov: -127 }]);
    const { first } = eventsOf(call);
    await first('mark');
    clock.advance(50);
    expect(call.bufferedMs()).toBe(150);
    expect(call.levels().agentDbov).toBeCloseTo(-0.17, 1);
    call.abort();
    expect((await call.done).endReason).toBe('aborted');
  });
});

describe('a call ends', () => {
  it('when the server closes', async () => {
    const url = await serve({
      onStart: (stream) => stream.media(numbered(8000)),
      onMedia: ({ socket }) => socket.close(1000),
    });
    const record = await dial({ url, caller: forever }).done;
    expect(record.endReason).toBe('server-closed');
    expect(record.events.at(-1)).toMatchObject({ type: 'closed', code: 1000, by: 'server' });
    expect(record.events.some(({ type }) => type === 'stop')).toBe(false);
    expect(record.heard[0]!.bytes).toBeLessThan(8000);
  });

  it('when the connection breaks', async () => {
    const url = await serve({ onStart: (stream) => stream.mark('a'), onMark: ({ socket }) => socket.terminate() });
    const record = await dial({ url, caller: forever }).done;
    expect(record.endReason).toBe('connection-lost');
    expect(record.events.at(-1)).toMatchObject({ type: 'closed', code: 1006, by: 'server' });
  });

  it('when its time is up', async () => {
    const record = await dial({ url: await serve(), caller: forever, maxCallMs: 50 }).done;
    expect(record.endReason).toBe('max-duration');
  });

  it('when a signal says so, politely', async () => {
    const ending = new AbortController();
    const call = dial({ url: await serve(), caller: forever, signal: ending.signal });
    await eventsOf(call).first('frame');
    ending.abort();
    expect((await call.done).endReason).toBe('aborted');
    expect(server.streams[0]!.messages.at(-1)).toContain('"event":"stop"');
  });

  it('even when the server never answers the close', async () => {
    const url = await serve({ onOpen: ({ socket }) => socket.on('newListener', () => {}) });
    const clock = new VirtualClock();
    const call = dial({ url, caller: forever, clock });
    const { first } = eventsOf(call);
    await first('start');
    while (!server.streams[0]) await new Promise(setImmediate);
    server.streams[0].socket.pause();
    call.hangUp();
    clock.advance(1000);
    expect(await call.done).toMatchObject({ endReason: 'hangup' });
  });

  it('with an error when the server closes at once and sent nothing', async () => {
    const url = await serve({ onStart: ({ socket }) => socket.close(1011) });
    await expect(dial({ url, caller: forever }).done).rejects.toMatchObject({ code: 'closed-early', exit: 3 });
  });
});
