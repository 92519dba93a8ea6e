import { once } from 'node:events';
import { connect } from 'node:net';
import twilio from 'twilio';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { oneAgent } from '../../src/call/plan.js';
import { lineLog } from '../../src/log.js';
import { type Relay, type RelayOptions, startRelay } from '../../src/relay/server.js';
import { ScriptedModel } from '../helpers/scripted-model.js';

const streamSid = 'MZ00000000000000000000000000000001';
const START = `{"event":"start","sequenceNumber":"1","start":{"accountSid":"AC1","streamSid":"${streamSid}","callSid":"CA1","tracks":["inbound"],"mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1},"customParameters":{}},"streamSid":"${streamSid}"}`;
const MEDIA = `{"event":"media","sequenceNumber":"2","media":{"track":"inbound","chunk":"1","timestamp":"155","payload":"fwB/AB=="},"streamSid":"${streamSid}"}`;

let relay: Relay | undefined;

afterEach(async () => {
  await relay?.close();
  relay = undefined;
});

async function serve(options: Partial<RelayOptions> = {}): Promise<{ relay: Relay; model: ScriptedModel }> {
  const model = new ScriptedModel();
  relay = await startRelay({
    planCall: oneAgent(model.open, { greeting: { by: 'none', interruptible: true } }),
    port: 0,
    ...options,
  });
  return { relay, model };
}

async function dial(url: string, headers: Record<string, string> = {}): Promise<WebSocket> {
  const socket = new WebSocket(url, { headers, perMessageDeflate: false });
  await once(socket, 'open');
  return socket;
}

