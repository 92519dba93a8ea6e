import { once } from 'node:events';
import twilio from 'twilio';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type CallInfo, type IncomingCall, oneAgent, type PlanCall, type Reception } from '../../src/call/plan.js';
import type { Log } from '../../src/log.js';
import { type Relay, type RelayOptions, startRelay } from '../../src/relay/server.js';
import { ScriptedModel } from '../helpers/scripted-model.js';

let relay: Relay | undefined;

afterEach(async () => {
  await relay?.close();
  relay = undefined;
});

async function serve(reception: Partial<Reception>, options: Partial<RelayOptions> = {}): Promise<Relay> {
  relay = await startRelay({
    planCall: oneAgent(new ScriptedModel().open),
    port: 0,
    publicUrl: 'https://voice.example.com',
    reception: { answers: (path) => path === '/voice/sales', receive: async () => ({}), ...reception },
    ...options,
  });
  return relay;
}

function post(url: string, form: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, { method: 'POST', headers, body: new URLSearchParams(form) });
}

describe('the reception of a relay', () => {
  it('is told of a call before its stream, and gives the stream parameters to bring along', async () => {
    const received: IncomingCall[] = [];
    const { url } = await serve({
      receive: async (call) => {
        received.push(call);
        return { agent: 'sales', from: '+15550100001' };
      },
    });
    const answer = await post(`${url}/voice/sales`, { CallSid: 'CA1', From: '+15550100001', To: '+15550100002' });
    expect(received).toEqual([{ callSid: 'CA1', path: '/voice/sales', from: '+15550100001', to: '+15550100002' }]);
    expect(await answer.text()).toBe(
      '<?xml version="1.0" encoding="UTF-8"?><Response><Connect action="https://voice.example.com/ended" method="POST"><Stream url="wss://voice.example.com/media-stream" statusCallback="https://voice.example.com/status" statusCallbackMethod="POST"><Parameter name="agent" value="sales"/><Parameter name="from" value="+15550100001"/></Stream></Connect></Response>',
    );
  });

  it('cannot be made to write TwiML by a caller ID', async () => {
    const { url } = await serve({ receive: async ({ from }) => ({ from: from! }) });
    const answer = await post(`${url}/voice`, { CallSid: 'CA1', From: '"/><Say>&' });
    expect(await answer.text()).toContain('<Parameter name="from" value="&quot;/>&lt;Say>&amp;"/>');
  });

  it('answers its own paths and no others, and only with a signature over them', async () => {
    const authToken = '12345';
    const { url } = await serve({}, { authToken });
    const form = { CallSid: 'CA1' };
    const signed = (path: string) => ({
      'X-Twilio-Signature': twilio.getExpectedTwilioSignature(authToken, `https://voice.example.com${path}`, form),
    });
    expect((await post(`${url}/voice/sales`, form, signed('/voice/sales'))).status).toBe(200);
    expect((await post(`${url}/voice/sales`, form, signed('/voice'))).status).toBe(403);
    expect((await post(`${url}/voice/other`, form, signed('/voice/other'))).status).toBe(404);
  });

  it('keeps no caller waiting in vain when it fails', async () => {
    const warned: unknown[] = [];
    const log: Log = { info() {}, warn: (message, fields) => void warned.push([message, fields]), error() {} };
    const { url } = await serve({ receive: async () => Promise.reject(new Error('out of order')) }, { log });
    const answer = await post(`${url}/voice`, { CallSid: 'CA1' });
    expect(await answer.text()).toContain('<Stream url="wss://voice.example.com/media-stream"');
    expect(warned).toEqual([['a call could not be received', { callSid: 'CA1', reason: 'out of order' }]]);
  });

  it('finds the numbers of the call in what the stream brings along', async () => {
    const planned = new Promise<CallInfo>((resolve) => {
      const plan = oneAgent(new ScriptedModel().open);
      const planCall: PlanCall = (call, log) => {
        resolve(call);
        return plan(call, log);
      };
      void serve({}, { planCall }).then(async ({ streamUrl }) => {
        const socket = new WebSocket(streamUrl);
        await once(socket, 'open');
        socket.send(
          '{"event":"start","sequenceNumber":"1","start":{"accountSid":"AC1","streamSid":"MZ1","callSid":"CA1","tracks":["inbound"],"mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1},"customParameters":{"from":"+15550100001","to":"+15550100002"}},"streamSid":"MZ1"}',
        );
      });
    });
    expect(await planned).toMatchObject({ callSid: 'CA1', from: '+15550100001', to: '+15550100002' });
  });
});
