/** One word of a line, and where in the line's audio it lies, in milliseconds from its first sample. */
export interface WordTiming {
  readonly text: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** A stretch of a line in which somebody speaks. `text` when it is known what is said in it. */
export interface VoicedSpan {
  readonly startMs: number;
  readonly endMs: number;
  readonly text?: string;
}

/** What lies before a place in a line. */
export interface WordsBefore {
  /** The words that had ended, joined by blanks. */
  readonly text: string;
  readonly words: readonly string[];
  /** The word in which the place lies: begun, not ended. */
  readonly partial?: string;
}

/** Anything said that has words in their places: a `Line`, or an `item-started` of the trace. */
export interface TimedText {
  readonly text: string;
  readonly words?: readonly WordTiming[];
  readonly totalMs: number;
}

/**
 * The words of a line that had been said when `ms` milliseconds of it had been played. A word counts when it has ended.
 * The truth that a transcript of an interrupted answer is to be compared with; exact where the words' places are known.
 */
export function wordsUpTo(line: TimedText, ms: number): WordsBefore {
  const timed = line.words ?? timeWords(line.text, [{ startMs: 0, endMs: line.totalMs }]);
  const words = timed.filter(({ endMs }) => endMs <= ms).map(({ text }) => text);
  const partial = timed.find(({ startMs, endMs }) => startMs < ms && ms < endMs)?.text;
  return { text: words.join(' '), words, ...(partial !== undefined && { partial }) };
}

/**
 * Gives every word of a text its place: inside the span whose text it is, when all spans together say the text, else
 * across all the speech. Within that, each takes a share in proportion to its letters; pauses belong to no word.
 */
export function timeWords(text: string, spans: readonly VoicedSpan[]): WordTiming[] {
  const words = wordsOf(text);
  const spoken = spans.map((span) => wordsOf(span.text ?? ''));
  const labelled = spoken.flat();
  const isLabelled =
    labelled.length === words.length && words.every((word, index) => bare(word) === bare(labelled[index]!));
  if (!isLabelled) return spread(words, spans);
  let from = 0;
  return spans.flatMap((span, index) => {
    const own = words.slice(from, from + spoken[index]!.length);
    from += own.length;
    return spread(own, [span]);
  });
}

/** The words of a text as they are written, in order. */
export function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

/** Letters and digits in lower case: what stays of a word when only its sound counts. */
export function bare(word: string): string {
  return word.toLowerCase().replace(/[^\p{L}\p{N}']+/gu, '');
}

function spread(words: readonly string[], spans: readonly VoicedSpan[]): WordTiming[] {
  const voicedMs = spans.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
  const letters = words.map((word) => Math.max(1, bare(word).length));
  const all = letters.reduce((sum, count) => sum + count, 0) || 1;
  let said = 0;
  return words.map((text, index) => {
    const startMs = placeOf((said / all) * voicedMs, spans, 'after');
    said += letters[index]!;
    return { text, startMs, endMs: placeOf((said / all) * voicedMs, spans, 'before') };
  });
}

/** The place at which so much has been voiced. On the edge of a pause: `before` or `after` it. */
function placeOf(voicedMs: number, spans: readonly VoicedSpan[], side: 'before' | 'after'): number {
  let leftMs = voicedMs;
  for (const { startMs, endMs } of spans) {
    const lengthMs = endMs - startMs;
    // Shares are fractions: an edge that is missed by less than a sample is still the edge.
    if (side === 'before' ? leftMs <= lengthMs + 0.1 : leftMs < lengthMs - 0.1)
      return startMs + Math.min(leftMs, lengthMs);
    leftMs -= lengthMs;
  }
  return spans.at(-1)?.endMs ?? 0;
}
