import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OperatorServer, TOKEN } from '../../helpers/operator-server.js';

let server: OperatorServer;

beforeEach(async () => {
  server = await new OperatorServer().start({ heartbeatMs: 15_000, maxReaders: 2 });
});

afterEach(() => server.stop());

/** Reads a stream of events piece by piece. */
class Reader {
  text = '';
  over = false;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;

  constructor(answer: Response) {
    this.#reader = answer.body!.getReader();
    void this.#read();
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    for (;;) {
      const piece = await this.#reader.read().catch(() => ({ done: true, value: undefined }));
      if (piece.done) break;
      this.text += decoder.decode(piece.value, { stream: true });
    }
    this.over = true;
  }

  leave(): Promise<void> {
    return this.#reader.cancel();
  }
}

async function watch(callSid: string, headers: Record<string, string> = {}): Promise<Reader> {
  return new Reader(await server.fetch(`/calls/${callSid}/events`, { headers }));
}

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition(); tries++) {
    if (tries > 400) throw new Error('it never became true');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('the events of a call', () => {
  it('are sent as they have happened and as they happen, and end with the call', async () => {
    const { control } = server.addCall('CA1');
    control.happens({ type: 'digits', digits: '1' });
    const answer = await server.fetch('/calls/CA1/events');
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
    const reader = new Reader(answer);
    await until(() => reader.text !== '');
    server.clock.advance(1500);
    control.happens({ type: 'caller-said', itemId: 'c1', text: 'Hello\nthere', final: true });
    control.happens({ type: 'ended', reason: 'caller' });
    await until(() => reader.over);
    expect(reader.text).toBe(
      [
        'id: 1\nevent: digits\ndata: {"atMs":0,"type":"digits","digits":"1"}\n\n',
        'id: 2\nevent: caller-said\n',
        'data: {"atMs":1500,"type":"caller-said","itemId":"c1","text":"Hello\\nthere","final":true}\n\n',
        'id: 3\nevent: ended\ndata: {"atMs":1500,"type":"ended","reason":"caller"}\n\n',
      ].join(''),
    );
    expect(control.listening).toBe(0);
  });

  it('have a line that grows word by word twice a second, and its final words in any case', async () => {
    const { control } = server.addCall('CA1');
    const reader = await watch('CA1');
    const words = 'I would like to bring my bike in this week'.split(' ');
    for (const [at] of words.entries()) {
      const text = words.slice(0, at + 1).join(' ');
      control.happens({ type: 'caller-said', itemId: 'c1', text, final: false });
      server.clock.advance(120);
    }
    control.happens({ type: 'caller-said', itemId: 'c1', text: words.join(' '), final: true });
    control.happens({ type: 'ended', reason: 'caller' });
    await until(() => reader.over);
    const said = [...reader.text.matchAll(/"text":"([^"]*)","final":(\w+)/g)].map(
      ([, text, final]) => `${final} ${text}`,
    );
    expect(said).toEqual([
      'false I',
      'false I would like to bring my',
      'true I would like to bring my bike in this week',
    ]);
  });

  it('go on behind the last one that the reader has seen', async () => {
    const { control } = server.addCall('CA1');
    for (const digits of ['1', '2', '3']) control.happens({ type: 'digits', digits });
    const reader = await watch('CA1', { 'Last-Event-ID': '2' });
    await until(() => reader.text !== '');
    expect(reader.text.match(/^id: .*$/gm)).toEqual(['id: 3']);
  });

  it('are refused to who asks for those behind something that is no id', async () => {
    server.addCall('CA1');
    const asked = server.fetch('/calls/CA1/events', { headers: { 'Last-Event-ID': 'x' } });
    expect(await server.refusal(asked)).toMatch(/^400 event-id-invalid/);
    // Its place is free again.
    await watch('CA1');
    await watch('CA1');
  });

  it('carry a comment now and then, so that nobody in between takes the line for dead', async () => {
    server.addCall('CA1');
    const reader = await watch('CA1');
    server.clock.advance(14_000);
    server.clock.advance(20_000);
    await until(() => reader.text !== '');
    expect(reader.text).toBe(': still here\n\n: still here\n\n');
  });

  it('end when the call is gone without a word', async () => {
    const { live, control } = server.addCall('CA1');
    const reader = await watch('CA1');
    server.calls.remove(live, 'carrier-lost');
    server.clock.advance(15_000);
    await until(() => reader.over);
    expect(control.listening).toBe(0);
  });

  it('stop being collected when the reader leaves', async () => {
    const { control } = server.addCall('CA1');
    const reader = await watch('CA1');
    expect(control.listening).toBe(1);
    await reader.leave();
    await until(() => control.listening === 0);
  });

  it('are for so many readers at once, and for another when one has left', async () => {
    server.addCall('CA1');
    const first = await watch('CA1');
    await watch('CA1');
    expect(await server.refusal(server.fetch('/calls/CA1/events'))).toBe(
      '503 too-many-readers: 2 readers of events are connected; close one',
    );
    await first.leave();
    let status = 503;
    for (let tries = 0; status === 503 && tries < 100; tries++) {
      status = (await server.fetch('/calls/CA1/events')).status;
    }
    expect(status).toBe(200);
  });

  it('are not kept for a reader that does not read, while others get them all', async () => {
    const { control } = server.addCall('CA1');
    const { port } = new URL(server.url);
    const slow: Socket = connect(Number(port), '127.0.0.1');
    slow.on('error', () => {});
    slow.pause();
    slow.write(`GET /calls/CA1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`);
    await until(() => control.listening === 1);
    const reader = await watch('CA1');
    const text = 'x'.repeat(50_000);
    let sent = 0;
    for (; control.listening === 2 && sent < 2_000; sent++) {
      control.happens({ type: 'steered', by: 'operator', command: 'say', detail: text });
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(control.listening).toBe(1);
    await until(() => reader.text.includes(`id: ${sent}\n`));
    slow.destroy();
  });
});
