import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeMulaw } from '../../../../src/audio/g711.js';
import { tone } from '../../../../src/audio/tone.js';
import { judgeEvents, judgeTrace, type TraceLine } from '../../../../src/simulator/phone/lint/trace.js';
import { parseTrace } from '../../../../src/simulator/phone/lint/trace-file.js';

const SID = 'MZ00000000000000000000000000000002';
const voice = encodeMulaw(tone({ hz: 300, ms: 9000, dbov: -20, rate: 8000 }));
const from = (who: 'server' | 'phone', atMs: number, message: object): TraceLine => ({
  atMs,
  from: who,
  text: JSON.stringify({ streamSid: SID, ...message }),
});
const media = (who: 'server' | 'phone', atMs: number, audio: Uint8Array): TraceLine =>
  from(who, atMs, { event: 'media', media: { payload: Buffer.from(audio).toString('base64') } });
const mark: TraceLine = from('server', 31, { event: 'mark', mark: { name: 'a' } });
const start: TraceLine = from('phone', 0, { event: 'start', start: {} });
/** The caller, silent but for one stretch. */
const caller = (fromMs: number, toMs: number, endMs: number): TraceLine[] =>
  Array.from({ length: endMs / 20 }, (_, i) => {
    const loud = i * 20 >= fromMs && i * 20 < toMs;
    return media('phone', 20 + i * 20, loud ? voice.subarray(0, 160) : new Uint8Array(160).fill(0xff));
  });
const rules = (lines: TraceLine[]): string[] => judgeTrace(lines).findings.map(({ rule }) => rule);

describe('a trace of messages', () => {
  const answer = [media('server', 30, voice), mark];

  it('shows an interruption that no clear follows, by the caller it holds', () => {
    expect(rules([start, ...answer, ...caller(1000, 2500, 5000)])).toEqual(['clear/missing']);
    const clear = from('server', 1300, { event: 'clear' });
    expect(rules([start, ...answer, clear, ...caller(1000, 2500, 5000)])).toEqual([]);
    expect(rules([start, ...answer, ...caller(1000, 1500, 5000)])).toEqual([]);
  });

  it('shows what goes on after a clear', () => {
    const clear = from('server', 1300, { event: 'clear' });
    const late = [1350, 1450, 1550, 1650, 1750].map((atMs) => media('server', atMs, voice.subarray(0, 1600)));
    expect(rules([start, ...answer, clear, ...late, ...caller(1000, 2500, 4000)])).toEqual(['clear/late-audio']);
    const later = late.map((line) => ({ ...line, atMs: line.atMs + 1500 }));
    expect(rules([start, ...answer, clear, ...later, ...caller(1000, 2500, 4000)])).toEqual([]);
  });

  it('shows a goodbye that is cut off, and one that is not', () => {
    const close = (atMs: number): TraceLine => ({ atMs, from: 'server', close: 1000 });
    expect(rules([start, ...answer, close(8000)])).toEqual(['close/goodbye-cut']);
    expect(rules([start, ...answer, close(9100)])).toEqual([]);
    expect(rules([start, ...answer, { atMs: 8000, from: 'phone', close: 1000 }])).toEqual([]);
    expect(rules([start, ...answer, { atMs: 9100, from: 'server', close: 1011 }])).toEqual(['close/bad-code']);
    expect(rules([start, ...answer, { atMs: 9100, from: 'server', close: 1006 }])).toEqual(['close/abrupt']);
  });

  it('shows holes between pieces that come too late', () => {
    const pieces = (everyMs: number): TraceLine[] =>
      Array.from({ length: 120 }, (_, i) => media('server', 40 + i * everyMs, voice.subarray(i * 160, (i + 1) * 160)));
    expect(rules([start, ...pieces(30)])).toEqual(['playout/underrun']);
    expect(rules([start, ...pieces(20)])).toEqual([]);
    // What a timer of 20 ms does on most machines.
    expect(rules([start, ...pieces(21.2)])).toEqual([]);
  });

  it('needs no message of the phone: the streamSid is then what the server uses most', () => {
    const lines = [media('server', 0, voice.subarray(0, 160)), media('server', 20, voice.subarray(0, 160))];
    const other = { ...lines[0]!, text: lines[0]!.text!.replace(SID, 'MZ1'), atMs: 40 };
    expect(rules(lines)).toEqual([]);
    expect(rules([...lines, other])).toEqual(['stream-sid/wrong']);
  });

  it('is judged without throwing, whatever it holds', () => {
    const line = fc.record({
      atMs: fc.integer({ min: 0, max: 5000 }),
      from: fc.constantFrom('server' as const, 'phone' as const),
      text: fc.oneof(fc.string(), fc.json(), fc.constantFrom(...[start, ...answer, mark].map(({ text }) => text!))),
    });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
        const { findings, counts } = judgeTrace(lines);
        expect(findings.length).toBeLessThanOrEqual(Object.values(counts).reduce((sum, count) => sum + count, 0));
      }),
      { numRuns: 60 },
    );
  });
});

describe('an event log', () => {
  it("keeps what was found then, and adds what today's rules find", () => {
    const finding = { rule: 'media/alaw', level: 'error', message: 'm', twilio: 't', atMs: 40 } as const;
    const { findings, startMs } = judgeEvents([
      { type: 'start', atMs: 10, streamSid: SID, callSid: 'CA1' },
      { type: 'lint', atMs: 40, finding },
      { type: 'media', atMs: 50, bytes: 800, streamOffset: 0, bufferedMs: 100 },
      { type: 'clear', atMs: 60, droppedBytes: 720 },
      { type: 'stop', atMs: 100 },
    ]);
    expect(findings.map(({ rule, atMs }) => [rule, atMs])).toEqual([
      ['media/alaw', 40],
      ['mark/never-used', 100],
    ]);
    expect(startMs).toBe(10);
  });
});

describe('a trace file', () => {
  it('is an event log when every line has a type, else messages', () => {
    expect(parseTrace('f', '{"type":"start","atMs":1}\n').kind).toBe('events');
    expect(parseTrace('f', '{"atMs":1,"from":"server","text":"x"}\n\n{"atMs":2,"from":"phone","close":1000}')).toEqual({
      kind: 'messages',
      path: 'f',
      lines: [
        { atMs: 1, from: 'server', text: 'x' },
        { atMs: 2, from: 'phone', close: 1000 },
      ],
    });
  });

  it('may end in the middle of a line, as the log of a call that was killed does', () => {
    expect(parseTrace('f', '{"type":"start","atMs":1}\n{"type":"me')).toMatchObject({ events: [{ type: 'start' }] });
    expect(() => parseTrace('f', '{"type":"me\n{"type":"start","atMs":1}\n')).toThrow('f, line 1: this is not JSON');
  });

  it('is read or refused with a line, never anything else', () => {
    const good = '{"atMs":1,"from":"server","text":"x"}';
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constant(good), fc.json(), fc.string())), (lines) => {
        try {
          parseTrace('f', lines.join('\n'));
        } catch (error) {
          expect((error as Error).message).toMatch(/^f, line \d+: /);
        }
      }),
    );
  });
});
