#!/usr/bin/env node
/**
 * Makes test/fixtures/agent-words.json: where each word of the sample agent ends, so that an estimate of what was heard
 * can be held against the truth. Needs flite, as make-samples.mjs does, with the same settings.
 *
 *   node scripts/make-word-times.mjs
 *
 * Flite prints the end of every phone, but not which word it belongs to: the phones of the first n words, spoken alone,
 * are counted. The sample is trimmed to its audible part, so the last phone is laid at the end of it.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const TAIL_MS = 60;

const agent = parse(readFileSync(join(ROOT, 'samples/agent/agent.yaml'), 'utf8'));
const lines = [agent.greeting, ...agent.lines, agent.interrupted].map(({ wav, text }) => {
  const audioMs = (readFileSync(join(ROOT, 'samples/agent', wav)).length - 44) / 32;
  return { wav, text, audioMs, wordEndsMs: wordEnds(text, audioMs - TAIL_MS) };
});
const body = lines.map((line) => `  ${JSON.stringify(line)}`).join(',\n');
writeFileSync(join(ROOT, 'test/fixtures/agent-words.json'), `[\n${body}\n]\n`);

function wordEnds(text, endMs) {
  const phones = speak(text);
  const shiftMs = endMs - phones.at(-1).endMs;
  const words = text.split(/\s+/);
  return words.map((_, index) => {
    const count = speak(words.slice(0, index + 1).join(' ')).length;
    return Math.round((phones[count - 1] ?? phones.at(-1)).endMs + shiftMs);
  });
}

function speak(text) {
  const args = ['-voice', 'slt', '--setf', 'duration_stretch=0.9', '-psdur', '-t', text, '-o', 'none'];
  const printed = execFileSync('flite', args, { encoding: 'utf8' }).trim().split(/\s+/);
  return printed
    .map((phone) => ({ name: phone.split(':')[0], endMs: Number(phone.split(':')[1]) * 1000 }))
    .filter(({ name }) => name !== 'pau');
}
