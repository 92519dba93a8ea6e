import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tone } from '../../../src/audio/tone.js';
import { createWavWriter } from '../../../src/audio/wav.js';
import { loadCaller } from '../../../src/simulator/phone/script.js';

const SAMPLES = new URL('../../../samples/', import.meta.url).pathname;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'voicebridge-script-'));
  const wav = await createWavWriter(join(folder, 'beep.wav'), { rate: 8000, channels: 1, encoding: 'L16' });
  wav.write(new Int16Array(1600));
  wav.write(tone({ hz: 440, ms: 500, dbov: -20, rate: 8000 }));
  wav.write(new Int16Array(800));
  await wav.close();
});

afterAll(() => rm(folder, { recursive: true }));

describe('a caller', () => {
  it('is a WAV that is said as a whole, with the labels beside it', async () => {
    const { name, steps } = await loadCaller(join(SAMPLES, 'caller.wav'));
    const [step, ...others] = steps;
    expect([name, step?.type, others]).toEqual(['caller', 'say', []]);
    if (step?.type !== 'say') throw new Error('not said');
    expect(step.clip.audio.length).toBeGreaterThan(20 * 8000);
    expect(step.clip.speech.length).toBeGreaterThanOrEqual(3);
    expect(step.clip.speech.filter(({ interrupts }) => interrupts)).toHaveLength(1);
  });

  it.each(['greeting', 'interrupt', 'long-pause'])('is the folder samples/%s', async (folder) => {
    const caller = await loadCaller(join(SAMPLES, folder));
    expect(caller.name).toBe(folder);
    expect(caller.steps.at(-1)).toEqual({ type: 'hangup' });
    for (const step of caller.steps)
      if (step.type === 'say' || step.type === 'interrupt') expect(step.clip.speech.length).toBeGreaterThan(0);
  });

  it('is a call.yaml by any name, whose speech is found when nobody labelled it', async () => {
    const path = join(folder, 'short.yml');
    await writeFile(path, 'steps:\n  - say: beep.wav\n  - wait: agent-starts\n');
    const { steps } = await loadCaller(path);
    expect(steps[1]).toEqual({ type: 'wait', until: 'agent-starts', timeoutMs: 15_000 });
    if (steps[0]?.type !== 'say') throw new Error('not said');
    const [speech] = steps[0].clip.speech;
    expect(Math.abs(speech!.startSample - 1600)).toBeLessThan(16);
    expect(Math.abs(speech!.endSample - 5600)).toBeLessThan(16);
  });

  it.each([
    ['nowhere', 'file-missing', 'there is no file nowhere'],
    ['empty', 'file-missing', 'there is no file empty/call.yaml'],
    ['noise.wav', 'wav-unreadable', undefined],
    ['lost.yaml', 'script-invalid', 'lost.yaml, line 2: there is no file gone.wav'],
    ['mislabelled/beep.wav', 'script-invalid', undefined],
  ])('%s is refused as %s', async (path, code, sentence) => {
    await mkdir(join(folder, 'empty'), { recursive: true });
    await writeFile(join(folder, 'noise.wav'), 'this is not audio');
    await writeFile(join(folder, 'lost.yaml'), 'steps:\n  - say: gone.wav\n');
    await mkdir(join(folder, 'mislabelled'), { recursive: true });
    const wav = await createWavWriter(join(folder, 'mislabelled', 'beep.wav'), {
      rate: 8000,
      channels: 1,
      encoding: 'L16',
    });
    wav.write(new Int16Array(800));
    await wav.close();
    await writeFile(
      join(folder, 'mislabelled', 'labels.json'),
      '{"schema":"voicebridge-labels/1","rate":8000,"files":{"beep.wav":{"speech":[{"startSample":0,"endSample":801}]}}}',
    );
    const error = await loadCaller(join(folder, path)).catch((error: unknown) => error as Error);
    expect(error).toMatchObject({ code });
    if (sentence !== undefined) expect((error as Error).message.replaceAll(`${folder}/`, '')).toBe(sentence);
  });
});
