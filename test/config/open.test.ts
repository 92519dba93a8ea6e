import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CallInfo, CallPlan } from '../../src/call/plan.js';
import type { WhereModelIs } from '../../src/config/models.js';
import { type OpenWorld, openConfig } from '../../src/config/open.js';
import { parseConfig } from '../../src/config/read.js';
import type { Log } from '../../src/log.js';
import type { OpenModel } from '../../src/model/model.js';
import { ScriptedModel } from '../helpers/scripted-model.js';
import { VirtualClock } from '../helpers/virtual-clock.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'voicebridge-config-'));
  await writeFile(join(folder, 'text.wav'), 'not a WAV');
});
afterAll(() => rm(folder, { recursive: true }));

const warned: string[] = [];
const log: Log = {
  info() {},
  warn: (message, fields) => void warned.push(`${message} ${JSON.stringify(fields)}`),
  error() {},
};

const call: CallInfo = { callSid: 'CA1', streamSid: 'MZ1', accountSid: 'AC1', parameters: {}, from: '+15550100001' };

async function open(text: string, changes: Partial<OpenWorld> = {}) {
  const opened: WhereModelIs[] = [];
  const made = new Map<OpenModel, string>();
  const closed: number[] = [];
  const config = await openConfig(parseConfig(text, 'voicebridge.yaml'), {
    env: {},
    folder,
    clock: new VirtualClock(),
    openModel: (where) => {
      opened.push(where);
      const { open: model } = new ScriptedModel();
      made.set(model, where === 'sim' ? 'sim' : `${where.provider} ${where.key ?? ''}`);
      return model;
    },
    buildTools: async (tools) => ({
      tools: tools.map(({ type }) => ({
        declaration: { name: type, description: '', parameters: {} },
        timeoutMs: 1000,
        run: async () => ({ output: '' }),
      })),
      close: async () => void closed.push(tools.length),
    }),
    ...changes,
  });
  return { ...config, opened, made, closed };
}

async function planned(
  text: string,
  about: Partial<CallInfo> = {},
  changes: Partial<OpenWorld> = {},
): Promise<CallPlan> {
  const { planCall } = await open(text, changes);
  return planCall({ ...call, ...about }, log);
}

const agent = (lines: string): string => `agents:\n  sales:\n    instructions: Sell.\n${lines.replace(/^/gm, '    ')}`;

