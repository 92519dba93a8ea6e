import { expect, it } from 'vitest';
import { oneAgent } from '../../../../src/call/plan.js';
import { systemClock } from '../../../../src/clock.js';
import { openaiModel } from '../../../../src/model/openai.js';
import { DEFAULTS } from '../../../../src/options.js';
import { startRelay } from '../../../../src/relay/server.js';
import { serveModel } from '../../../../src/simulator/model/server.js';
import { dialWebhook, type WebhookRecord } from '../../../../src/simulator/phone/webhook/call.js';
import { silentCaller } from '../../../helpers/phone.js';

/** A whole call over real HTTP and sockets: webhook, TwiML, stream, /ended and /status of our own relay. */
async function wholeCall(tokens: { readonly relay?: string; readonly phone?: string }): Promise<WebhookRecord> {
  const model = await serveModel({ port: 0 });
  const openModel = openaiModel({ url: model.url, audio: 'pcmu', clock: systemClock, ...DEFAULTS.model });
  const relay = await startRelay({
    port: 0,
    planCall: oneAgent(openModel, {}),
    ...(tokens.relay !== undefined && { authToken: tokens.relay }),
  });
  try {
    const url = `${relay.streamUrl.replace(/^ws/, 'http').replace('/media-stream', '')}/voice`;
    const authToken = tokens.phone !== undefined ? { authToken: tokens.phone } : {};
    return await dialWebhook({ url, caller: silentCaller(700), lingerMs: 0, ...authToken }).done;
  } finally {
    await relay.close();
    await model.close();
  }
}

it.each([{}, { relay: '12345', phone: '12345' }])(
  'the relay of this package is called by its number: %j',
  async (tokens) => {
    const { requests, lint, talk } = await wholeCall(tokens);
    const told = requests.map(({ what, url, status, tells }) => [what, new URL(url).pathname, status, tells]);
    expect(told.toSorted()).toEqual([
      ['action', '/ended', 200, undefined],
      ['stream-status', '/status', 204, 'stream-started'],
      ['stream-status', '/status', 204, 'stream-stopped'],
      ['voice', '/voice', 200, undefined],
    ]);
    expect(lint).toEqual([]);
    expect(talk!.endReason).toBe('hangup');
    expect(talk!.received.length).toBeGreaterThan(0);
  },
);

it('the relay refuses a webhook that is signed with another token', async () => {
  const { lint, talk } = await wholeCall({ relay: '12345', phone: '54321' });
  expect(lint).toMatchObject([{ rule: 'webhook/status', code: 11200, message: expect.stringMatching(/HTTP 403$/) }]);
  expect(talk).toBeUndefined();
});
