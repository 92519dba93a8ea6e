import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Playout, type PlayoutEvent } from '../../../src/simulator/phone/playout.js';

interface Heard {
  readonly offset: number;
  readonly bytes: number[];
  readonly atMs: number;
}

function setUp(options: { clearDelayMs?: number; maxBufferedBytes?: number } = {}) {
  const heard: Heard[] = [];
  const events: PlayoutEvent[] = [];
  const playout = new Playout({
    clearDelayMs: options.clearDelayMs ?? 0,
    maxBufferedBytes: options.maxBufferedBytes ?? 4_800_000,
    onHeard: (bytes, offset, atMs) => heard.push({ offset, bytes: [...bytes], atMs }),
    onEvent: (event) => events.push(event),
  });
  const heardBytes = (): number => heard.reduce((sum, { bytes }) => sum + bytes.length, 0);
  return { playout, heard, events, heardBytes };
}

const silence = (bytes: number): Uint8Array => new Uint8Array(bytes).fill(0xff);

describe('playout', () => {
  it('plays exactly 8 bytes a millisecond from the arrival of the first byte', () => {
    const { playout, heardBytes } = setUp();
    playout.media(100.3, silence(800));
    playout.advance(100.3);
    expect(heardBytes()).toBe(0);
    playout.advance(110.3);
    expect(heardBytes()).toBe(80);
    playout.advance(110.42);
    expect(heardBytes()).toBe(80);
    playout.advance(110.43);
    expect(heardBytes()).toBe(81);
    playout.advance(1000);
    expect(heardBytes()).toBe(800);
  });

  it('hears the same whether it is asked often or once', () => {
    const often = setUp();
    const once = setUp();
    for (const { playout } of [often, once])
      playout.media(
        7.77,
        Uint8Array.from({ length: 500 }, (_, i) => i & 0xff),
      );
    for (let ms = 8; ms < 80; ms += 0.37) often.playout.advance(ms);
    once.playout.advance(80);
    expect(often.heard.flatMap(({ bytes }) => bytes)).toEqual(once.heard.flatMap(({ bytes }) => bytes));
    expect(once.heard[0]).toMatchObject({ offset: 0, atMs: 7.77 });
  });

  it('echoes a mark when its place has been played, and at once on an empty buffer', () => {
    const { playout, events } = setUp();
    playout.mark(5, 'empty');
    playout.media(10, silence(320));
    playout.mark(10, 'one');
    playout.media(12, silence(160));
    playout.mark(12, 'two');
    expect(playout.nextMs()).toBe(50);
    playout.advance(49.999);
    expect(events.filter(({ type }) => type === 'mark')).toHaveLength(1);
    playout.advance(500);
    expect(events).toEqual([
      { type: 'mark', atMs: 5, name: 'empty', cleared: false },
      { type: 'playout-start', atMs: 10, streamOffset: 0 },
      { type: 'mark', atMs: 50, name: 'one', cleared: false },
      { type: 'mark', atMs: 70, name: 'two', cleared: false },
      { type: 'playout-empty', atMs: 70, streamOffset: 480 },
    ]);
  });

  it('pads the 20 ms frame in which it runs dry, and begins after it what arrives meanwhile', () => {
    const { playout, heard } = setUp();
    playout.media(1000, silence(200));
    playout.media(1030, silence(8));
    expect(playout.nextMs()).toBe(1040);
    playout.advance(2000);
    expect(heard.map(({ offset, atMs }) => [offset, atMs])).toEqual([
      [0, 1000],
      [200, 1040],
    ]);
  });

  it('begins at once what arrives after the padding, or on the edge of a frame', () => {
    const { playout, heard } = setUp();
    playout.media(1000, silence(160));
    playout.media(1020, silence(8));
    playout.media(1040.5, silence(8));
    playout.advance(2000);
    expect(heard.map(({ offset, atMs }) => [offset, atMs])).toEqual([
      [0, 1000],
      [160, 1020],
      [168, 1040.5],
    ]);
  });

  it('on clear drops what has not been played and echoes all pending marks in the order they were sent', () => {
    const { playout, events, heardBytes } = setUp();
    playout.media(0, silence(800));
    playout.mark(0, 'a');
    playout.mark(0, 'b');
    playout.clear(30.1);
    playout.advance(1000);
    expect(heardBytes()).toBe(240);
    expect(events).toEqual([
      { type: 'playout-start', atMs: 0, streamOffset: 0 },
      { type: 'playout-empty', atMs: 30.1, streamOffset: 240 },
      { type: 'clear', atMs: 30.1, arrivedMs: 30.1, droppedBytes: 560 },
      { type: 'mark', atMs: 30.1, name: 'a', cleared: true },
      { type: 'mark', atMs: 30.1, name: 'b', cleared: true },
    ]);
  });

  it('plays what comes after a clear at once', () => {
    const { playout, heard } = setUp();
    playout.media(0, silence(800));
    playout.clear(25);
    playout.media(27, silence(80));
    playout.advance(1000);
    expect(heard.map(({ offset, atMs }) => [offset, atMs])).toEqual([
      [0, 0],
      [800, 27],
    ]);
  });

  it('with a slow clear plays on until it acts, and keeps what came after the clear', () => {
    const { playout, heard, events } = setUp({ clearDelayMs: 50 });
    playout.media(0, silence(1600));
    playout.mark(0, 'before');
    playout.clear(20);
    playout.media(30, silence(80));
    playout.mark(30, 'after');
    expect(playout.nextMs()).toBe(70);
    playout.advance(1000);
    expect(heard.map(({ offset, bytes, atMs }) => [offset, bytes.length, atMs])).toEqual([
      [0, 160, 0],
      [160, 80, 20],
      [240, 320, 30],
      [1600, 80, 70],
    ]);
    expect(events.slice(1)).toEqual([
      { type: 'playout-empty', atMs: 70, streamOffset: 560 },
      { type: 'clear', atMs: 70, arrivedMs: 20, droppedBytes: 1040 },
      { type: 'mark', atMs: 70, name: 'before', cleared: true },
      { type: 'playout-start', atMs: 70, streamOffset: 1600 },
      { type: 'mark', atMs: 80, name: 'after', cleared: false },
      { type: 'playout-empty', atMs: 80, streamOffset: 1680 },
    ]);
  });

  it('leaves alone what is playing when a slow clear finds its own audio gone', () => {
    const { playout, heard, events } = setUp({ clearDelayMs: 50 });
    playout.media(0, silence(160));
    playout.clear(10);
    playout.media(40, silence(800));
    playout.advance(1000);
    expect(heard.at(-1)).toMatchObject({ offset: 160 + 160, atMs: 60 });
    expect(events).toContainEqual({ type: 'clear', atMs: 60, arrivedMs: 10, droppedBytes: 0 });
  });

  it('discards what does not fit and goes on counting it', () => {
    const { playout, heard, events } = setUp({ maxBufferedBytes: 100 });
    playout.media(
      0,
      Uint8Array.from({ length: 130 }, (_, i) => i),
    );
    playout.media(1, Uint8Array.of(200, 201));
    playout.advance(100);
    expect(events.filter(({ type }) => type === 'overflow')).toEqual([{ type: 'overflow', atMs: 0, droppedBytes: 30 }]);
    const places = heard.flatMap(({ offset, bytes }) => bytes.map((byte, i) => [offset + i, byte]));
    expect(places).toHaveLength(102);
    expect(places.slice(99)).toEqual([
      [99, 99],
      [130, 200],
      [131, 201],
    ]);
    expect(playout.receivedBytes).toBe(132);
  });

  it('has nothing to wait for when it is empty', () => {
    expect(setUp().playout.nextMs()).toBeUndefined();
  });
});

