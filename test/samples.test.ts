import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { decodeMulaw, encodeMulaw } from '../src/audio/g711.js';
import { peakDbov, rmsDbov } from '../src/audio/level.js';
import { resampleWhole } from '../src/audio/resample.js';
import { readWav } from '../src/audio/wav.js';
import { PACKAGED_SCENARIOS } from '../src/measure/scenario.js';
import { findSpeech } from '../src/measure/voice.js';
import { loadModelScript } from '../src/simulator/model/script/file.js';
import { loadVoice } from '../src/simulator/model/voice.js';
import { VoiceActivity } from '../src/simulator/model/voice-activity.js';
import type { LabelledSpeech } from '../src/simulator/phone/labels.js';
import { loadCaller } from '../src/simulator/phone/script.js';

const SAMPLES = fileURLToPath(new URL('../samples/', import.meta.url));
const FOLDERS = ['greeting', 'interrupt', 'long-pause', 'booking'];
const CALLER_RATE = 8000;
/** What the simulated model does when nobody tells it otherwise. */
const SILENCE_MS = 500;
const THINK_MS = 400;

interface Labels {
  schema: string;
  rate: number;
  files: Record<string, { speech: { startSample: number; endSample: number; text: string; interrupts?: boolean }[] }>;
}
type Step = Record<string, unknown>;

const labelled = ['caller.labels.json', ...FOLDERS.map((folder) => `${folder}/labels.json`)].flatMap((path) => {
  const labels = JSON.parse(readFileSync(join(SAMPLES, path), 'utf8')) as Labels;
  return Object.entries(labels.files).map(([name, { speech }]) => ({
    file: join(dirname(path), name),
    labels,
    speech,
  }));
});
const everyFile = readdirSync(SAMPLES, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name));

describe('the samples', () => {
  it('are below 3 MB together', () => {
    const bytes = everyFile.reduce((sum, path) => sum + statSync(path).size, 0);
    expect(bytes).toBeLessThan(3_000_000);
  });

  it('say what licence their speech is under', () => {
    const readme = readFileSync(join(SAMPLES, 'README.md'), 'utf8');
    expect(readme).toContain('Carnegie Mellon University');
    expect(readme).toContain('merge, publish, distribute, sublicense');
  });

  it.each(everyFile.filter((path) => path.endsWith('.wav')).map((path) => path.slice(SAMPLES.length)))(
    '%s is mono at its rate, used, and at telephone level without clipping',
    async (file) => {
      const audio = await readWav(join(SAMPLES, file));
      const isAgent = dirname(file) === 'agent';
      expect(audio.rate).toBe(isAgent ? 16_000 : CALLER_RATE);
      expect(audio.channels).toHaveLength(1);
      expect(peakDbov(audio.samples)).toBeLessThanOrEqual(-3);
      const isAside = ['backchannels', 'coughs'].includes(dirname(file));
      for (const { startSample, endSample } of isAside ? [] : findSpeech(audio.samples, audio.rate)) {
        const level = rmsDbov(audio.samples.subarray(startSample, endSample));
        expect(level).toBeGreaterThan(-21);
        expect(level).toBeLessThan(-19);
      }
      const talk = isAgent ? 'agent.yaml' : file === 'caller.wav' ? 'caller.labels.json' : 'call.yaml';
      expect(readFileSync(join(SAMPLES, dirname(file), talk), 'utf8')).toContain(basename(file));
    },
  );
});

describe("the agent's answers", () => {
  it.each(['days', 'price', 'booked', 'directions', 'anything-else', 'go-ahead'])(
    '%s begins with no word that stands alone and would pass for a filler',
    async (name) => {
      const { samples } = await readWav(join(SAMPLES, 'agent', `${name}.wav`));
      // As it is heard on a telephone, where an s between two words is next to silence.
      const heard = decodeMulaw(encodeMulaw(await resampleWhole(samples, 16_000, 8000)));
      const [first] = findSpeech(heard, 8000, { pauseMs: 140, noiseFloorDbov: -60 });
      expect(first!.endSample).toBeGreaterThan(Math.min(2 * 8000, heard.length - 0.2 * 8000));
    },
  );
});

