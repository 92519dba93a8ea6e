#!/usr/bin/env node
/**
 * Makes every WAV and every labels.json under samples/. Needs flite and sox (Debian: apt-get install flite sox);
 * nobody who only uses voicebridge has to run it. The same versions of both tools give the same bytes again.
 *
 *   node scripts/make-samples.mjs
 *
 * Labels are made here, not found: each phrase is cut out of the synthesiser's noise-free output at its first and last
 * sample of at least -38 dBov and laid into digital silence at a chosen sample, so its place is known and not measured.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
// Built first: npm run build.
import { encodeMulaw } from '../dist/audio/g711.js';
import { builtInSound } from '../dist/simulator/phone/sounds.js';

const SAMPLES = fileURLToPath(new URL('../samples/', import.meta.url));
const AGENT = { flite: 'slt', stretch: 0.9, rate: 16_000, highpassHz: 80 };
/** Sent through a telephone: high-passed where a handset begins to hear. */
const CALLER = { flite: 'rms', stretch: 0.82, rate: 8000, highpassHz: 200 };
const SPEECH_DBOV = -20;
const PEAK_DBOV = -3.5;
const EDGE = amplitude(-38);
const COUGH = builtInSound('cough');

const scratch = mkdtempSync(join(tmpdir(), 'make-samples-'));
try {
  makeAgent();
  makeCallers();
  makeProvocations();
  makeCall();
} finally {
  rmSync(scratch, { recursive: true });
}

function makeAgent() {
  const agent = parse(readFileSync(join(SAMPLES, 'agent/agent.yaml'), 'utf8'));
  for (const { wav, text } of [agent.greeting, ...agent.lines, agent.interrupted]) {
    const { samples } = layOut(AGENT, [{ padMs: 20 }, { text }, { padMs: 60 }]);
    writeWav(join(SAMPLES, 'agent', wav), AGENT.rate, samples);
  }
}

/** The folders: each file begins and ends with a little silence, pauses inside are exact. */
function makeCallers() {
  const lead = { padMs: 101.5 };
  const tail = { padMs: 150 };
  const squeaking = { text: 'Hello, my brakes squeak. Can I bring the bike in this week?' };
  const sorry = { text: 'Sorry, may I ask you something?', interrupts: true };
  const cost = { text: 'What does a new set of brake pads cost?' };
  writeFolder('greeting', { 'question.wav': [lead, squeaking, tail] });
  writeFolder('interrupt', {
    'question.wav': [lead, squeaking, tail],
    'stop.wav': [{ padMs: 13.25 }, sorry, tail],
    'cost.wav': [lead, cost, tail],
  });
  writeFolder('booking', {
    'question.wav': [lead, squeaking, tail],
    'thursday.wav': [lead, { text: 'Thursday, please, at half past nine.' }, tail],
    'goodbye.wav': [lead, { text: 'Thank you, goodbye.' }, tail],
  });
  writeFolder('long-pause', {
    'pause-400.wav': [
      lead,
      { text: 'Hello, my brakes are squeaking' },
      { padMs: 400 },
      { text: 'and I need a new bell.' },
      tail,
    ],
    'pause-700.wav': [
      lead,
      { text: 'I would like to come in' },
      { padMs: 700 },
      { text: 'on Thursday, if I may.' },
      tail,
    ],
    'pause-1300.wav': [
      lead,
      { text: 'And could you tell me' },
      { padMs: 1300 },
      { text: 'what a new tyre costs?' },
      tail,
    ],
  });
}

/** What provokes an agent that takes every sound for a word, as µ-law: the same sound at two levels, and long speech. */
function makeProvocations() {
  const pad = { padMs: 40 };
  const aside = (text, dbov) => [pad, { text, dbov, sound: 'backchannel' }, pad];
  writeFolder(
    'backchannels',
    {
      'right.wav': aside('Right.', -22),
      'right-far.wav': aside('Right.', -38),
      'okay.wav': aside('Okay.', -22),
      'okay-far.wav': aside('Okay.', -38),
    },
    writeMulaw,
  );
  const cough = (dbov) => [pad, { wave: COUGH, dbov, sound: 'cough' }, pad];
  writeFolder('coughs', { 'cough.wav': cough(-22), 'cough-far.wav': cough(-38) }, writeMulaw);
  writeFolder(
    'talks-on',
    {
      'story.wav': [
        { padMs: 101.5 },
        { text: 'Well, it began on Monday, when I rode to work in the rain and the front brake started to squeak' },
        { padMs: 210 },
        { text: 'and now I wonder whether you could change all four of them before the weekend.' },
        { padMs: 150 },
      ],
    },
    writeMulaw,
  );
}

/**
 * The whole call as one file, timed for the embedded agent: greeting at once, 500 ms of silence end a turn, 400 ms of
 * thought. The interruption falls into a run of half a second without a pause between words.
 */
function makeCall() {
  const { samples, speech } = layOut(CALLER, [
    { untilMs: 4800.375, text: 'Hello, my brakes squeak. Can I bring the bike in this week?' },
    { untilMs: 11_830.125, text: 'Sorry, may I ask you something?', interrupts: true },
    { untilMs: 16_100.875, text: 'What does a new set of brake pads cost?' },
    { untilMs: 23_500.5, text: 'Good, then I will come on Thursday.' },
    { padMs: 400 },
  ]);
  writeWav(join(SAMPLES, 'caller.wav'), CALLER.rate, samples);
  writeLabels(join(SAMPLES, 'caller.labels.json'), { 'caller.wav': { speech } });
}