const step = fc.record({
  afterMs: fc.double({ min: 0, max: 60, noNaN: true }),
  act: fc.oneof(
    { weight: 5, arbitrary: fc.record({ media: fc.integer({ min: 1, max: 700 }) }) },
    { weight: 2, arbitrary: fc.constant('mark' as const) },
    { weight: 1, arbitrary: fc.constant('clear' as const) },
    { weight: 2, arbitrary: fc.constant('look' as const) },
  ),
});

describe('playout, whatever comes', () => {
  it('plays every received byte once, or drops it with a clear, or has it left; never before it came, never two at once', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.constantFrom(0, 35), (steps, clearDelayMs) => {
        const { playout, heard, events } = setUp({ clearDelayMs });
        const arrivedMs: number[] = [];
        let nowMs = 1000;
        for (const { afterMs, act } of steps) {
          nowMs += afterMs;
          if (act === 'mark') playout.mark(nowMs, String(nowMs));
          else if (act === 'clear') playout.clear(nowMs);
          else if (act === 'look') playout.advance(nowMs);
          else {
            for (let i = 0; i < act.media; i++) arrivedMs.push(nowMs);
            playout.media(nowMs, silence(act.media));
          }
        }
        playout.advance(nowMs + clearDelayMs);
        const dropped = events.reduce((sum, event) => sum + (event.type === 'clear' ? event.droppedBytes : 0), 0);
        const played = heard.reduce((sum, { bytes }) => sum + bytes.length, 0);
        expect(played + dropped + playout.bufferedBytes).toBe(arrivedMs.length);

        let offset = 0;
        let freeMs = 0;
        for (const each of heard) {
          expect(each.offset).toBeGreaterThanOrEqual(offset);
          expect(each.atMs).toBeGreaterThanOrEqual(freeMs - 1e-6);
          const last = each.offset + each.bytes.length - 1;
          expect(each.atMs + (each.bytes.length - 1) / 8).toBeGreaterThanOrEqual(arrivedMs[last]! - 1e-6);
          offset = last + 1;
          freeMs = each.atMs + each.bytes.length / 8;
        }
      }),
      { numRuns: 500 },
    );
  });

  it('echoes every mark once, in order, at the very time its place is played', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { playout, heard, events } = setUp();
        const sent: { name: string; position: number; atMs: number }[] = [];
        let nowMs = 0;
        for (const { afterMs, act } of steps) {
          nowMs += afterMs;
          if (act === 'mark') {
            sent.push({ name: `m${sent.length}`, position: playout.receivedBytes, atMs: nowMs });
            playout.mark(nowMs, sent.at(-1)!.name);
          } else if (act === 'clear') playout.clear(nowMs);
          else if (act !== 'look') playout.media(nowMs, silence(act.media));
        }
        playout.advance(nowMs + 60 * 700);
        const echoes = events.filter((event) => event.type === 'mark');
        expect(echoes.map(({ name }) => name)).toEqual(sent.map(({ name }) => name));
        for (const [i, echo] of echoes.entries()) {
          if (echo.cleared) continue;
          const { position, atMs } = sent[i]!;
          const before = heard.filter((each) => each.offset < position).at(-1);
          const playedMs = before ? before.atMs + before.bytes.length / 8 : 0;
          expect(echo.atMs).toBeCloseTo(Math.max(atMs, playedMs), 6);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('says with nextMs when the next thing happens, not later', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { playout, events } = setUp({ clearDelayMs: 15 });
        let nowMs = 0;
        for (const { afterMs, act } of steps) {
          const untilMs = nowMs + afterMs;
          for (let nextMs = playout.nextMs(); nextMs !== undefined && nextMs < untilMs; nextMs = playout.nextMs()) {
            const before = events.length;
            playout.advance(nextMs);
            expect(events.length).toBeGreaterThan(before);
            for (const event of events.slice(before)) expect(event.atMs).toBeCloseTo(nextMs, 6);
          }
          nowMs = untilMs;
          const before = events.length;
          playout.advance(nowMs);
          for (const event of events.slice(before)) expect(event.atMs).toBeCloseTo(nowMs, 6);
          if (act === 'mark') playout.mark(nowMs, 'm');
          else if (act === 'clear') playout.clear(nowMs);
          else if (act !== 'look') playout.media(nowMs, silence(act.media));
        }
      }),
      { numRuns: 300 },
    );
  });
});
