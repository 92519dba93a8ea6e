import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { levelOfMulaw } from '../../../src/audio/level.js';
import { tone } from '../../../src/audio/tone.js';
import { createWavWriter } from '../../../src/audio/wav.js';
import { Clips } from '../../../src/simulator/phone/clips.js';

let folder: string;
let clips: Clips;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'voicebridge-clips-'));
  const wav = await createWavWriter(join(folder, 'beep.wav'), { rate: 8000, channels: 1, encoding: 'L16' });
  wav.write(new Int16Array(800));
  wav.write(tone({ hz: 440, ms: 300, dbov: -20 }));
  await wav.close();
  clips = new Clips(join(folder, 'call.yaml'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('the sounds of a call.yaml', () => {
  it('are made as they are written', async () => {
    const made = await clips.of([{ tone: { hz: 440, ms: 100, dbov: -20 }, line: 1 }]);
    expect([made.audio.length, made.speech]).toEqual([800, [{ startSample: 0, endSample: 800 }]]);
    expect(levelOfMulaw(made.audio)).toBeCloseTo(-20, 0);
    const silence = await clips.of([{ silenceMs: 50, line: 1 }]);
    expect([silence.audio.length, silence.speech]).toEqual([400, []]);
    expect(levelOfMulaw(silence.audio)).toBe(-127);
  });

  it('know noise from speech', async () => {
    const noise = await clips.of([{ noise: { ms: 100, dbov: -30 }, line: 1 }]);
    expect(noise.speech).toEqual([{ startSample: 0, endSample: 800, sound: 'noise' }]);
  });

  it('stand one behind the other, each label at its place', async () => {
    const { name, audio, speech } = await clips.of([
      { tone: { hz: 440, ms: 100, dbov: -20 }, line: 1 },
      { silenceMs: 100, line: 1 },
      { file: 'beep.wav', line: 1 },
    ]);
    expect([name, audio.length]).toEqual(['tone + silence + beep.wav', 1600 + 3200]);
    expect(speech).toHaveLength(2);
    expect(speech[0]).toEqual({ startSample: 0, endSample: 800 });
    expect(Math.abs(speech[1]!.startSample - 2400)).toBeLessThan(8);
  });

  it('are all of the kind that the step is of', async () => {
    const cough = await clips.of([{ sound: 'cough', line: 1 }], 'cough');
    expect(cough.speech).toEqual([{ startSample: 0, endSample: cough.audio.length, sound: 'cough' }]);
    const yes = await clips.of([{ file: 'beep.wav', line: 1 }], 'backchannel');
    expect(yes.speech.map(({ sound }) => sound)).toEqual(['backchannel']);
  });

  it('are missed with the line', async () => {
    const sentence = `${folder}/call.yaml, line 7: there is no file ${folder}/gone.wav`;
    await expect(clips.of([{ file: 'gone.wav', line: 7 }])).rejects.toThrow(sentence);
    await expect(clips.samples('gone.wav', 7)).rejects.toThrow(sentence);
  });

  it('need a synthesiser for a sentence, and say which', async () => {
    const path = process.env.PATH;
    process.env.PATH = folder;
    try {
      await expect(clips.of([{ text: 'Good morning.', line: 3 }])).rejects.toMatchObject({
        code: 'script-invalid',
        message: `${folder}/call.yaml, line 3: a sentence needs a speech synthesiser, and none is installed here`,
        hint: 'install one (apt install espeak-ng, brew install espeak-ng), or record the sentence: say: hello.wav',
      });
    } finally {
      process.env.PATH = path;
    }
  });
});