/** The status a refused upgrade is answered with. */
function refusal(url: string, headers: Record<string, string> = {}): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { headers });
    socket.on('unexpected-response', (_, response) => resolve(response.statusCode));
    socket.on('open', () => reject(new Error('the upgrade was accepted')));
    socket.on('error', () => {});
  });
}

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition(); tries++) {
    if (tries > 400) throw new Error('it never became true');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const form = { CallSid: 'CA1', From: '+15550100001', To: '+15550100002' };

function post(
  url: string,
  headers: Record<string, string> = {},
  body: Record<string, string> = form,
): Promise<Response> {
  return fetch(url, { method: 'POST', headers, body: new URLSearchParams(body) });
}

describe('the relay', () => {
  it('says who it is', async () => {
    const { relay } = await serve();
    const answer = await fetch(`${relay.url}/healthz`);
    expect(await answer.json()).toEqual({ name: 'voicebridge', calls: 0 });
  });

  it('answers an incoming call with TwiML that connects it to the stream', async () => {
    const { relay } = await serve({ publicUrl: 'https://voice.example.com/' });
    const answer = await post(`${relay.url}/voice`);
    expect(answer.headers.get('content-type')).toBe('text/xml');
    expect(await answer.text()).toBe(
      '<?xml version="1.0" encoding="UTF-8"?><Response><Connect action="https://voice.example.com/ended" method="POST"><Stream url="wss://voice.example.com/media-stream" statusCallback="https://voice.example.com/status" statusCallbackMethod="POST"/></Connect></Response>',
    );
  });

  it('hangs up when the stream is over', async () => {
    const { relay } = await serve();
    const answer = await post(`${relay.url}/ended`);
    expect(await answer.text()).toBe('<?xml version="1.0" encoding="UTF-8"?><Response><Hangup/></Response>');
  });

  it('answers other paths and methods with 404 and 405, and a body that is too large with 400', async () => {
    const { relay } = await serve();
    expect((await fetch(`${relay.url}/nothing`)).status).toBe(404);
    expect((await fetch(`${relay.url}/voice`)).status).toBe(405);
    expect((await post(`${relay.url}/voice`, {}, { From: 'x'.repeat(70_000) })).status).toBe(400);
  });

  it('carries a call from start to stop', async () => {
    const { relay, model } = await serve();
    const socket = await dial(relay.streamUrl);
    const heard: string[] = [];
    socket.on('message', (data) => heard.push(data.toString()));
    socket.send('{"event":"connected","protocol":"Call","version":"1.0.0"}');
    socket.send(START);
    await until(() => relay.calls === 1);
    model.emit({ type: 'ready' });
    socket.send(MEDIA);
    await until(() => model.said.length === 1);
    // Bits that no encoder writes: the payload was neither decoded nor encoded on its way.
    expect(model.said).toEqual(['audio fwB/AB==']);
    model.emit({ type: 'audio', responseId: 'r', itemId: 'i', contentIndex: 0, payload: 'AAEC' });
    await until(() => heard.some((text) => text.includes('media')));
    expect(heard).toContain(`{"event":"media","streamSid":"${streamSid}","media":{"payload":"AAEC"}}`);
    socket.send(
      `{"event":"stop","sequenceNumber":"3","streamSid":"${streamSid}","stop":{"accountSid":"AC1","callSid":"CA1"}}`,
    );
    const [code] = await once(socket, 'close');
    expect(code).toBe(1000);
    expect(model.said.at(-1)).toBe('close');
    expect(relay.calls).toBe(0);
  });

  it('apologises in words when the model was lost', async () => {
    const { relay, model } = await serve();
    const socket = await dial(relay.streamUrl);
    socket.on('message', (data) => {
      if (data.toString().includes('sign-off')) socket.send('{"event":"mark","mark":{"name":"vb:sign-off"}}');
    });
    socket.send(START);
    await until(() => relay.calls === 1);
    model.emit({ type: 'closed', reason: 'reset', cause: 'refused' });
    await once(socket, 'close');
    expect(await (await post(`${relay.url}/ended`)).text()).toContain('<Say>I am sorry');
    expect(await (await post(`${relay.url}/ended`, {}, { CallSid: 'CA2' })).text()).not.toContain('<Say>');
  });

  it('ends a stream that never starts, one that falls silent, and one that talks nonsense', async () => {
    const { relay } = await serve({ limits: { startTimeoutMs: 50, mediaSilenceMs: 100 } });
    const mute = await dial(relay.streamUrl);
    const silent = await dial(relay.streamUrl);
    const mad = await dial(relay.streamUrl);
    silent.send(START);
    for (let number = 0; number < 20; number++) mad.send(Buffer.from([number]));
    const codes = await Promise.all([mute, silent, mad].map(async (socket) => (await once(socket, 'close'))[0]));
    expect(codes).toEqual([1006, 1006, 1006]);
  });

  it('keeps to its number of calls, with words for the next one', async () => {
    const lines: string[] = [];
    const { relay } = await serve({ maxCalls: 1, log: lineLog((line) => lines.push(line)) });
    const socket = await dial(relay.streamUrl);
    await until(() => socket.readyState === WebSocket.OPEN);
    expect(await refusal(relay.streamUrl)).toBe(503);
    expect(await (await post(`${relay.url}/voice`)).text()).toContain('<Say>All our lines are busy');
    expect(lines.filter((line) => line.includes('busy'))).toEqual([
      'warn  a stream was refused: all lines are busy\n',
      'warn  a caller was turned away: all lines are busy callSid=CA1\n',
    ]);
    socket.close();
    await once(socket, 'close');
    await until(() => relay.calls === 0);
    (await dial(relay.streamUrl)).close();
  });

  it('says which port is taken', async () => {
    const { relay } = await serve();
    await expect(startRelay({ planCall: oneAgent(new ScriptedModel().open), port: relay.port })).rejects.toMatchObject({
      code: 'port-in-use',
      exit: 2,
    });
  });

  it('says that an address is not one of this machine', async () => {
    const options = { planCall: oneAgent(new ScriptedModel().open), host: '192.0.2.1', port: 8080, insecure: true };
    await expect(startRelay(options)).rejects.toMatchObject({
      code: 'usage',
      message: 'the relay cannot listen on 192.0.2.1:8080: the address is not one of this machine',
    });
  });
});

describe('who may reach the relay', () => {
  it('listens beyond this machine only with a token, or when told that it is meant', async () => {
    const planCall = oneAgent(new ScriptedModel().open);
    await expect(startRelay({ planCall, host: '0.0.0.0', port: 0 })).rejects.toMatchObject({
      code: 'bind-needs-token',
    });
    relay = await startRelay({ planCall, host: '0.0.0.0', port: 0, insecure: true });
    expect((await fetch(`http://127.0.0.1:${relay.port}/healthz`)).status).toBe(200);
  });

  it('refuses a browser and a path that is not the stream', async () => {
    const { relay } = await serve();
    expect(await refusal(relay.streamUrl, { Origin: 'http://evil.example' })).toBe(403);
    expect(await refusal(`${relay.streamUrl}/other`)).toBe(404);
  });

  it('with a token, admits a webhook and a stream that Twilio signed, and no others', async () => {
    const authToken = '12345';
    const { relay } = await serve({ authToken, publicUrl: 'https://voice.example.com' });
    const sign = (url: string, fields: Record<string, string>): Record<string, string> => ({
      'X-Twilio-Signature': twilio.getExpectedTwilioSignature(authToken, url, fields),
    });
    const voice = 'https://voice.example.com/voice';
    expect((await post(`${relay.url}/voice`, sign(voice, form))).status).toBe(200);
    expect((await post(`${relay.url}/voice`, sign(voice, { ...form, From: '+1' }))).status).toBe(403);
    expect((await post(`${relay.url}/voice`)).status).toBe(403);
    const stream = 'wss://voice.example.com/media-stream';
    (await dial(relay.streamUrl, sign(stream, {}))).close();
    expect(await refusal(relay.streamUrl, sign('wss://other.example.com/media-stream', {}))).toBe(403);
    expect(await refusal(relay.streamUrl)).toBe(403);
  });
});

describe('a relay under garbage', () => {
  it('survives 2 000 mutated messages, while another call goes on', async () => {
    const { relay, model } = await serve();
    const good = await dial(relay.streamUrl);
    good.send(START);
    await until(() => relay.calls === 1);
    model.emit({ type: 'ready' });
    let seed = 1;
    const random = (below: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed % below;
    };
    const texts = [
      START,
      MEDIA,
      '{"event":"mark","mark":{"name":"vb:1:cleared"}}',
      '{"event":"dtmf","dtmf":{"digit":"5"}}',
    ];
    for (let sent = 0; sent < 2000; ) {
      const bad = await dial(relay.streamUrl);
      for (; sent < 2000 && bad.readyState === WebSocket.OPEN; sent++) {
        const bytes = Buffer.from(texts[random(texts.length)]!);
        for (let changes = random(4); changes > 0; changes--) bytes[random(bytes.length)] = random(256);
        bad.send(random(20) === 0 ? bytes : bytes.toString('latin1').slice(0, random(4) === 0 ? random(300) : 300));
        if (sent % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      bad.terminate();
    }
    const before = model.said.filter((line) => line === 'audio AAECAw==').length;
    good.send(MEDIA.replace('fwB/AB==', 'AAECAw=='));
    // The scripted model hears all calls; this payload is the good one's alone.
    await until(() => model.said.filter((line) => line === 'audio AAECAw==').length === before + 1);
    good.close();
  });

  it('survives an upgrade that is torn apart', async () => {
    const { relay } = await serve();
    for (const text of [
      'GET /media-stream HTTP/1.1\r\nUpgrade: websocket\r\n',
      'GET \0 HTTP/9\r\n\r\n',
      '\x16\x03\x01',
    ]) {
      const socket = connect(relay.port, '127.0.0.1');
      socket.on('error', () => {});
      socket.write(text);
      await new Promise((resolve) => setTimeout(resolve, 10));
      socket.destroy();
    }
    expect((await fetch(`${relay.url}/healthz`)).status).toBe(200);
  });
});
