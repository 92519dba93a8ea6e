import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { oneAgent } from '../../src/call/plan.js';
import { systemClock } from '../../src/clock.js';
import { makeCall } from '../../src/measure/make-call.js';
import { openaiModel } from '../../src/model/openai.js';
import { DEFAULTS } from '../../src/options.js';
import { startRelay } from '../../src/relay/server.js';
import type { ModelTraceEvent } from '../../src/simulator/model/events.js';
import { serveModel } from '../../src/simulator/model/server.js';
import { silentCaller } from '../helpers/phone.js';
import { type StreamServer, serveStreams, speakingAgent } from '../helpers/stream-server.js';

let server: StreamServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const tone = Uint8Array.from({ length: 1600 }, (_, sample) => (sample % 8 < 4 ? 0x20 : 0xa0));

describe('makeCall', () => {
  it('returns the record and what it measured', async () => {
    server = await serveStreams(speakingAgent(tone));
    const { record, measured, trace } = await makeCall({ url: server.url, caller: silentCaller(300) });
    expect(record.endReason).toBe('hangup');
    expect(measured.greetingMs).toBeGreaterThanOrEqual(0);
    expect(trace).toBeUndefined();
  });

  it("brings the model's end of this call, up to the end of its session", async () => {
    await using model = await serveModel({ thinkMs: 10 });
    await using relay = await startRelay({ planCall: oneAgent(openaiModel(modelOptions(model.url))), port: 0 });
    const call = { url: relay.streamUrl, model, caller: silentCaller(250) };
    const made = await Promise.all([makeCall(call), makeCall({ ...call, seed: 2 })]);
    for (const { trace, record } of made) {
      expect(trace!.map(({ type }) => type)).toContain('delta');
      expect(trace!.at(-1)!.type).toBe('closed');
      expect(new Set(trace!.map(({ sessionId }) => sessionId)).size).toBe(1);
      expect(record.received.length).toBeGreaterThan(0);
    }
    expect(made[0]!.trace![0]!.sessionId).not.toBe(made[1]!.trace![0]!.sessionId);
  });

  it('has an empty trace when the server never called the model', async () => {
    server = await serveStreams(speakingAgent(tone));
    await using model = await serveModel();
    const { trace } = await makeCall({ url: server.url, caller: silentCaller(100), model });
    expect(trace).toEqual([]);
  });

  it('takes a path, and falls back to the samples of the package', async () => {
    server = await serveStreams({ onStart: ({ socket }) => socket.close(1000) });
    await expect(makeCall({ url: server.url, caller: 'samples/greeting' })).rejects.toMatchObject({
      code: 'closed-early',
    });
    await expect(makeCall({ url: server.url, caller: 'nobody.wav' })).rejects.toMatchObject({ code: 'file-missing' });
  });
});

describe('the model and the relay', () => {
  it('tell a listener until it has heard enough', async () => {
    await using model = await serveModel();
    const heard: ModelTraceEvent['type'][] = [];
    const stop = model.listen(({ type }) => void heard.push(type));
    const socket = new WebSocket(model.url, ['realtime']);
    await new Promise((resolve) => socket.addEventListener('message', resolve, { once: true }));
    expect(heard).toEqual(['session']);
    stop();
    socket.close();
    await new Promise((resolve) => socket.addEventListener('close', resolve, { once: true }));
    expect(heard).toEqual(['session']);
  });

  it('are closed at the end of the block that uses them', async () => {
    let url: string;
    {
      await using model = await serveModel();
      await using relay = await startRelay({ planCall: oneAgent(openaiModel(modelOptions(model.url))), port: 0 });
      url = relay.url;
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
    }
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  });
});

function modelOptions(url: string) {
  return { url, audio: 'pcmu', clock: systemClock, ...DEFAULTS.model } as const;
}
