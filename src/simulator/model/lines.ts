import { dirname, resolve } from 'node:path';
import { createResamplerSync, resampleWhole } from '../../audio/resample.js';
import { findSpeech } from '../../measure/voice.js';
import { atLevel } from '../phone/sounds.js';
import { hum } from './hum.js';
import type { ModelScript } from './script/file.js';
import type { WrittenAnswer, WrittenLine } from './script/grammar.js';
import { type Line, line, lineMs, loadLine, type Voice } from './voice.js';
import { bare, timeWords, wordsOf } from './words.js';

const SPOKEN_DBOV = -20;
const TONE_PEAK = 6000;

/** A line that can be said now, or soon: a sentence that a synthesiser still has to speak. */
export type LineSoon = Line | Promise<Line>;

/**
 * Everything the model can say: the recorded lines of its voice by name or by their words, sounds beside the script, and
 * any other text, spoken by a synthesiser of this machine or else hummed. What a script names is ready before the first
 * client comes; what is only known later (a tool's output, a quoted line) is made then, once.
 */
export class Lines {
  readonly voice: Voice;
  readonly #recorded = new Map<string, Line>();
  readonly #sounds = new Map<string, Line>();
  readonly #spoken = new Map<string, LineSoon>();
  #synthesises: boolean;

  constructor(voice: Voice, synthesises: boolean) {
    this.voice = voice;
    this.#synthesises = synthesises;
    const { greeting, interrupted, lines } = voice;
    for (const each of [greeting, ...lines, ...(interrupted ? [interrupted] : [])]) {
      if (each.name !== undefined) this.#recorded.set(each.name, each);
      this.#recorded.set(key(each.text), each);
    }
  }

  /** Makes ready what a script says. Throws VoicebridgeError `wav-unreadable` for a sound that is not there. */
  static async of(voice: Voice, script: ModelScript): Promise<Lines> {
    const lines = new Lines(voice, script.synthesise ?? true);
    for (const written of linesOf(script)) {
      if (typeof written === 'object' && written.wav !== undefined)
        await lines.#load(written, script.path, written.wav);
      else if (typeof written === 'string' && !written.includes('{{')) await lines.spoken(written);
      else if (typeof written === 'object' && !written.tone) await lines.spoken(written.text ?? '');
    }
    return lines;
  }

  /** The line of a script, its `{{…}}` already filled in. */
  say(written: WrittenLine, fill: (text: string) => string): LineSoon {
    if (typeof written === 'string') return this.spoken(fill(written));
    const text = fill(written.text ?? '');
    if (written.wav !== undefined) return { ...this.#sounds.get(written.wav)!, text };
    return written.tone ? toneLine(text, written.tone) : this.spoken(text);
  }

  /** Any text: a recorded line when there is one, by its name or its words. */
  spoken(text: string): LineSoon {
    const recorded = this.#recorded.get(text) ?? this.#recorded.get(key(text));
    if (recorded) return recorded;
    const known = this.#spoken.get(text);
    if (known) return known;
    const soon = this.#synthesises ? this.#synthesised(text) : hummed(text);
    this.#spoken.set(text, soon);
    return soon;
  }

  async #synthesised(text: string): Promise<Line> {
    const { synthesise } = await import('../phone/synthesiser.js');
    const samples = text.trim() === '' ? undefined : await synthesise(text).catch(() => undefined);
    if (samples === undefined) this.#synthesises = text.trim() === '' && this.#synthesises;
    const said = samples && samples.length > 0 ? await spokenLine(text, samples) : hummed(text);
    this.#spoken.set(text, said);
    return said;
  }

  async #load(written: { text?: string | undefined }, path: string, wav: string): Promise<void> {
    if (this.#sounds.has(wav)) return;
    this.#sounds.set(wav, await loadLine({ text: written.text ?? '' }, resolve(dirname(path), wav)));
  }
}

/** Every line that a script names. */
function linesOf({ greeting, interrupted, responses = [] }: ModelScript): WrittenLine[] {
  const answers: WrittenAnswer[] = [greeting, interrupted, ...responses].filter((each) => each !== undefined);
  return answers.flatMap(({ say, output = [] }) =>
    [say, ...output.map((each) => each.say)].filter((each) => each !== undefined),
  );
}

async function spokenLine(text: string, samples: Int16Array): Promise<Line> {
  const loud = atLevel(samples, SPOKEN_DBOV);
  const spans = findSpeech(loud, 8000).map(({ startSample, endSample }) => ({
    startMs: startSample / 8,
    endMs: endSample / 8,
  }));
  return { words: timeWords(text, spans), ...line(text, loud, await resampleWhole(loud, 8000, 24_000)) };
}

function hummed(text: string): Line {
  const { samples, words } = hum(text);
  const resampler = createResamplerSync(8000, 24_000);
  // The filter's delay is a third of a millisecond: nothing that a hum would lose.
  const wide = resampler.process(samples);
  resampler.free();
  return { words, ...line(text, samples, wide) };
}

function toneLine(text: string, { hz, ms }: { hz: number; ms: number }): Line {
  const sine = (rate: number) =>
    Int16Array.from({ length: Math.round((ms * rate) / 1000) }, (_, at) =>
      Math.round(TONE_PEAK * Math.sin((2 * Math.PI * hz * at) / rate)),
    );
  const made = line(text, sine(8000), sine(24_000));
  return { ...made, words: timeWords(text, [{ startMs: 0, endMs: lineMs(made) }]) };
}

/** What is the same about two ways to write a sentence. */
function key(text: string): string {
  return wordsOf(text).map(bare).join(' ');
}
