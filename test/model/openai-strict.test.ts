import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.js';
import type { Provider } from '../../src/model/dialects.js';
import type { ModelConnection, ModelEvent, ModelSession } from '../../src/model/model.js';
import { modelFor } from '../../src/model/providers.js';
import { parseModelScript } from '../../src/simulator/model/script/file.js';
import { type SimulatedModel, serveModel } from '../../src/simulator/model/server.js';
import { loadVoice } from '../../src/simulator/model/voice.js';

const SCRIPT = 'responses: [{output: [{say: "Let me see."}, {call: lookup}]}, {say: "It comes on Monday."}]';
const open: { close(): void | Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

let voice: Awaited<ReturnType<typeof loadVoice>>;
beforeAll(async () => {
  voice = await loadVoice();
});

/** As strict as the real one, and quick. Which dialect it is to be spoken to in is the client's own affair. */
async function serve(dialect: 'openai' | 'azure' | 'xai' = 'openai'): Promise<SimulatedModel> {
  const script = parseModelScript(SCRIPT);
  const model = await serveModel({ dialect, script, voice, key: 'right', thinkMs: 0, speed: [60, 60] });
  open.push(model);
  return model;
}

/** Everything a session can be given at once. */
const WHOLE: ModelSession = {
  instructions: 'Be brief.',
  voice: 'marin',
  tools: [{ name: 'lookup', description: 'Finds an order.', parameters: { type: 'object', properties: {} } }],
  turnDetection: {
    type: 'server_vad',
    threshold: 0.6,
    prefixPaddingMs: 200,
    silenceMs: 450,
    idleTimeoutMs: 8_000,
    createsResponses: true,
    interruptsResponses: false,
  },
  noiseReduction: 'far_field',
  transcription: { language: 'en', prompt: 'order numbers' },
  maxOutputTokens: 800,
  history: [
    { role: 'system', text: 'The caller is a customer.' },
    { role: 'agent', text: 'Hello.' },
    { role: 'caller', text: 'My order?' },
  ],
};

interface Talk {
  readonly connection: ModelConnection;
  readonly events: ModelEvent[];
  wait<Type extends ModelEvent['type']>(type: Type): Promise<ModelEvent & { type: Type }>;
}

function talk(url: string, provider: Provider, session: ModelSession, audio: 'auto' | 'pcma' | 'pcm' = 'auto'): Talk {
  const target = { provider, url, audio, key: 'right', model: 'agent' } as const;
  const limits = { connectTimeoutMs: 5_000, pingEveryMs: 15_000, maxMessageBytes: 1_000_000 };
  const events: ModelEvent[] = [];
  const connection = modelFor({ ...target, ...limits }, { clock: systemClock })(session, (event) => events.push(event));
  open.push(connection);
  return {
    ...{ connection, events },
    async wait<Type extends ModelEvent['type']>(type: Type) {
      await expect.poll(() => events.map((event) => event.type), { interval: 5, timeout: 5_000 }).toContain(type);
      return events.find((event) => event.type === type) as ModelEvent & { type: Type };
    },
  };
}

const refusals = (events: readonly ModelEvent[]): ModelEvent[] =>
  events.filter(({ type }) => type === 'error' || type === 'closed');

describe('the client at a server as strict as the real one', () => {
  it.each(['openai', 'azure', 'xai', 'compatible'] as const)(
    'is refused nothing by %s, whichever of its methods is used',
    async (provider) => {
      const { url } = await serve(provider === 'compatible' ? 'openai' : provider);
      const { connection, events, wait } = talk(url, provider, WHOLE);
      await wait('ready');
      connection.audio(Buffer.alloc(1_600, 0xff).toString('base64'));
      connection.addText({ role: 'system', text: 'It is raining.' });
      connection.update({ instructions: 'Be kind.' });
      connection.respond({ instructions: 'Go on.' });
      const { callId, name } = await wait('tool-call');
      expect(name).toBe('lookup');
      await wait('response-done');
      connection.toolResult(callId, '{"day":"Monday"}');
      connection.respond({ toolChoice: 'none' });
      await expect.poll(() => events.filter(({ type }) => type === 'audio').at(-1)).toBeDefined();
      const { itemId } = await wait('audio');
      connection.truncate(itemId, 0, 1);
      connection.deleteItem(itemId);
      await expect.poll(() => events.filter(({ type }) => type === 'response-done')).toHaveLength(2);
      connection.respond();
      await expect.poll(() => events.filter(({ type }) => type === 'response-started')).toHaveLength(3);
      const last = events.findLast((event) => event.type === 'response-started') as { responseId: string };
      connection.cancel(last.responseId);
      await expect.poll(() => events.filter(({ type }) => type === 'response-done')).toHaveLength(3);
      expect(refusals(events).filter((event) => !(event.type === 'error' && event.benign))).toEqual([]);
    },
  );

  it.each([
    ['pcma', { type: 'semantic_vad', eagerness: 'high', createsResponses: false, interruptsResponses: true }],
    ['pcm', { type: 'server_vad', createsResponses: true, interruptsResponses: true }],
  ] as const)('is accepted with %s', async (audio, turnDetection) => {
    const { url } = await serve();
    const { connection, events, wait } = talk(url, 'openai', { ...WHOLE, turnDetection, history: [] }, audio);
    await wait('ready');
    connection.respond();
    await wait('agent-text');
    expect(refusals(events)).toEqual([]);
  });

  it('is told what it did wrong, and the session goes on', async () => {
    const { url } = await serve();
    const { connection, wait } = talk(url, 'openai', WHOLE);
    const { expiresInMs } = await wait('ready');
    expect(expiresInMs).toBeGreaterThan(59 * 60_000);
    connection.toolResult('call_of_nobody', '{}');
    expect(await wait('error')).toMatchObject({ code: 'invalid_tool_call_id', benign: false });
    connection.respond();
    await wait('response-started');
  });

  it('goes on with a conversation of xAI that broke off', async () => {
    const model = await serve('xai');
    const { url } = model;
    const first = talk(url, 'xai', WHOLE);
    const { conversationId } = await first.wait('ready');
    first.connection.close();
    await expect.poll(() => model.sessions).toHaveLength(0);
    const second = talk(url, 'xai', { ...WHOLE, resume: conversationId! });
    expect(await second.wait('ready')).toMatchObject({ conversationId, resumed: true });
    const stranger = talk(url, 'xai', { ...WHOLE, resume: 'conv_of_nobody' });
    expect((await stranger.wait('ready')).resumed).toBeUndefined();
  });

  it('speaks a line to the caller through xAI that no response was asked for', async () => {
    const { url } = await serve('xai');
    const { connection, wait } = talk(url, 'xai', WHOLE);
    await wait('ready');
    connection.say!('Goodbye.');
    expect(await wait('agent-text')).toMatchObject({ delta: expect.stringContaining('Goodbye') });
  });

  it.each(['openai', 'azure', 'xai'] as const)('is turned away for good by %s with a wrong key', async (provider) => {
    const { url } = await serve(provider);
    const events: ModelEvent[] = [];
    const target = { provider, url, audio: 'auto', key: 'wrong', model: 'agent' } as const;
    const limits = { connectTimeoutMs: 5_000, pingEveryMs: 15_000, maxMessageBytes: 1_000_000 };
    open.push(modelFor({ ...target, ...limits }, { clock: systemClock })(WHOLE, (event) => events.push(event)));
    await expect.poll(() => events).toMatchObject([{ type: 'closed', cause: 'refused' }]);
    expect(JSON.stringify(events)).not.toContain('wrong');
  });
});
