#!/usr/bin/env node
/**
 * Makes samples/agent/labels.json: where each word of the sample agent lies, so that the simulated model knows which words
 * lay before the place where an answer was cut. The ends of the words are those of make-word-times.mjs; a word begins where
 * the one before it has ended, or, after a pause, with the sound.
 *
 *   npm run build && node scripts/make-agent-labels.mjs
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { resampleWhole } from '../dist/audio/resample.js';
import { readWav } from '../dist/audio/wav.js';
import { findSpeech } from '../dist/measure/voice.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PER_MS = 8;
/** A pause shorter than this is the closing of a lip, not one between words. */
const PAUSE_MS = 100;

const files = {};
for (const { wav, text, wordEndsMs } of JSON.parse(
  readFileSync(join(ROOT, 'test/fixtures/agent-words.json'), 'utf8'),
)) {
  const { samples, rate } = await readWav(join(ROOT, 'samples/agent', wav));
  const narrow = await resampleWhole(samples, rate, 8000);
  const speech = findSpeech(narrow, 8000, { pauseMs: PAUSE_MS });
  let from = speech[0].startSample;
  files[wav] = {
    speech: text.split(/\s+/).map((word, index) => {
      const endSample = Math.min(narrow.length, wordEndsMs[index] * PER_MS);
      const startSample = from;
      // The ends are estimates: a pause that begins a little later still is the one after this word.
      const next = speech.find((each) => each.endSample > endSample + (PAUSE_MS / 2) * PER_MS);
      from = Math.max(endSample, next?.startSample ?? 0);
      return { startSample, endSample, text: word };
    }),
  };
}
const entry = (word) => `        ${JSON.stringify(word)}`;
const body = Object.entries(files).map(
  ([wav, { speech }]) => `    "${wav}": {\n      "speech": [\n${speech.map(entry).join(',\n')}\n      ]\n    }`,
);
const text = `{\n  "schema": "voicebridge-labels/1",\n  "rate": 8000,\n  "files": {\n${body.join(',\n')}\n  }\n}\n`;
writeFileSync(join(ROOT, 'samples/agent/labels.json'), text);
