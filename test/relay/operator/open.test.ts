import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { oneAgent } from '../../../src/call/plan.js';
import { lineLog } from '../../../src/log.js';
import { type Relay, startRelay } from '../../../src/relay/server.js';
import { TOKEN } from '../../helpers/operator-server.js';
import { ScriptedModel } from '../../helpers/scripted-model.js';

let relay: Relay | undefined;
let written: string;

afterEach(async () => {
  await relay?.close();
  relay = undefined;
});

async function serve(operatorToken?: string): Promise<Relay> {
  written = '';
  const log = lineLog((line) => {
    written += line;
  });
  relay = await startRelay({ planCall: oneAgent(new ScriptedModel().open), port: 0, log, operatorToken });
  return relay;
}

const authorized = { headers: { Authorization: `Bearer ${TOKEN}` } };

describe('a relay', () => {
  it.each([undefined, ''])('has no operator API without a token (%j), and says how to switch it on', async (token) => {
    const { url } = await serve(token);
    for (const path of ['/calls', '/openapi.json']) {
      expect((await fetch(`${url}${path}`, { headers: { Authorization: 'Bearer ' } })).status).toBe(404);
    }
    expect(written).toBe(
      'info  the operator API is off: set VOICEBRIDGE_OPERATOR_TOKEN to watch and steer calls under /calls\n',
    );
  });

  it('has one with a token, beside its webhooks and streams', async () => {
    const { url, streamUrl } = await serve(TOKEN);
    expect(await (await fetch(`${url}/calls`, authorized)).json()).toEqual({ calls: [] });
    expect((await fetch(`${url}/calls`)).status).toBe(401);
    const voice = await fetch(`${url}/voice`, { method: 'POST', body: new URLSearchParams({ CallSid: 'CA1' }) });
    expect(await voice.text()).toContain('<Connect');
    const socket = new WebSocket(streamUrl);
    await once(socket, 'open');
    socket.terminate();
    expect(written).not.toContain('operator');
  });

  it('warns of a token that can be guessed', async () => {
    await serve('sesame');
    expect(written).toBe(
      'warn  the operator token is short enough to be guessed: openssl rand -hex 24 makes a better one\n',
    );
  });
});
