import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.js';
import type { ModelConnection, ModelEvent, ModelSession } from '../../src/model/model.js';
import { modelFor } from '../../src/model/providers.js';
import { type SimulatedModel, serveModel } from '../../src/simulator/model/server.js';

let model: SimulatedModel;
beforeAll(async () => {
  model = await serveModel({ thinkMs: 0, speed: [60, 60] });
});
afterAll(() => model.close());

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

function talk(session: ModelSession, audio: 'auto' | 'pcma' | 'pcm'): Talk {
  const target = { provider: 'compatible', url: model.url, audio } as const;
  const limits = { connectTimeoutMs: 5_000, pingEveryMs: 15_000, maxMessageBytes: 1_000_000 };
  const events: ModelEvent[] = [];
  const connection = modelFor({ ...target, ...limits }, { clock: systemClock })(session, (event) => events.push(event));
  return {
    ...{ connection, events },
    async wait<Type extends ModelEvent['type']>(type: Type) {
      await expect.poll(() => events.map((event) => event.type), { interval: 5, timeout: 5_000 }).toContain(type);
      return events.find((event) => event.type === type) as ModelEvent & { type: Type };
    },
  };
}

describe('the client at a server as strict as the real one', () => {
  it('is refused nothing, whichever of its methods is used', async () => {
    const { connection, events, wait } = talk(WHOLE, 'auto');
    await wait('ready');
    connection.audio(Buffer.alloc(1_600, 0xff).toString('base64'));
    connection.addText({ role: 'system', text: 'It is raining.' });
    connection.update({ instructions: 'Be kind.', tools: [] });
    connection.respond({ instructions: 'Say hello.', toolChoice: 'none' });
    const { itemId, responseId } = await wait('audio');
    connection.cancel(responseId);
    const done = await wait('response-done');
    connection.truncate(itemId, 0, 1);
    connection.deleteItem(itemId);
    connection.respond();
    await expect.poll(() => events.filter(({ type }) => type === 'response-started').length).toBe(2);
    expect(done).toMatchObject({ status: 'cancelled', reason: 'client_cancelled' });
    expect(events.filter(({ type }) => type === 'error' || type === 'closed')).toEqual([]);
    connection.close();
  });

  it.each([
    ['pcma', { type: 'semantic_vad', eagerness: 'high', createsResponses: false, interruptsResponses: true }],
    ['pcm', { type: 'server_vad', createsResponses: true, interruptsResponses: true }],
  ] as const)('is accepted with %s', async (audio, turnDetection) => {
    const { connection, events, wait } = talk({ ...WHOLE, turnDetection, history: [] }, audio);
    await wait('ready');
    connection.respond();
    await wait('agent-text');
    expect(events.filter(({ type }) => type === 'error' || type === 'closed')).toEqual([]);
    connection.close();
  });

  it('is told what it did wrong, and the session goes on', async () => {
    const { connection, wait } = talk(WHOLE, 'auto');
    const { expiresInMs } = await wait('ready');
    expect(expiresInMs).toBeGreaterThan(59 * 60_000);
    connection.toolResult('call_of_nobody', '{}');
    expect(await wait('error')).toMatchObject({ code: 'invalid_tool_call_id', benign: false });
    connection.respond();
    await wait('response-started');
    connection.close();
  });
});