describe('a configuration at work', () => {
  it('makes the plainest plan of the plainest file', async () => {
    const plan = await planned('agents:\n  sales:\n    instructions: Sell.');
    expect(plan).toEqual({
      agent: 'sales',
      models: [expect.any(Function)],
      session: {
        instructions: 'Sell.',
        tools: [],
        turnDetection: { type: 'server_vad', createsResponses: true, interruptsResponses: true },
        transcription: {},
        history: [],
      },
      greeting: { by: 'model', interruptible: true },
      bargeIn: { speech: 'immediate', minSpeechMs: 0, maxNoiseMs: 600, backchannels: [], digits: 'any' },
      tools: [],
    });
  });

  it('takes everything an agent says of itself', async () => {
    const plan = await planned(
      agent(`voice: marin
greeting: {instructions: "Greet {{from}}."}
language: de
turnDetection: {threshold: 0.6, prefixPadding: 200ms, silence: 0.7s, idleTimeout: 10s}
noiseReduction: far_field
transcription: {model: gpt-transcribe, prompt: Bikes}
bargeIn: {minSpeech: 150ms, maxNoise: 500ms, backchannels: ["Mm-hm!", " Oh,  okay. "], digits: "*#"}
tools: [hang_up]
maxCall: 15m
maxOutputTokens: 900`),
    );
    expect(plan.session).toEqual({
      instructions: 'Sell.\n\nSpeak German, unless the caller asks for another language.',
      voice: 'marin',
      tools: [{ name: 'hang_up', description: '', parameters: {} }],
      turnDetection: {
        type: 'server_vad',
        threshold: 0.6,
        prefixPaddingMs: 200,
        silenceMs: 700,
        idleTimeoutMs: 10_000,
        createsResponses: false,
        interruptsResponses: false,
      },
      noiseReduction: 'far_field',
      transcription: { model: 'gpt-transcribe', prompt: 'Bikes', language: 'de' },
      maxOutputTokens: 900,
      history: [],
    });
    expect(plan.greeting).toEqual({ by: 'model', interruptible: true, instructions: 'Greet +15550100001.' });
    expect(plan.bargeIn).toEqual({
      speech: 'immediate',
      minSpeechMs: 150,
      maxNoiseMs: 500,
      backchannels: ['mm-hm', 'oh okay'],
      digits: '*#',
    });
    expect([plan.maxCallMs, plan.tools.length]).toEqual([900_000, 1]);
  });

  it.each([
    ['', true, true],
    ['bargeIn: {speech: reversible}', false, false],
    ['bargeIn: {speech: off}', true, false],
    ['bargeIn: {minSpeech: 1ms}', false, false],
    ['bargeIn: {speech: off, minSpeech: 1ms}', true, false],
    ['greeting: {interruptible: false}', true, false],
    ['greeting: none', true, true],
  ])('leaves to the model what the policy does not decide: %s', async (line, createsResponses, interruptsResponses) => {
    const { session } = await planned(agent(line));
    expect(session.turnDetection).toEqual({ type: 'server_vad', createsResponses, interruptsResponses });
  });

  it('writes nothing down when told so', async () => {
    const { session } = await planned(agent('transcription: none\nnoiseReduction: none'));
    expect([session.transcription, session.noiseReduction]).toEqual([undefined, undefined]);
  });

  it('fills the instructions in: the call, then the stream, then what the file says', async () => {
    const text =
      'agents:\n  sales:\n    instructions: "{{from}} {{to}} {{callSid}} {{shop}} {{tier}} {{none}}."\n    variables: {shop: Bikes, tier: silver}';
    warned.length = 0;
    const { session } = await planned(text, { parameters: { tier: 'gold', from: 'somebody' } });
    expect(session.instructions).toBe('+15550100001  CA1 Bikes gold .');
    expect(warned).toEqual([
      'the instructions have variables that nothing is known of {"agent":"sales","variables":"none"}',
    ]);
  });

  it('plays greeting and apology from files beside it', async () => {
    const greeting = fileURLToPath(new URL('../../samples/agent/greeting.wav', import.meta.url));
    const plan = await planned(
      agent(
        `greeting: {file: ${greeting}, text: Hello., interruptible: false}\napology: {file: ${greeting}, text: Sorry.}`,
      ),
    );
    expect(plan.greeting).toEqual({ by: { payload: expect.any(String), text: 'Hello.' }, interruptible: false });
    const { payload } = plan.apology!;
    // 16 kHz in the file, 8 kHz and a byte a sample on the line.
    expect(Buffer.from(payload, 'base64').length).toBeGreaterThan(8000);
    expect(Buffer.from(payload, 'base64').toString('base64')).toBe(payload);
  });

  it('opens the models that are used, in the order of each agent, with their keys', async () => {
    const text = `${agent('model: [backup, main]')}\nmodels:\n  main: {provider: openai}\n  backup: {provider: azure, resource: acme, deployment: voice, keyEnv: AZ, connectTimeout: 3s}\n  unused: {provider: xai}`;
    const { planCall, opened, made } = await open(text, { env: { OPENAI_API_KEY: 'k1', AZ: 'k2' } });
    const { models } = await planCall(call, log);
    expect(models.map((model) => made.get(model))).toEqual(['azure k2', 'openai k1']);
    expect(opened[0]).toEqual({
      provider: 'azure',
      resource: 'acme',
      deployment: 'voice',
      key: 'k2',
      audio: 'auto',
      connectTimeoutMs: 3000,
      pingEveryMs: 15_000,
      maxMessageBytes: 15 * 1024 * 1024,
    });
  });

  it('closes the tools of every agent, once', async () => {
    const { close, closed } = await open(
      `${agent('tools: [hang_up, wait]')}\n  help: {instructions: Help.}\nroutes: [{agent: sales}]`,
    );
    await close();
    await close();
    expect(closed).toEqual([2, 0]);
  });

  it('uses one model in place of all, and then needs no keys', async () => {
    const { open: instead } = new ScriptedModel();
    const text = `${agent('model: main')}\nmodels:\n  main: {provider: openai}`;
    expect((await planned(text, {}, { instead })).models).toEqual([instead]);
  });

  it.each<[string, string, Partial<OpenWorld>]>([
    [
      agent('greeting: {file: gone.wav, text: Hi.}'),
      'voicebridge.yaml, line 4: agents.sales.greeting.file: there is no file FOLDER/gone.wav',
      {},
    ],
    [
      agent('apology:\n  file: text.wav\n  text: Hi.'),
      'voicebridge.yaml, line 5: agents.sales.apology.file: FOLDER/text.wav is not audio voicebridge can read: ',
      {},
    ],
    [`${agent('')}\nmodels: {main: {provider: xai}}`, 'the model main needs a key and XAI_API_KEY is not set', {}],
    [
      `${agent('')}\nmodels: {main: {provider: compatible, url: "ws://x", keyEnv: MINE}}`,
      'the model main needs a key and MINE is not set',
      {},
    ],
    [
      `${agent('')}\nlookup:\n  url: https://x.example\n  secretEnv: HUSH`,
      'voicebridge.yaml, line 7: lookup.secretEnv names HUSH, which is not set in the environment',
      {},
    ],
  ])('says what is missing before there is a call: %j', async (text, sentence, changes) => {
    const error: Error = await open(text, changes).then(
      () => new Error('it opened'),
      (thrown) => thrown,
    );
    expect(error.message).toContain(sentence.replace('FOLDER', folder));
  });
});
