import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { VoicebridgeError } from '../../src/errors.js';
import { type ModelEvent, plainSession } from '../../src/model/model.js';
import { type ModelTarget, modelAddress, modelFor } from '../../src/model/providers.js';
import { HandServer } from '../helpers/hand-server.js';
import { VirtualClock } from '../helpers/virtual-clock.js';

const clock = new VirtualClock();
const LIMITS = { audio: 'auto', connectTimeoutMs: 5_000, pingEveryMs: 15_000, maxMessageBytes: 1_000_000 } as const;
const target = (parts: Partial<ModelTarget> & Pick<ModelTarget, 'provider'>): ModelTarget => ({ ...LIMITS, ...parts });

let server: HandServer | undefined;
afterEach(() => server?.close());

async function serverOf(): Promise<HandServer> {
  server = new HandServer(true);
  await once(server.server, 'listening');
  return server;
}

function codeOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof VoicebridgeError) return error.code;
    throw error;
  }
  return 'none';
}

describe('where a model is called', () => {
  it.each([
    [{ provider: 'openai' }, 'wss://api.openai.com/v1/realtime?model=gpt-realtime-2.1'],
    [
      { provider: 'openai', model: 'gpt-realtime-2.1-mini' },
      'wss://api.openai.com/v1/realtime?model=gpt-realtime-2.1-mini',
    ],
    [
      { provider: 'azure', resource: 'acme-west', deployment: 'phone agent' },
      'wss://acme-west.openai.azure.com/openai/v1/realtime?model=phone+agent',
    ],
    [{ provider: 'xai' }, 'wss://api.x.ai/v1/realtime?model=grok-voice-latest'],
    [{ provider: 'compatible', url: 'ws://127.0.0.1:8082/v1/realtime' }, 'ws://127.0.0.1:8082/v1/realtime'],
    [{ provider: 'compatible', url: 'wss://m.example/rt?model=a', model: 'b' }, 'wss://m.example/rt?model=b'],
    [{ provider: 'openai', url: 'wss://proxy.example/rt?model=a' }, 'wss://proxy.example/rt?model=a'],
    [{ provider: 'openai', url: 'wss://proxy.example/rt' }, 'wss://proxy.example/rt?model=gpt-realtime-2.1'],
  ] as const)('finds the address of %o', (parts, address) => {
    expect(modelAddress(target(parts))).toBe(address);
  });

  it.each([
    { provider: 'azure', deployment: 'a', key: 'k' },
    { provider: 'azure', resource: 'a.evil.example/', deployment: 'a', key: 'k' },
    { provider: 'azure', resource: 'acme', key: 'k' },
    { provider: 'compatible' },
    { provider: 'compatible', url: 'http://127.0.0.1/' },
    { provider: 'compatible', url: 'wss://' },
  ] as const)('refuses %o, which is no address', (parts) => {
    expect(codeOf(() => modelFor(target(parts), { clock }))).toBe('usage');
  });

  it("asks for the key of a provider's own address, and for none at another", () => {
    expect(codeOf(() => modelFor(target({ provider: 'xai' }), { clock }))).toBe('model-key-missing');
    expect(codeOf(() => modelFor(target({ provider: 'xai', key: 'k' }), { clock }))).toBe('none');
    expect(codeOf(() => modelFor(target({ provider: 'xai', url: 'ws://127.0.0.1:9/' }), { clock }))).toBe('none');
  });
});

describe('calling a model', () => {
  const silent = (): void => {};

  it.each([
    [{ provider: 'openai', key: 'k' }, { authorization: 'Bearer k' }],
    [{ provider: 'azure', model: 'm', key: 'k' }, { 'api-key': 'k' }],
    [{ provider: 'azure', model: 'm', key: 'k', entraToken: 't' }, { authorization: 'Bearer t' }],
  ] as const)('shows %o what it wants to see', async (parts, headers) => {
    const { url } = await serverOf();
    const connection = modelFor(target({ ...parts, url }), { clock })(plainSession(''), silent);
    await server!.connected();
    expect(server!.headers).toMatchObject(headers);
    connection.close();
  });

  it('falls back to linear audio for good when a model does not take µ-law', async () => {
    const { url } = await serverOf();
    const open = modelFor(target({ provider: 'compatible', url }), { clock });
    const events: ModelEvent[] = [];
    const first = open(plainSession(''), (event) => events.push(event));
    expect(first.input).toEqual({ encoding: 'PCMU', rate: 8_000 });
    await server!.say({ type: 'session.created' });
    await server!.message(0);
    await server!.say({ type: 'error', error: { code: 'invalid_value', param: 'session.audio.input.format' } });
    await expect.poll(() => events).toMatchObject([{ type: 'closed', cause: 'lost' }]);
    const second = open(plainSession(''), silent);
    expect(second.input).toEqual({ encoding: 'L16', rate: 24_000 });
    second.close();
  });

  it('keeps to a format that was asked for', async () => {
    const { url } = await serverOf();
    const open = modelFor(target({ provider: 'compatible', url, audio: 'pcma' }), { clock });
    const connection = open(plainSession(''), silent);
    expect(connection.output).toEqual({ encoding: 'PCMA', rate: 8_000 });
    connection.close();
  });
});
