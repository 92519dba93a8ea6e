#!/usr/bin/env node
/**
 * Measures the voice-activity detector on speech whose place is known, in ten kinds of background, against WebRTC's
 * detector (when @echogarden/fvad-wasm is installed) and a fixed threshold. All of them end turns by the same rule.
 *
 *   npm run build && node scripts/bench-vad.mjs [--more-voices] [--by-condition]
 *
 * --more-voices speaks further phrases with flite (Debian: apt-get install flite), in voices the samples do not have.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeMulaw, encodeMulaw } from '../dist/audio/g711.js';
import { resampleWhole } from '../dist/audio/resample.js';
import { noise, seededRandom, tone } from '../dist/audio/tone.js';
import { VoiceActivity } from '../dist/simulator/model/voice-activity.js';

const SAMPLES = fileURLToPath(new URL('../samples/', import.meta.url));
const RATE = 8000;
const SILENCE_MS = 500;
const MARGIN_MS = 2000;
/** A detection this far from any speech is false. */
const NEAR = 0.2 * RATE;

const utterances = [...callers(), ...(await agents()), ...(process.argv.includes('--more-voices') ? await more() : [])];
const detectors = [
  ['this one', ours],
  ...(await webrtc()),
  ['fixed threshold -40 dBov', endPointed(10, () => (frame) => dbov(frame) > -40)],
];
const conditions = {
  'digital silence': (clip) => clip,
  'comfort noise -66 dBov': (clip, seed) => mix(clip, noise({ ms: ms(clip), dbov: -66, seed })),
  'noise -50 dBov': (clip, seed) => mix(clip, noise({ ms: ms(clip), dbov: -50, seed })),
  'noise -40 dBov': (clip, seed) => mix(clip, noise({ ms: ms(clip), dbov: -40, seed })),
  'noise -33 dBov': (clip, seed) => mix(clip, noise({ ms: ms(clip), dbov: -33, seed })),
  'hum -35 dBov': (clip, seed) => mix(mix(clip, hum(ms(clip))), noise({ ms: ms(clip), dbov: -60, seed })),
  clicks: (clip, seed) => mix(clicks(clip, seed), noise({ ms: ms(clip), dbov: -60, seed })),
  'quiet voice, noise -60 dBov': (clip, seed) =>
    mix(
      clip.map((x) => x / 6),
      noise({ ms: ms(clip), dbov: -60, seed }),
    ),
  'noise -45 dBov begins at 1 s': (clip, seed) =>
    mix(
      clip,
      noise({ ms: ms(clip), dbov: -45, seed }).map((x, i) => (i < RATE ? 0 : x)),
    ),
  'babble -45 dBov': (clip, seed) => mix(clip, babble(clip.length, seed)),
};

const rows = detectors.map(([name]) => [name, new Tally(), {}]);
let seed = 1;
for (const [condition, spoil] of Object.entries(conditions))
  for (const utterance of utterances) {
    const clip = decodeMulaw(encodeMulaw(spoil(padded(utterance.samples), seed++)));
    const truth = utterance.speech.map(([start, end]) => [start + margin(), end + margin()]);
    for (const [i, [, detect]] of detectors.entries()) {
      const found = detect(clip);
      rows[i][1].add(truth, found, clip.length);
      rows[i][2][condition] ??= new Tally();
      rows[i][2][condition].add(truth, found, clip.length);
    }
  }
// Nothing but background: every second of speech found here is false.
for (const empty of [tone({ hz: 425, ms: 6000, dbov: -20 }), clicks(new Int16Array(20 * RATE), 99)])
  for (const [i, [, detect]] of detectors.entries()) rows[i][1].add([], detect(empty), empty.length);

print(rows.map(([name, tally]) => [name, tally]));
if (process.argv.includes('--by-condition'))
  for (const condition of Object.keys(conditions)) {
    process.stdout.write(`\n${condition}\n`);
    print(rows.map(([name, , by]) => [name, by[condition]]));
  }

/** All times in ms. Late: from the first sample of speech to the decision. Signed: negative is too early. */
function print(named) {
  const head = [
    '',
    'segments',
    'missed',
    'onset p50',
    'p95',
    'late p50',
    'p95',
    'offset p50',
    'p95',
    'false s',
    'splits',
    'joins',
  ];
  const table = [head, ...named.map(([name, t]) => [name, ...t.row()])];
  for (const row of table)
    process.stdout.write(
      `${row.map((cell, i) => (i === 0 ? String(cell).padEnd(26) : String(cell).padStart(i < 3 ? 9 : 11))).join('')}\n`,
    );
}

