import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { timeWords, wordsUpTo } from '../../../src/simulator/model/words.js';

describe('timeWords', () => {
  it('shares a stretch of speech out by letters', () => {
    expect(timeWords('a bcd', [{ startMs: 100, endMs: 500 }])).toEqual([
      { text: 'a', startMs: 100, endMs: 200 },
      { text: 'bcd', startMs: 200, endMs: 500 },
    ]);
  });

  it('leaves the pauses to no word', () => {
    const spans = [
      { startMs: 0, endMs: 200 },
      { startMs: 1000, endMs: 1200 },
    ];
    expect(timeWords('ab cd', spans)).toEqual([
      { text: 'ab', startMs: 0, endMs: 200 },
      { text: 'cd', startMs: 1000, endMs: 1200 },
    ]);
  });

  it('puts words into the spans whose text they are, whatever the case and punctuation', () => {
    const spans = [
      { startMs: 0, endMs: 1000, text: 'yes' },
      { startMs: 1500, endMs: 1600, text: 'we do.' },
    ];
    expect(timeWords('Yes, we do', spans).map(({ startMs }) => startMs)).toEqual([0, 1500, 1550]);
    // Labels that say something else are no labels of this text.
    expect(timeWords('Yes, we can', spans).map(({ startMs }) => startMs)).not.toEqual([0, 1500, 1550]);
  });

  it('gives every word of any text a place in order, inside the speech', () => {
    const text = fc.string({ maxLength: 60 });
    const gaps = fc.array(fc.tuple(fc.nat(500), fc.integer({ min: 1, max: 2000 })), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(text, gaps, (said, parts) => {
        let atMs = 0;
        const spans = parts.map(([pauseMs, speechMs]) => {
          const startMs = atMs + pauseMs;
          atMs = startMs + speechMs;
          return { startMs, endMs: atMs };
        });
        const words = timeWords(said, spans);
        expect(words.map((word) => word.text)).toEqual(said.split(/\s+/).filter(Boolean));
        for (const [index, { startMs, endMs }] of words.entries()) {
          expect(endMs).toBeGreaterThanOrEqual(startMs - 0.2);
          expect(startMs).toBeGreaterThanOrEqual((words[index - 1]?.endMs ?? spans[0]!.startMs) - 0.2);
          expect(endMs).toBeLessThanOrEqual(atMs + 0.2);
        }
      }),
    );
  });
});

describe('wordsUpTo', () => {
  const line = {
    text: 'One two three',
    totalMs: 1000,
    words: [
      { text: 'One', startMs: 0, endMs: 300 },
      { text: 'two', startMs: 300, endMs: 600 },
      { text: 'three', startMs: 700, endMs: 1000 },
    ],
  };

  it.each([
    [0, '', undefined],
    [299, '', 'One'],
    [300, 'One', undefined],
    [650, 'One two', undefined],
    [701, 'One two', 'three'],
    [1000, 'One two three', undefined],
  ])('at %i ms has heard %j and stands in %j', (ms, text, partial) => {
    const before = wordsUpTo(line, ms);
    expect([before.text, before.partial]).toEqual([text, partial]);
  });

  it('spreads the words over the whole line when nobody knows their places', () => {
    expect(wordsUpTo({ text: 'ab cd', totalMs: 800 }, 400).words).toEqual(['ab']);
  });
});