describe.each(labelled)('the labels of $file', ({ file, labels, speech }) => {
  it('are in the format, in order, and within the file', async () => {
    expect(labels.schema).toBe('voicebridge-labels/1');
    expect(labels.rate).toBe(CALLER_RATE);
    expect(speech.length).toBeGreaterThan(0);
    let after = 0;
    for (const { startSample, endSample, text } of speech) {
      expect(startSample).toBeGreaterThanOrEqual(after);
      expect(endSample).toBeGreaterThan(startSample);
      expect(text).toMatch(/\w/);
      after = endSample;
    }
    expect((await readWav(join(SAMPLES, file))).samples.length).toBeGreaterThan(after);
  });

  it('hold: digital silence around them, sound at their first and last sample', async () => {
    const { samples } = await readWav(join(SAMPLES, file));
    const inSpeech = new Uint8Array(samples.length);
    for (const { startSample, endSample } of speech) {
      inSpeech.fill(1, startSample, endSample);
      expect(Math.abs(samples[startSample]!)).toBeGreaterThan(400);
      expect(Math.abs(samples[endSample - 1]!)).toBeGreaterThan(400);
    }
    expect(samples.findIndex((x, i) => x !== 0 && !inSpeech[i])).toBe(-1);
  });

  it('are what the offline detector finds, also after µ-law', async () => {
    const { samples } = await readWav(join(SAMPLES, file));
    for (const audio of [samples, decodeMulaw(encodeMulaw(samples))]) {
      const found = findSpeech(audio, CALLER_RATE);
      expect(found).toHaveLength(speech.length);
      for (const [i, { startSample, endSample }] of speech.entries()) {
        expect(Math.abs(found[i]!.startSample - startSample)).toBeLessThanOrEqual(8);
        expect(Math.abs(found[i]!.endSample - endSample)).toBeLessThanOrEqual(64);
      }
    }
  });

  it('are what the model hears: every sentence begins within 25 ms and ends where it ends', async () => {
    const { samples } = await readWav(join(SAMPLES, file));
    const heard = new VoiceActivity({ rate: CALLER_RATE, silenceDurationMs: 300 });
    // As in a call, where the line was open before.
    const before = CALLER_RATE / 2;
    const audio = new Int16Array(before + samples.length + CALLER_RATE);
    audio.set(samples, before);
    const events = heard.push(decodeMulaw(encodeMulaw(audio)));
    expect(events).toHaveLength(2 * speech.length);
    for (const [i, { startSample, endSample }] of speech.entries()) {
      const [started, stopped] = events.slice(2 * i, 2 * i + 2);
      expect(started!.detectedAtSample - before - startSample).toBeLessThanOrEqual(25 * 8);
      expect(Math.abs(stopped!.atSample - before - endSample)).toBeLessThanOrEqual(15 * 8);
    }
  });
});

describe('caller.wav', () => {
  /** When each thing is heard, in ms, if the agent greets at once and answers as the embedded one does. */
  async function timeline() {
    const voice = await loadVoice();
    const ms = (line: { pcmu: Uint8Array }) => line.pcmu.length / 8;
    const { speech } = labelled.find(({ file }) => file === 'caller.wav')!;
    const [first, interruption, second, third] = speech.map(({ startSample, endSample, interrupts = false }) => ({
      startMs: startSample / 8,
      endMs: endSample / 8,
      interrupts,
    }));
    const answer = (turn: { endMs: number } | undefined, line: { pcmu: Uint8Array }) => {
      const startMs = turn!.endMs + SILENCE_MS + THINK_MS;
      return { startMs, endMs: startMs + ms(line) };
    };
    return {
      greeting: { startMs: 0, endMs: ms(voice.greeting) },
      turns: [first!, interruption!, second!, third!],
      answers: [
        answer(first, voice.lines[0]!),
        answer(interruption, voice.interrupted!),
        answer(second, voice.lines[1]!),
        answer(third, voice.lines[2]!),
      ],
    };
  }

  it('leaves room for the greeting and for every answer but the interrupted one', async () => {
    const { greeting, turns, answers } = await timeline();
    expect(turns[0]!.startMs - greeting.endMs).toBeGreaterThan(1000);
    expect(turns[2]!.startMs - answers[1]!.endMs).toBeGreaterThan(500);
    expect(turns[3]!.startMs - answers[2]!.endMs).toBeGreaterThan(500);
  });

  it('speaks over the middle of the long first answer, once', async () => {
    const { turns, answers } = await timeline();
    expect(turns.map(({ interrupts }) => interrupts)).toEqual([false, true, false, false]);
    const into = (turns[1]!.startMs - answers[0]!.startMs) / (answers[0]!.endMs - answers[0]!.startMs);
    expect(into).toBeGreaterThan(0.35);
    expect(into).toBeLessThan(0.65);
  });

  it('interrupts where the agent is heard, not between two of its words, even if all comes 150 ms sooner or later', async () => {
    const { turns, answers } = await timeline();
    const { samples, rate } = await readWav(join(SAMPLES, 'agent', 'days.wav'));
    const runs = findSpeech(samples, rate, { pauseMs: 40, noiseFloorDbov: -66 });
    const into = ((turns[1]!.startMs - answers[0]!.startMs) / 1000) * rate;
    const margin = 0.15 * rate;
    expect(runs.some((run) => run.startSample < into - margin && run.endSample > into + margin)).toBe(true);
  });

  it('is a call of less than 35 seconds, the last answer included', async () => {
    const { answers } = await timeline();
    expect(answers.at(-1)!.endMs).toBeLessThan(35_000);
  });
});

