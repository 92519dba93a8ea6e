import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { oneAgent } from '../../src/call/plan.js';
import { systemClock } from '../../src/clock.js';
import { openaiModel } from '../../src/model/openai.js';
import { startRelay } from '../../src/relay/server.js';

const startOf = (number: number): string => {
  const streamSid = `MZ${String(number).padStart(32, '0')}`;
  return JSON.stringify({
    event: 'start',
    sequenceNumber: '1',
    start: { accountSid: 'AC1', streamSid, callSid: `CA${number}`, tracks: ['inbound'], customParameters: {} },
    streamSid,
  });
};

/** Events a model may send, to be torn apart. */
const EVENTS = [
  '{"type":"session.created","session":{}}',
  '{"type":"session.updated","session":{}}',
  '{"type":"response.created","response":{"id":"resp_1"}}',
  '{"type":"response.output_audio.delta","response_id":"resp_1","item_id":"item_1","content_index":0,"delta":"fwB/AAAA"}',
  '{"type":"response.output_item.done","response_id":"resp_1","item":{"id":"item_1"}}',
  '{"type":"response.done","response":{"id":"resp_1","status":"completed"}}',
  '{"type":"input_audio_buffer.speech_started"}',
  '{"type":"input_audio_buffer.speech_stopped"}',
  '{"type":"error","error":{"code":"invalid_value","message":"x"}}',
];

it('survives 2 000 mutated events of one call’s model, while another call goes on', async () => {
  let connections = 0;
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  let good: WebSocket | undefined;
  let finished = (): void => {};
  const garbageSent = new Promise<void>((resolve) => {
    finished = resolve;
  });
  server.on('connection', (socket) => {
    socket.send(EVENTS[0]!);
    socket.send(EVENTS[1]!);
    connections += 1;
    if (connections === 1) good = socket;
    else void pour(socket).then(finished);
  });
  const relay = await startRelay({
    port: 0,
    planCall: oneAgent(
      openaiModel({
        url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
        audio: 'pcmu',
        clock: systemClock,
        connectTimeoutMs: 5_000,
        pingEveryMs: 60_000,
        maxMessageBytes: 100_000,
      }),
    ),
  });

  const caller = new WebSocket(relay.streamUrl);
  await once(caller, 'open');
  caller.send(startOf(1));
  while (!good) await new Promise((resolve) => setTimeout(resolve, 5));
  const victim = new WebSocket(relay.streamUrl);
  const victimHeard: string[] = [];
  victim.on('message', (data) => victimHeard.push(data.toString()));
  await once(victim, 'open');
  victim.send(startOf(2));
  await garbageSent;

  // What reached the carrier of the poisoned call is still only what a server may send.
  for (const text of victimHeard) expect(['media', 'mark', 'clear']).toContain(JSON.parse(text).event);
  const heard: string[] = [];
  caller.on('message', (data) => heard.push(data.toString()));
  for (const event of EVENTS.slice(2, 4)) good.send(event);
  while (!heard.some((text) => text.includes('"payload":"fwB/AAAA"'))) await new Promise((r) => setTimeout(r, 5));
  caller.close();
  await relay.close();
  for (const client of server.clients) client.terminate();
  server.close();
});

async function pour(socket: WebSocket): Promise<void> {
  let seed = 7;
  const random = (below: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed % below;
  };
  for (let sent = 0; sent < 2000 && socket.readyState === WebSocket.OPEN; sent++) {
    const bytes = Buffer.from(EVENTS[2 + random(EVENTS.length - 2)]!);
    for (let changes = random(3); changes > 0; changes--) bytes[random(bytes.length)] = random(256);
    socket.send(random(20) === 0 ? bytes : bytes.toString('latin1'));
    if (sent % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await new Promise((resolve) => setTimeout(resolve, 50));
}
