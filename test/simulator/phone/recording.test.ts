import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeMulaw } from '../../../src/audio/g711.js';
import { createWavWriter } from '../../../src/audio/wav.js';
import { VoicebridgeError } from '../../../src/errors.js';
import { loadRecording } from '../../../src/simulator/phone/recording.js';
import { join, loud, quiet } from '../../helpers/call-records.js';

const SUMMARY = {
  schema: 'voicebridge-call/1',
  call: { durationMs: 4000, endReason: 'hangup' },
  speech: [{ startMs: 2000, endMs: 2500, interrupts: false, text: 'hello' }],
  turns: [],
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(joinPath(tmpdir(), 'voicebridge-recording-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function writeWav(channels: 1 | 2 = 2): Promise<void> {
  const lanes = [join(quiet(2000), loud(500), quiet(1500)), join(quiet(500), loud(1000), quiet(2500))];
  const linear = lanes.slice(0, channels).map((lane) => decodeMulaw(lane));
  const samples = new Int16Array(linear[0]!.length * channels);
  for (const [channel, lane] of linear.entries())
    for (let i = 0; i < lane.length; i++) samples[i * channels + channel] = lane[i]!;
  const wav = await createWavWriter(joinPath(folder, 'call.wav'), { rate: 8000, channels, encoding: 'L16' });
  wav.write(samples);
  await wav.close();
}

const writeSummary = (summary: unknown) => writeFile(joinPath(folder, 'summary.json'), JSON.stringify(summary));

async function refusal(): Promise<VoicebridgeError> {
  const error = await loadRecording(folder).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(VoicebridgeError);
  return error as VoicebridgeError;
}

describe('a recording', () => {
  it('is read from the folder a call has left', async () => {
    await writeWav();
    await writeSummary(SUMMARY);
    const { script, summary } = await loadRecording(folder);
    expect(script.steps.map(({ type }) => type)).toEqual(['place', 'say', 'place', 'hangup']);
    expect(script.steps[0]).toMatchObject({ anchor: { after: 'agent-finishes', nth: 1, ms: 500 } });
    expect(summary).toMatchObject({ turns: [] });
  });

  it('is refused without its sound or its summary, with what to give', async () => {
    const noWav = await refusal();
    expect([noWav.code, noWav.message]).toEqual(['file-missing', `there is no file ${folder}/call.wav`]);
    await writeWav();
    expect(await refusal()).toMatchObject({ code: 'file-missing', message: `there is no file ${folder}/summary.json` });
  });

  it.each<[string, unknown, string]>([
    ['another schema', { ...SUMMARY, schema: 'voicebridge-call/2' }, 'schema: '],
    ['a key that is none', { ...SUMMARY, digits: [{ atMs: 1, digit: '<b>' }] }, 'digits.0.digit: '],
    ['no speech', { schema: 'voicebridge-call/1', call: SUMMARY.call }, 'speech: '],
    ['something else', 7, 'the document: '],
  ])('is refused with %s, and says where', async (_, summary, place) => {
    await writeWav();
    await writeSummary(summary);
    const { code, message } = await refusal();
    expect(code).toBe('recording-invalid');
    expect(message).toContain(`summary.json is not the recording of a call: ${place}`);
  });

  it('is refused when it is not stereo', async () => {
    await writeWav(1);
    await writeSummary(SUMMARY);
    expect((await refusal()).message).toContain('this is not a stereo recording at 8000 Hz');
  });
});