function Tally() {
  const onsets = [];
  const lates = [];
  const offsets = [];
  let [missed, falseSamples, splits, joins, segments] = [0, 0, 0, 0, 0];
  this.add = (truth, found, length) => {
    segments += truth.length;
    for (const { start, end } of found) {
      const stop = end ?? length;
      const inside = truth.filter(([from, to]) => start < to && stop > from);
      if (inside.length > 1) joins += inside.length - 1;
      // What lies in the margins of 200 ms around speech is judged by onset and offset.
      let wrong = stop - start;
      for (const [from, to] of truth) wrong -= Math.max(0, Math.min(stop, to + NEAR) - Math.max(start, from - NEAR));
      falseSamples += Math.max(0, wrong);
    }
    for (const [from, to] of truth) {
      const hits = found.filter(({ start, end }) => start < to && (end ?? length) > from);
      if (hits.length === 0) missed++;
      else {
        splits += hits.length - 1;
        // Began before this speech, in noise or in other speech: no onset of its own.
        if (hits[0].start > from - NEAR) {
          onsets.push(hits[0].start - from);
          lates.push(hits[0].detected - from);
        }
        if (hits.at(-1).end !== undefined && hits.at(-1).end < to + NEAR) offsets.push(hits.at(-1).end - to);
      }
    }
  };
  this.row = () => [
    segments,
    missed,
    ...[onsets, lates, offsets].flatMap((errors) => [percentile(errors, 0.5), percentileOfSize(errors, 0.95)]),
    (falseSamples / RATE).toFixed(1),
    splits,
    joins,
  ];
}

function percentile(samples, share) {
  const sorted = [...samples].sort((a, b) => a - b);
  const value = sorted[Math.floor(sorted.length * share)];
  return value === undefined ? '-' : ((value / RATE) * 1000).toFixed(1);
}

function percentileOfSize(samples, share) {
  return percentile(samples.map(Math.abs), share);
}

function ours(clip) {
  const detector = new VoiceActivity({ rate: RATE, silenceDurationMs: SILENCE_MS });
  const found = [];
  for (const { type, atSample, detectedAtSample } of detector.push(clip)) {
    if (type === 'speech-started') found.push({ start: atSample, detected: detectedAtSample });
    else found.at(-1).end = atSample;
  }
  return found;
}

/** Any detector that says yes or no to a frame, with the same rule for the end of a turn. */
function endPointed(frameMs, makeIsVoice) {
  const frame = (frameMs * RATE) / 1000;
  return (clip) => {
    const isVoice = makeIsVoice();
    const found = [];
    let last;
    for (let at = 0; at + frame <= clip.length; at += frame) {
      if (isVoice(clip.subarray(at, at + frame))) {
        if (last === undefined) found.push({ start: at, detected: at + frame });
        last = at + frame;
      } else if (last !== undefined && at + frame - last >= (SILENCE_MS * RATE) / 1000) {
        found.at(-1).end = last;
        last = undefined;
      }
    }
    return found;
  };
}

async function webrtc() {
  let fvad;
  try {
    fvad = await (await import('@echogarden/fvad-wasm')).default();
  } catch {
    process.stdout.write('without WebRTC: npm install --no-save @echogarden/fvad-wasm\n');
    return [];
  }
  const frame = fvad._malloc(160 * 2);
  return [2, 3].map((mode) => [
    `WebRTC mode ${mode}`,
    endPointed(10, () => {
      const vad = fvad._fvad_new();
      fvad._fvad_set_mode(vad, mode);
      fvad._fvad_set_sample_rate(vad, RATE);
      return (samples) => {
        for (let i = 0; i < samples.length; i++) fvad.setValue(frame + 2 * i, samples[i], 'i16');
        return fvad._fvad_process(vad, frame, samples.length) === 1;
      };
    }),
  ]);
}

