import { afterEach, describe, expect, it } from 'vitest';
import { type Random, seededRandom } from '../../../src/random.js';
import { dial } from '../../../src/simulator/phone/call.js';
import type { CallRecord } from '../../../src/simulator/phone/events.js';
import {
  frame,
  type HostileServer,
  type HostileStream,
  serveBytes,
  serveHostile,
} from '../../helpers/hostile-server.js';
import { silentCaller } from '../../helpers/phone.js';

const servers: HostileServer[] = [];
const timers: NodeJS.Timeout[] = [];
afterEach(() => {
  for (const timer of timers.splice(0)) clearInterval(timer);
  for (const server of servers.splice(0)) server.close();
});

/**
 * What is left of a call that would hang up after `ms`, and does so when a mark named `alive` has been echoed, at a
 * server that does this to it.
 */
async function callTo(behave: (stream: HostileStream) => void, ms = 300, polite = true): Promise<CallRecord> {
  const server = await serveHostile(behave, polite);
  servers.push(server);
  const call = dial({ url: server.url, caller: silentCaller(ms), lingerMs: 0 });
  call.on((event) => {
    if (event.type === 'mark-echo' && event.name === 'alive') call.hangUp();
  });
  return call.done;
}

/** Sends it again and again, as fast as the phone takes it, as long as the connection lives. */
function forever({ tcp }: HostileStream, bytes: Buffer): void {
  const many = Buffer.concat(Array<Buffer>(Math.max(1, Math.floor(65_536 / bytes.length))).fill(bytes));
  const pour = (): void => {
    while (!tcp.destroyed && tcp.write(many));
  };
  tcp.on('drain', pour);
  pour();
}

const rules = (record: CallRecord): string[] => Object.keys(record.lintCounts ?? {});
const echoes = (record: CallRecord): string[] =>
  record.events.flatMap((event) => (event.type === 'mark-echo' ? [event.name] : []));
const mark = (sid: string, name: string): string => `{"event":"mark","streamSid":"${sid}","mark":{"name":"${name}"}}`;

describe('the phone keeps its time at a server', () => {
  it('that sends 10 000 fuzzed messages: none does more than it says, and the next right one is obeyed', async () => {
    const random = seededRandom(3);
    const record = await callTo(({ tcp, streamSid }) => {
      for (let i = 0; i < 10_000; i++) {
        const bytes = Buffer.from(fuzzed(streamSid, random));
        tcp.write(frame(bytes, { opcode: random() < 0.05 ? 2 : 1 }));
      }
      tcp.write(frame(mark(streamSid, 'alive')));
    }, 10_000);
    expect(record.endReason).toBe('hangup');
    expect(echoes(record)).toContain('alive');
    expect(rules(record)).toEqual(expect.arrayContaining(['message/not-json', 'message/binary', 'message/wrong-type']));
    expect(record.lint.length).toBeLessThan(50 * rules(record).length + 1);
  });

  it.each<[what: string, message: (sid: string) => string]>([
    ['of brackets', () => '['.repeat(10_000_000)],
    ['of an object in an object', () => `${'{"a":'.repeat(1_600_000)}1${'}'.repeat(1_600_000)}`],
    ['of fields', (sid) => `{"event":"clear","streamSid":"${sid}",${'"a":1,'.repeat(1_500_000)}"b":1}`],
    ['of a name', (sid) => mark(sid, 'x'.repeat(10_000_000))],
  ])('that sends ten megabytes %s', async (_, message) => {
    const record = await callTo(({ tcp, streamSid }) => {
      tcp.write(frame(message(streamSid)));
      tcp.write(frame(mark(streamSid, 'alive')));
    }, 10_000);
    expect(record.endReason).toBe('hangup');
    expect(echoes(record)).toContain('alive');
    for (const { excerpt = '' } of record.lint) expect(excerpt.length).toBeLessThan(200);
  });

  it('that announces a message of a terabyte', async () => {
    const huge = Buffer.from([0x81, 0x7f, 0, 0, 1, 0, 0, 0, 0, 0]);
    const record = await callTo(({ tcp }) => tcp.write(huge), 5_000);
    expect(rules(record)).toEqual(['frame/too-large']);
  });

  it('whose message comes a byte at a time and never ends, and which never answers the close', async () => {
    const record = await callTo(
      ({ tcp }) => {
        tcp.write(frame('{', { announced: 100_000 }));
        timers.push(setInterval(() => tcp.write(' '), 5));
      },
      300,
      false,
    );
    expect(record).toMatchObject({ endReason: 'hangup', lint: [] });
    expect(record.events.at(-1)).toMatchObject({ type: 'closed', by: 'phone', code: 1006 });
  });

  it('that says that it closes, and does not', async () => {
    const record = await callTo(
      (stream) => {
        stream.tcp.write(frame(Buffer.from([0x03, 0xe8]), { opcode: 8 }));
        timers.push(setInterval(() => stream.tcp.write(frame('x')), 5));
      },
      10_000,
      false,
    ).catch((error: { code: string }) => error);
    expect(record).toMatchObject({ code: 'closed-early' });
  });

  it('that pings without end: it hangs up in time, and has not answered every ping', async () => {
    let answered = 0;
    const record = await callTo((stream) => {
      forever(stream, frame('', { opcode: 9 }));
      stream.tcp.on('data', (data) => {
        for (let at = data.indexOf(0x8a); at >= 0; at = data.indexOf(0x8a, at + 1)) answered++;
      });
    });
    expect(record.endReason).toBe('hangup');
    expect(record.pacing.frames).toBe(15);
    expect(answered).toBeLessThan(50_000);
  });

  it.each<[what: string, message: (sid: string) => string]>([
    ['marks', (sid) => mark(sid, 'again')],
    ['clears', (sid) => `{"event":"clear","streamSid":"${sid}"}`],
    ['audio', (sid) => `{"event":"media","streamSid":"${sid}","media":{"payload":"${'/'.repeat(1600)}"}}`],
    ['nonsense', () => 'x'],
  ])('that sends %s without end', async (_, message) => {
    const record = await callTo((stream) => forever(stream, frame(message(stream.streamSid))));
    expect(record.endReason).toBe('hangup');
    expect(record.pacing.frames).toBe(15);
  });
});

