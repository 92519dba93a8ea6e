// One call, one message at a time: what a relay adds to a frame and to a delta when nothing else is to be done.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket, WebSocketServer } from 'ws';

const FRAMES = 300;
const STREAM = `MZ${'0'.repeat(32)}`;
const start = {
  event: 'start',
  sequenceNumber: '1',
  start: { accountSid: 'AC0', streamSid: STREAM, callSid: 'CA0', tracks: ['inbound'], customParameters: {} },
  streamSid: STREAM,
};

/** Appends the milliseconds of each crossing to `in` and `out`. */
export async function measureSingle(command, { in: inMs, out: outMs }) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
  await once(server, 'listening');
  const relay = spawn(process.execPath, command(`ws://127.0.0.1:${server.address().port}/`), {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [line] = await once(relay.stdout, 'data');
  const phone = new WebSocket(JSON.parse(line).streamUrl, { perMessageDeflate: false });
  await once(phone, 'open');
  const connected = once(server, 'connection');
  phone.send(JSON.stringify(start));
  const [model] = await connected;
  let arrived = () => {};
  model.on('message', (data) => {
    const text = data.toString();
    if (text.includes('session.update')) model.send('{"type":"session.updated","session":{}}');
    else if (text.includes('append')) arrived();
  });
  phone.on('message', (data) => {
    const text = data.toString();
    if (text.startsWith('{"event":"media"')) arrived();
    else if (text.startsWith('{"event":"mark"')) phone.send(text);
  });
  model.send('{"type":"session.created","session":{}}');
  await sleep(100);
  model.send('{"type":"response.created","response":{"id":"resp_1"}}');

  const frame = Buffer.alloc(160, 0x55).toString('base64');
  const delta = Buffer.alloc(1600, 0x55).toString('base64');
  const media = `{"event":"media","sequenceNumber":"2","media":{"track":"inbound","chunk":"1","timestamp":"155","payload":"${frame}"},"streamSid":"${STREAM}"}`;
  const audio = `{"type":"response.output_audio.delta","event_id":"event_1","response_id":"resp_1","item_id":"item_1","output_index":0,"content_index":0,"delta":"${delta}"}`;
  for (let number = 0; number < FRAMES; number++) {
    inMs.push(await crossing(() => phone.send(media)));
    await sleep(8 + (number % 5));
    // A delta leaves the relay as several messages: the time of the last one that comes within the pause.
    outMs.push(await crossing(() => model.send(audio), 4));
    await sleep(8 + (number % 5));
  }
  phone.terminate();
  relay.kill();
  server.close();

  async function crossing(send, settleMs = 0) {
    const sentMs = performance.now();
    let lastMs = 0;
    const first = new Promise((resolve) => {
      arrived = () => {
        lastMs = performance.now();
        resolve();
      };
    });
    send();
    await first;
    if (settleMs > 0) await sleep(settleMs);
    return lastMs - sentMs;
  }
}
