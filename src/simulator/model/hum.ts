import { type Random, seededRandom } from '../../random.js';
import { atLevel, joined, syllable } from '../phone/sounds.js';
import { bare, type WordTiming, wordsOf } from './words.js';

const RATE = 8000;
const LEVEL_DBOV = -20;
const LETTERS_PER_SYLLABLE = 3;
const SYLLABLE_MS = 150;
/** Between words, and after what ends a sentence. */
const GAP_MS = 30;
const SENTENCE_GAP_MS = 250;
const VOWELS = [
  [700, 1200, 2500],
  [450, 1900, 2600],
  [300, 2200, 2900],
  [500, 900, 2400],
  [350, 800, 2300],
];

/**
 * A voice that hums a text instead of speaking it: syllables of every word, made by arithmetic. It stands in where no
 * synthesiser is installed, is the same on every machine, and the place of each word in it is known to the sample.
 */
export function hum(text: string): { samples: Int16Array; words: WordTiming[] } {
  const random = seededRandom(1);
  const parts: Float64Array[] = [];
  const words: WordTiming[] = [];
  let atMs = 0;
  for (const word of wordsOf(text)) {
    const sung = Array.from({ length: syllablesOf(word) }, () => note(random));
    const endMs = atMs + sung.length * SYLLABLE_MS;
    words.push({ text: word, startMs: atMs, endMs });
    const gapMs = /[.!?]$/.test(word) ? SENTENCE_GAP_MS : GAP_MS;
    parts.push(...sung, new Float64Array((gapMs * RATE) / 1000));
    atMs = endMs + gapMs;
  }
  // Nothing to say is said with a moment of silence: an answer without audio would be another kind of answer.
  if (parts.length === 0) parts.push(new Float64Array(RATE / 10));
  return { samples: atLevel(joined(parts), LEVEL_DBOV), words };
}

function syllablesOf(word: string): number {
  return Math.max(1, Math.ceil(bare(word).length / LETTERS_PER_SYLLABLE));
}

function note(random: Random): Float64Array {
  const hz = 115 + 25 * random();
  const formants = VOWELS[Math.floor(random() * VOWELS.length)]!;
  return syllable({ ms: SYLLABLE_MS, hz: [hz, hz * 0.94], formants, attackMs: 15, releaseMs: 25 }, random);
}