describe.each(FOLDERS)('the call %s', (folder) => {
  const call = parse(readFileSync(join(SAMPLES, folder, 'call.yaml'), 'utf8')) as {
    name: string;
    description: string;
    steps: Step[];
  };
  const labels = labelled.filter(({ file }) => dirname(file) === folder);

  it('is named as its folder, says what to expect, and ends by hanging up', () => {
    expect(call.name).toBe(folder);
    expect(call.description).toMatch(/\.$/);
    expect(call.steps.at(-1)).toEqual({ hangup: true });
  });

  it('speaks files that exist and are labelled, and labels no others', () => {
    const spoken = call.steps.flatMap((step) => step.say ?? step.interrupt ?? []) as string[];
    for (const name of spoken) expect(existsSync(join(SAMPLES, folder, name))).toBe(true);
    expect(new Set(spoken)).toEqual(new Set(labels.map(({ file }) => basename(file))));
  });

  it('marks as interruptions what its steps call so', () => {
    const interrupting = call.steps.flatMap((step) => step.interrupt ?? []);
    expect(labels.filter(({ speech }) => speech[0]!.interrupts).map(({ file }) => basename(file))).toEqual(
      interrupting,
    );
  });
});

/** Calls made of the words of others. */
const BORROWING = [
  ...['listener', 'speakerphone', 'expectations', 'backchannels', 'coughs', 'street', 'digits', 'silent-caller'],
  ...['talks-on', 'twice', 'last-moment', 'hang-up', 'reconnect'],
];

describe('the folders with a call', () => {
  it('are all tested here', () => {
    const calls = everyFile.filter((path) => basename(path) === 'call.yaml').map((path) => basename(dirname(path)));
    expect(calls.sort()).toEqual([...FOLDERS, ...BORROWING].sort());
  });

  it('stand in the README, with a dot if they are called when nobody says which', () => {
    const readme = readFileSync(join(SAMPLES, '..', 'README.md'), 'utf8');
    const rows = readme.split('\n').filter((line) => /^\| `[a-z-]+`[^|]*\| /.test(line));
    const named = (dotted: boolean) =>
      rows.flatMap((row) => {
        const [, first = ''] = row.split('|');
        if (dotted && !first.includes('•')) return [];
        return [...first.matchAll(/`([a-z-]+)`/g)].map(([, name]) => name!);
      });
    for (const folder of [...FOLDERS, ...BORROWING]) expect(named(false)).toContain(folder);
    expect(named(true).sort()).toEqual([...PACKAGED_SCENARIOS].sort());
  });
});

describe.each(BORROWING)('the call %s', (folder) => {
  it('is named as its folder, says what to expect, ends by hanging up, and can be loaded', async () => {
    const { name, description, steps } = await loadCaller(join(SAMPLES, folder));
    expect(name).toBe(folder);
    expect(description).toMatch(/\.$/);
    expect(steps.at(-1)).toEqual({ type: 'hangup' });
    for (const step of steps) if ('clip' in step) expect(step.clip.speech.length).toBeGreaterThan(0);
  });
});

describe('the asides of a listener', () => {
  it.each([
    ['backchannels', 'backchannel'],
    ['coughs', 'cough'],
  ])('in %s are no speech, at two levels 16 dB apart', async (folder, kind) => {
    const { steps } = await loadCaller(join(SAMPLES, folder));
    const levels = steps.flatMap((step) => {
      if (step.type !== 'aside') return [];
      const [{ startSample, endSample, sound }, ...more] = step.clip.speech as [LabelledSpeech, ...LabelledSpeech[]];
      expect([sound, more]).toEqual([kind, []]);
      return [Math.round(rmsDbov(decodeMulaw(step.clip.audio.subarray(startSample, endSample))))];
    });
    expect([...new Set(levels)]).toEqual([-22, -38]);
  });

  it('are spoken over an answer of nine seconds, which the call asks of the simulated model', async () => {
    const { modelScript } = await loadCaller(join(SAMPLES, 'backchannels'));
    expect(modelScript).toBe(join(SAMPLES, 'models', 'directions.yaml'));
    expect((await loadModelScript(modelScript!)).responses).toEqual([{ say: 'directions' }]);
  });
});

describe('the call long-pause', () => {
  it.each([400, 700, 1300])('pauses for exactly %i ms', (pauseMs) => {
    const { speech } = labelled.find(({ file }) => file === join('long-pause', `pause-${pauseMs}.wav`))!;
    expect((speech[1]!.startSample - speech[0]!.endSample) / 8).toBe(pauseMs);
  });
});
