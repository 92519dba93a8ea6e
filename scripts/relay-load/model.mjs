// The model's end of a loaded relay: accepts sessions and answers by the clock. Nothing is listened to.
import { once } from 'node:events';
import { createServer } from 'node:net';
import { acceptKey, frameReader, textFrame, unmasked } from './frames.mjs';

/** Listens; `onSession(session)` for each connection of the relay. */
export async function listenForSessions(onSession) {
  const server = createServer((socket) => greet(socket, onSession));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `ws://127.0.0.1:${server.address().port}/v1/realtime`, close: () => server.close() };
}

function greet(socket, onSession) {
  socket.setNoDelay(true);
  socket.on('error', () => {});
  const session = {
    socket,
    appended: 0,
    control: {},
    onAppend: () => {},
    send: (text) => socket.write(textFrame(text, { masked: false })),
  };
  const read = frameReader((opcode, payload, mask) => {
    if (opcode === 9)
      return socket.write(Buffer.concat([Buffer.from([0x8a, payload.length]), Buffer.from(unmasked(payload, mask))]));
    if (opcode !== 1) return;
    // Audio is by far the most, and all of one length: only the rest is looked into.
    if (payload.length === APPEND_BYTES) return session.onAppend();
    const event = JSON.parse(unmasked(payload, mask));
    session.control[event.type] = (session.control[event.type] ?? 0) + 1;
    if (event.type === 'session.update') session.send('{"type":"session.updated","session":{}}');
  });
  let head = '';
  socket.on('data', function handshake(chunk) {
    head += chunk.toString('latin1');
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    socket.off('data', handshake);
    const key = /sec-websocket-key: *(\S+)/i.exec(head)?.[1] ?? '';
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${acceptKey(key)}\r\n\r\n`,
    );
    socket.on('data', read);
    session.send('{"type":"session.created","session":{}}');
    onSession(session);
  });
}

/** `{"type":"input_audio_buffer.append","audio":"<160 bytes>"}` */
const APPEND_BYTES = 263;
