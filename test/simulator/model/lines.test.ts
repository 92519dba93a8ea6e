import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadResampler } from '../../../src/audio/resample.js';
import { Lines } from '../../../src/simulator/model/lines.js';
import { parseModelScript } from '../../../src/simulator/model/script/file.js';
import { type Line, lineMs, loadVoice } from '../../../src/simulator/model/voice.js';
import { wav } from '../../audio/wav-bytes.js';
import { VOICE } from './client.js';

beforeAll(loadResampler);

const same = (text: string): string => text;

describe('lines', () => {
  it('finds a recorded line by its words, whatever their case and punctuation, and by its name', async () => {
    const lines = new Lines({ ...VOICE, lines: [{ ...VOICE.lines[0]!, name: 'hours' }] }, false);
    expect(lines.say('hours', same)).toMatchObject({ text: 'We are open from nine to five.' });
    expect(lines.say('we are OPEN, from nine to five', same)).toBe(lines.say('hours', same));
  });

  it('hums what is not recorded, once, when nothing may speak it', () => {
    const lines = new Lines(VOICE, false);
    const hummed = lines.say('The bike is ready.', same) as Line;
    expect(hummed.words!.map(({ text }) => text)).toEqual(['The', 'bike', 'is', 'ready.']);
    expect(hummed.l16.length).toBe(hummed.pcmu.length * 3);
    expect(lines.spoken('The bike is ready.')).toBe(hummed);
  });

  it('makes a tone of any length with any words', () => {
    const line = new Lines(VOICE, false).say({ text: 'Beep {{x}}', tone: { hz: 440, ms: 250 } }, (text) =>
      text.replace('{{x}}', 'now'),
    ) as Line;
    expect([line.text, lineMs(line), line.words!.length]).toEqual(['Beep now', 250, 2]);
  });

  it('fills in what is only known later before it looks for a line', () => {
    const line = new Lines(VOICE, false).say('Anything {{x}} I can do?', (text) => text.replace('{{x}}', 'else'));
    expect(line).toBe(VOICE.lines[1]);
  });

  it('knows where the words of the packaged voice lie', async () => {
    const { greeting } = await loadVoice();
    expect(greeting.name).toBe('greeting');
    expect(greeting.words!.map(({ text }) => text).join(' ')).toBe(greeting.text);
    expect(greeting.words!.at(-1)!.endMs).toBeGreaterThan(lineMs(greeting) - 200);
  });

  describe('with sounds beside the script', () => {
    let folder: string;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'voicebridge-lines-'));
      await writeFile(join(folder, 'a.wav'), wav({}, Buffer.alloc(3200, 0x20)));
    });
    afterAll(() => rm(folder, { recursive: true }));

    it('plays them', async () => {
      const script = parseModelScript('responses: [{say: {wav: a.wav, text: A sound.}}]', join(folder, 'model.yaml'));
      const lines = await Lines.of(VOICE, script);
      const line = lines.say(script.responses![0]!.say!, same) as Line;
      expect([line.text, lineMs(line)]).toEqual(['A sound.', 200]);
    });

    it('says before anybody calls that one is not there', async () => {
      const script = parseModelScript('greeting: {say: {wav: b.wav}}', join(folder, 'model.yaml'));
      await expect(Lines.of(VOICE, script)).rejects.toThrow('b.wav');
    });
  });
});
