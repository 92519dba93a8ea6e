import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { heardText, paceOf, type SpokenLine, USUAL_PACE } from '../../src/call/heard-text.js';

/** The lines of the sample agent with the true end of each word (scripts/make-word-times.mjs). */
interface SampleLine {
  readonly text: string;
  readonly audioMs: number;
  readonly wordEndsMs: readonly number[];
}

const SAMPLES: readonly SampleLine[] = JSON.parse(
  readFileSync(new URL('../fixtures/agent-words.json', import.meta.url), 'utf8'),
);

const count = (text: string): number => text.split(/\s+/).filter(Boolean).length;
const letters = (text: string): string => text.replace(/\s+/g, '');

/** The share of interruptions, one every 10 ms of every line, in which the estimate is at most one word off. */
function withinOneWord(estimate: (line: SampleLine, heardMs: number) => string): number {
  let places = 0;
  let right = 0;
  for (const line of SAMPLES) {
    for (let heardMs = 10; heardMs < line.audioMs; heardMs += 10) {
      const truth = line.wordEndsMs.filter((endMs) => endMs <= heardMs).length;
      places += 1;
      if (Math.abs(count(estimate(line, heardMs)) - truth) <= 1) right += 1;
    }
  }
  return right / places;
}

/** What the model has made when `heardMs` have been heard: audio comes `speed` times faster than it plays. */
function soFar({ text, audioMs }: SampleLine, heardMs: number, speed: number): SpokenLine {
  const madeMs = Math.min(audioMs, heardMs * speed + 200);
  const words = text.split(/\s+/);
  const written = words.slice(0, Math.ceil((madeMs / audioMs) * words.length)).join(' ');
  return { text: written, audioMs: madeMs, complete: madeMs === audioMs };
}

const texts = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc
    .array(fc.constantFrom('Good', 'morning,', '9:30.', 'ok', '  ', '\n', 'Dr.', '数字を', '你好。', '"Yes!"'))
    .map((words) => words.join(' ')),
);
const lines = fc.record({
  text: texts,
  audioMs: fc.integer({ min: 0, max: 20_000 }),
  complete: fc.boolean(),
  pace: fc.option(fc.double({ min: 0.005, max: 0.05, noNaN: true }), { nil: undefined }),
});

describe('the text that was heard', () => {
  it('is within one word of the truth in 95 % of all interruptions of the sample voice', () => {
    const whole = withinOneWord((line, heardMs) => heardText({ ...line, complete: true }, heardMs).text);
    expect(whole).toBeGreaterThanOrEqual(0.95);
  });

  it('is that also of answers that the model was still making, three times faster than they play', () => {
    const cut = withinOneWord((line, heardMs) => heardText(soFar(line, heardMs, 3), heardMs).text);
    expect(cut).toBeGreaterThanOrEqual(0.95);
  });

  it('is better than a share of the letters, which is not good enough', () => {
    const share = withinOneWord(({ text, audioMs }, heardMs) => {
      const cut = text.slice(0, Math.floor((heardMs / audioMs) * text.length));
      return cut.slice(0, cut.lastIndexOf(' ') + 1);
    });
    expect(share).toBeLessThan(0.95);
  });

  it('ends with a word, its punctuation included', () => {
    const line = { text: 'Good morning, this is Ann.', audioMs: 2080, complete: true };
    expect(heardText(line, 1000)).toEqual({ text: 'Good morning,', unheard: 'this is Ann.' });
    expect(heardText(line, 200)).toEqual({ text: '', unheard: 'Good morning, this is Ann.' });
    expect(heardText(line, 2080)).toEqual({ text: 'Good morning, this is Ann.', unheard: '' });
  });

  it('gives figures the time it takes to say them', () => {
    const line = { text: 'It is 1984 now', audioMs: 2000, complete: true };
    expect([600, 1500].map((heardMs) => heardText(line, heardMs).text)).toEqual(['It is', 'It is']);
    expect(heardText({ ...line, text: 'It is nine now' }, 1500).text).toBe('It is nine');
  });

  it('parts writing that has no blanks between words', () => {
    const { text, unheard } = heardText(
      { text: '明日の朝九時にお待ちしています。', audioMs: 3000, complete: true },
      1500,
    );
    expect(text + unheard).toBe('明日の朝九時にお待ちしています。');
    expect(text.length).toBeGreaterThan(3);
    expect(unheard.length).toBeGreaterThan(3);
  });

  it('goes by the usual pace when the whole text was there before its audio', () => {
    const text = 'You will find us at number twelve, just behind the railway station.';
    const ahead = heardText({ text, audioMs: 600, complete: false }, 600);
    expect(ahead.text).toBe('You will');
    expect(heardText({ text, audioMs: 600, complete: true }, 600).text).toBe(text);
  });

  it('goes by the pace of this voice when it is known', () => {
    const line = { text: 'You will find us at number twelve, just behind the station.', audioMs: 900, complete: false };
    const slow = heardText({ ...line, pace: USUAL_PACE / 2 }, 900).text;
    const fast = heardText({ ...line, pace: USUAL_PACE * 1.5 }, 900).text;
    expect(count(slow)).toBeLessThan(count(fast));
  });

  it('is nothing when nothing was heard, and nothing of a line without words', () => {
    expect(heardText({ text: 'Hello', audioMs: 900, complete: true }, 0)).toEqual({ text: '', unheard: 'Hello' });
    expect(heardText({ text: '', audioMs: 900, complete: true }, 900)).toEqual({ text: '', unheard: '' });
  });

  it('makes the whole line again together with the rest, but for white space', () => {
    fc.assert(
      fc.property(lines, fc.integer({ min: -10, max: 25_000 }), (line, heardMs) => {
        const { text, unheard } = heardText(line, heardMs);
        expect(letters(text + unheard)).toBe(letters(line.text));
      }),
    );
  });

  it('never shrinks while more is heard', () => {
    fc.assert(
      fc.property(lines, fc.nat(20_000), fc.nat(20_000), (line, a, b) => {
        const [less, more] = [Math.min(a, b), Math.max(a, b)].map((heardMs) => heardText(line, heardMs).text);
        expect(more!.startsWith(less!)).toBe(true);
      }),
    );
  });

  it('knows the pace of a line from its weight and its voiced part', () => {
    const { weight, voicedMs } = paceOf('Please go ahead.', 897);
    expect(voicedMs).toBe(817);
    expect(weight / voicedMs).toBeGreaterThan(0.015);
    expect(weight / voicedMs).toBeLessThan(0.025);
  });
});