function callers() {
  const folders = ['greeting', 'interrupt', 'long-pause'].map((folder) => [`${folder}/`, 'labels.json']);
  return [['', 'caller.labels.json'], ...folders].flatMap(([folder, name]) => {
    const { files } = JSON.parse(readFileSync(join(SAMPLES, folder, name), 'utf8'));
    return Object.entries(files).map(([wav, { speech }]) => ({
      samples: pcm(readFileSync(join(SAMPLES, folder, wav))),
      speech: joined(speech.map(({ startSample, endSample }) => [startSample, endSample])),
    }));
  });
}

async function agents() {
  const names = readdirSync(join(SAMPLES, 'agent')).filter((name) => name.endsWith('.wav'));
  return Promise.all(
    names.map(async (name) => cut(await resampleWhole(pcm(readFileSync(join(SAMPLES, 'agent', name))), 16_000, RATE))),
  );
}

async function more() {
  const texts = [
    'Yes.',
    'Hang on, let me find my card.',
    'Six three nine, double four, one seven.',
    'I am afraid that the chain has come off and I cannot get it back on by myself.',
    'Thank you very much, goodbye.',
  ];
  const folder = mkdtempSync(join(tmpdir(), 'bench-vad-'));
  try {
    const made = [];
    for (const voice of ['awb', 'kal16', 'slt'])
      for (const text of texts) {
        const path = join(folder, 'spoken.wav');
        execFileSync('flite', ['-voice', voice, '-t', text, '-o', path]);
        const clip = await resampleWhole(pcm(readFileSync(path)), 16_000, RATE);
        const gain = 10 ** ((-20 - dbov(clip)) / 20);
        made.push(cut(clip.map((x) => Math.max(-32_768, Math.min(32_767, x * gain)))));
      }
    return made;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Clean speech without pauses: from its first to its last sample of -38 dBov, as scripts/make-samples.mjs cuts it. */
function cut(samples) {
  const loud = (x) => Math.abs(x) >= 32_768 * 10 ** (-38 / 20);
  const clip = samples.slice(samples.findIndex(loud), samples.findLastIndex(loud) + 1);
  return { samples: clip, speech: [[0, clip.length]] };
}

/** Pauses too short to end a turn are part of it. */
function joined(speech) {
  const turns = [];
  for (const [start, end] of speech)
    if (turns.length > 0 && start - turns.at(-1)[1] < (SILENCE_MS * RATE) / 1000) turns.at(-1)[1] = end;
    else turns.push([start, end]);
  return turns;
}

function padded(samples) {
  const clip = new Int16Array(samples.length + 2 * margin());
  clip.set(samples, margin());
  return clip;
}

function margin() {
  // Not a multiple of any detector's frame.
  return (MARGIN_MS * RATE) / 1000 + 37;
}

function pcm(wav) {
  return new Int16Array(wav.buffer.slice(wav.byteOffset + 44, wav.byteOffset + wav.length));
}

function ms(clip) {
  return (clip.length * 1000) / RATE;
}

function mix(a, b) {
  return a.map((x, i) => Math.max(-32_768, Math.min(32_767, x + (b[i] ?? 0))));
}

function hum(ms) {
  return [-36, -45, -48].map((dbov, i) => tone({ hz: [50, 100, 150][i], ms, dbov })).reduce(mix);
}

/** About one click a second, 0.25 to 4 ms long and up to full scale. */
function clicks(clip, seed) {
  const random = seededRandom(seed);
  const out = Int16Array.from(clip);
  for (let at = random() * RATE; at < out.length; at += RATE * (0.5 + random())) {
    const length = 2 + Math.floor(random() * 31);
    const height = 3000 + random() * 27_000;
    for (let i = 0; i < length; i++) out[Math.floor(at) + i] = (random() * 2 - 1) * height;
  }
  return out;
}

/** Eight people talking at once in the next room. */
function babble(length, seed) {
  const random = seededRandom(seed);
  const sum = new Float64Array(length);
  for (let n = 0; n < 8; n++) {
    const { samples } = utterances[Math.floor(random() * utterances.length)];
    const from = Math.floor(random() * samples.length);
    for (let i = 0; i < length; i++) sum[i] += samples[(from + i) % samples.length];
  }
  const gain = (32_768 * 10 ** (-45 / 20)) / Math.sqrt(sum.reduce((energy, x) => energy + x * x, 0) / length);
  return Int16Array.from(sum, (x) => x * gain);
}

function dbov(samples) {
  return 10 * Math.log10(samples.reduce((sum, x) => sum + x * x, 0) / samples.length / 32_768 ** 2);
}
