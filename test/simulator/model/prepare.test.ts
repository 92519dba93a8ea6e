import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SAMPLES_DIRECTORY } from '../../../src/samples.js';
import { prepareScript } from '../../../src/simulator/model/prepare.js';
import { Script } from '../../../src/simulator/model/script.js';
import { VOICE } from './client.js';

const MODELS = join(SAMPLES_DIRECTORY, 'models');

describe('prepareScript', () => {
  it.each(readdirSync(MODELS))('makes samples/models/%s ready, its recorded lines found by name', async (name) => {
    const { script, lines } = await prepareScript(join(MODELS, name), undefined);
    expect(lines.voice.greeting.text).toBe('Green Street Bicycles, good morning. How can I help you?');
    for (const { say } of script.responses ?? [])
      if (typeof say === 'string' && /^[a-z-]+$/.test(say)) expect(lines.spoken(say)).toMatchObject({ name: say });
  });

  it('tells the story of samples/models/tools.yaml', async () => {
    const { script, lines } = await prepareScript(join(MODELS, 'tools.yaml'), undefined);
    const model = new Script(lines, script);
    const [first, second, third] = script.caller as string[];
    const outputs = async (turn: number, heard: string): Promise<string[]> => {
      const { outputs } = model.next({ response: 1, session: 1, nobodyHasSpoken: false, heard, turn });
      return Promise.all(outputs.map(async (each) => (each.type === 'call' ? each.name : (await each.line).text)));
    };
    expect(await outputs(1, first!)).toEqual(['One moment, I look into the diary.', 'free_times']);
    model.toolAnswered({ name: 'free_times', output: '[]' });
    expect((await outputs(1, first!))[0]).toMatch(/^You may bring it in on Wednesday/);
    expect(await outputs(2, second!)).toEqual(['book']);
    model.toolAnswered({ name: 'book', output: '{"day":"Thursday"}' });
    expect((await outputs(2, second!))[0]).toMatch(/^I have put you down for Thursday/);
    expect(await outputs(3, third!)).toEqual(['Goodbye, and see you then.', 'hang_up']);
  });

  it('needs no script, and takes the voice it is given before that of the script', async () => {
    expect((await prepareScript(undefined, VOICE)).lines.voice).toBe(VOICE);
    expect((await prepareScript(join(MODELS, 'noises.yaml'), VOICE)).lines.voice).toBe(VOICE);
  });

  it('says what is wrong with a script that is not there', async () => {
    await expect(prepareScript('/nowhere.yaml', VOICE)).rejects.toMatchObject({ code: 'file-missing' });
  });
});