function writeFolder(folder, files, write = writeWav) {
  mkdirSync(join(SAMPLES, folder), { recursive: true });
  const labels = {};
  for (const [name, parts] of Object.entries(files)) {
    const { samples, speech } = layOut(CALLER, parts);
    write(join(SAMPLES, folder, name), CALLER.rate, samples);
    labels[name] = { speech };
  }
  writeLabels(join(SAMPLES, folder, 'labels.json'), labels);
}

function writeLabels(path, files) {
  writeFileSync(path, `${JSON.stringify({ schema: 'voicebridge-labels/1', rate: CALLER.rate, files }, null, 2)}\n`);
}

/**
 * Phrases and silences one after the other. `padMs`: so much silence; `untilMs`: silence up to this place, then the
 * text. A phrase's label is the place where its first sample lies and the place after its last.
 */
function layOut(voice, parts) {
  const pieces = [];
  const speech = [];
  let at = 0;
  const silence = (samples) => {
    if (samples < 0) throw new Error(`the phrase before ${at / voice.rate} s is too long for its place`);
    pieces.push(new Int16Array(samples));
    at += samples;
  };
  for (const { padMs, untilMs, text, wave, dbov, interrupts, sound } of parts) {
    if (padMs !== undefined) silence(Math.round((padMs * voice.rate) / 1000));
    if (untilMs !== undefined) silence(Math.round((untilMs * voice.rate) / 1000) - at);
    if (text === undefined && wave === undefined) continue;
    const phrase = atLevel(wave ?? speak(voice, text), dbov);
    const kind = { ...(interrupts && { interrupts }), ...(sound && { sound }) };
    speech.push({ startSample: at, endSample: at + phrase.length, ...(text && { text }), ...kind });
    pieces.push(phrase);
    at += phrase.length;
  }
  const samples = new Int16Array(at);
  let offset = 0;
  for (const piece of pieces) {
    samples.set(piece, offset);
    offset += piece.length;
  }
  return { samples, speech };
}

/** One phrase, cut to its first and last audible sample, at telephone level. */
function speak(voice, text) {
  const spoken = join(scratch, 'spoken.wav');
  execFileSync('flite', [
    '-voice',
    voice.flite,
    '--setf',
    `duration_stretch=${voice.stretch}`,
    '-t',
    text,
    '-o',
    spoken,
  ]);
  const raw = execFileSync('sox', [
    // No dither: the same bytes every time, and silence stays silent.
    ...['-D', spoken, '-t', 'f32', '-c', '1', '-'],
    ...['gain', '-6', 'highpass', String(voice.highpassHz), 'rate', '-v', String(voice.rate)],
  ]);
  const wave = new Float32Array(raw.buffer.slice(raw.byteOffset, raw.byteOffset + raw.length));
  // Twice: the level is that of the speech alone, and the cut depends on the level.
  let cut = trim(level(wave));
  cut = trim(level(cut));
  return Int16Array.from(cut, (x) => Math.round(x * 32_768));
}

function level(wave) {
  const rms = Math.sqrt(wave.reduce((sum, x) => sum + x * x, 0) / wave.length);
  const peak = wave.reduce((top, x) => Math.max(top, Math.abs(x)), 0);
  const gain = Math.min(amplitude(SPEECH_DBOV) / rms, amplitude(PEAK_DBOV) / peak);
  return wave.map((x) => x * gain);
}

/** As it is when no level is wanted. */
function atLevel(samples, dbov) {
  if (dbov === undefined) return samples;
  const rms = Math.sqrt(samples.reduce((sum, x) => sum + x * x, 0) / samples.length);
  return samples.map((x) => Math.round((x * amplitude(dbov) * 32_768) / rms));
}

function trim(wave) {
  const loud = (x) => Math.abs(x) >= EDGE;
  return wave.slice(wave.findIndex(loud), wave.findLastIndex(loud) + 1);
}

function amplitude(dbov) {
  return 10 ** (dbov / 20);
}

/** Half as large, and what the telephone makes of it anyway. */
function writeMulaw(path, rate, samples) {
  writeFileSync(path, wav(7, rate, 8, Buffer.from(encodeMulaw(samples))));
  report(path, samples.length / rate);
}

function writeWav(path, rate, samples) {
  writeFileSync(path, wav(1, rate, 16, Buffer.from(samples.buffer)));
  report(path, samples.length / rate);
}

function wav(format, rate, bits, data) {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + data.length, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(format, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE((rate * bits) / 8, 28);
  header.writeUInt16LE(bits / 8, 32);
  header.writeUInt16LE(bits, 34);
  header.write('data', 36);
  header.writeUInt32LE(data.length, 40);
  return Buffer.concat([header, data]);
}

function report(path, seconds) {
  process.stdout.write(`${path.slice(SAMPLES.length).padEnd(30)} ${seconds.toFixed(3)} s\n`);
}