describe('the phone lets go of a server', () => {
  const bad: readonly [what: string, bytes: Buffer][] = [
    ['whose frames are compressed', frame('abc', { rsv: 4 })],
    ['that uses a reserved bit', frame('abc', { rsv: 1 })],
    ['that masks its frames', frame('abc', { masked: true })],
    ['that fragments a ping', frame('a', { opcode: 9, fin: false })],
    ['whose ping is too long', frame('x'.repeat(126), { opcode: 9 })],
    ['that continues what it has not begun', frame('abc', { opcode: 0 })],
    ['that begins a message inside another', Buffer.concat([frame('a', { fin: false }), frame('b', { fin: false })])],
    ['that uses an opcode there is none of', frame('abc', { opcode: 3 })],
    ['whose text is not UTF-8', frame(Buffer.from([0xc3, 0x28]))],
    ['whose close has half a code', frame('x', { opcode: 8 })],
  ];
  it.each(bad)('%s, at once', async (_, bytes) => {
    const record = await callTo(({ tcp }) => tcp.write(bytes), 10_000);
    expect(rules(record)).toEqual([expect.stringMatching(/^frame\//)]);
    expect(record.endReason).toBe('connection-lost');
  });

  it.each([0, 1])('whose message is made of endless fragments of %i bytes', async (size) => {
    const record = await callTo((stream) => {
      stream.tcp.write(frame('', { fin: false }));
      forever(stream, frame('x'.repeat(size), { opcode: 0, fin: false }));
    }, 10_000);
    expect(record.endReason).toBe('connection-lost');
  });

  it('that resets the connection in the middle of a frame', async () => {
    const record = await callTo(({ tcp }) => {
      tcp.write(frame('{"ev', { announced: 200 }));
      setTimeout(() => tcp.resetAndDestroy(), 20);
    }, 10_000).catch((error: { code: string }) => error);
    expect(record).toMatchObject({ code: 'closed-early' });
  });
});

describe('the phone gives up a server', () => {
  const failure = async (onConnection: Parameters<typeof serveBytes>[0]): Promise<unknown> => {
    const server = await serveBytes(onConnection);
    servers.push(server);
    return dial({ url: server.url, caller: silentCaller(0), handshakeTimeoutMs: 250 }).done.catch((error) => error);
  };

  it('whose answer to the handshake comes a byte at a time', async () => {
    const answer = 'HTTP/1.1 101 Switching Protocols\r\nX-Slow: 1\r\n'.repeat(50);
    const error = await failure((tcp) => {
      let at = 0;
      timers.push(setInterval(() => tcp.write(answer[at++]!), 5));
    });
    expect(error).toMatchObject({ code: 'connect-timeout' });
  });

  it('that tells it to continue without end', async () => {
    const error = await failure((tcp) => {
      timers.push(setInterval(() => tcp.write('HTTP/1.1 100 Continue\r\n\r\n'), 5));
    });
    expect(error).toMatchObject({ code: 'connect-timeout' });
  });

  it('that sends headers without end', async () => {
    const error = await failure((tcp) => {
      tcp.write(`HTTP/1.1 101 Switching Protocols\r\n${`X-Header: ${'x'.repeat(100)}\r\n`.repeat(1000)}`);
    });
    expect(error).toMatchObject({ code: 'handshake-invalid' });
  });
});

/** Something that was once a right message: bent in its text, its types or its names. */
function fuzzed(streamSid: string, random: Random): string {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  const odd = [null, true, -1, 1e308, '', '\u0000', '\ud800', [], {}, [[]], 'NaN', '__proto__', streamSid];
  const message: Record<string, unknown> = pick<() => Record<string, unknown>>([
    () => ({ event: 'media', streamSid, media: { payload: 'fn5+fn5+' } }),
    () => ({ event: 'mark', streamSid, mark: { name: 'fuzz' } }),
    () => ({ event: 'clear', streamSid }),
  ])();
  const target = pick([message, (message.media ?? message.mark ?? message) as Record<string, unknown>]);
  const key = pick([...Object.keys(target), 'constructor', '__proto__', 'toString', 'track']);
  const bent = pick(['type', 'drop', 'text', 'cut', 'none']);
  if (bent === 'type') target[key] = pick(odd);
  if (bent === 'drop') delete target[key];
  const text = JSON.stringify(message);
  const at = Math.floor(random() * text.length);
  if (bent === 'text')
    return `${text.slice(0, at)}${pick(['"', '\\', '{', '\u2028', '😀', ',', '0'])}${text.slice(at + 1)}`;
  return bent === 'cut' ? text.slice(0, at) : text;
}
