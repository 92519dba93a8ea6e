// The carrier's end of a loaded relay: one call on a bare socket. It counts what comes, plays it by the clock and sends the
// marks back when they have been reached.
import { once } from 'node:events';
import { connect } from 'node:net';
import { frameReader, textFrame } from './frames.mjs';

const PAYLOAD = Buffer.alloc(160, 0x55).toString('base64');

export async function openCall(streamUrl, number) {
  const { hostname, port, pathname } = new URL(streamUrl);
  const socket = connect(Number(port), hostname);
  socket.setNoDelay(true);
  socket.on('error', () => {});
  await once(socket, 'connect');
  const streamSid = `MZ${String(number).padStart(32, '0')}`;
  const callSid = `CA${String(number).padStart(32, '0')}`;
  socket.write(
    `GET ${pathname} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
  );
  await new Promise((resolve, reject) => {
    socket.once('data', (data) =>
      String(data).startsWith('HTTP/1.1 101') ? resolve() : reject(new Error(String(data).split('\r\n')[0])),
    );
  });
  const call = new Call(socket, streamSid);
  socket.write(textFrame('{"event":"connected","protocol":"Call","version":"1.0.0"}', { masked: true }));
  socket.write(
    textFrame(
      JSON.stringify({
        event: 'start',
        sequenceNumber: '1',
        start: {
          accountSid: `AC${'0'.repeat(32)}`,
          streamSid,
          callSid,
          tracks: ['inbound'],
          mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
          customParameters: {},
        },
        streamSid,
      }),
      { masked: true },
    ),
  );
  return call;
}

class Call {
  /** Base64 characters of audio that have come since the last clear. */
  received = 0;
  clears = 0;
  /** Set by the load: told of every `media`. */
  onMedia = () => {};
  #socket;
  #streamSid;
  #media;
  #sequence = 1;
  #timestampMs = 100;
  #playedUntilMs = 0;
  #marks = [];

  constructor(socket, streamSid) {
    this.#socket = socket;
    this.#streamSid = streamSid;
    this.#media = this.#frame();
    socket.on(
      'data',
      frameReader((opcode, payload) => opcode === 1 && this.#message(payload)),
    );
  }

  /** The next 20 ms of the caller. Made before they are due, so that making them is in nobody's time. */
  speak() {
    this.#socket.write(this.#media);
    this.#media = this.#frame();
  }

  /** Sends the marks back whose audio has been played. */
  playTo(nowMs) {
    while (this.#marks.length > 0 && this.#marks[0].atMs <= nowMs) this.#echo(this.#marks.shift().name);
  }

  hangUp() {
    this.#socket.destroy();
  }

  #message(payload) {
    // {"event":"media… · {"event":"mark… · {"event":"clear…
    if (payload[10] === 0x6d && payload[11] === 0x65) {
      const chars = payload.length - MEDIA_OVERHEAD;
      this.received += chars;
      this.#playedUntilMs = Math.max(this.#playedUntilMs, performance.now()) + (chars * 3) / 4 / 8;
      this.onMedia();
    } else if (payload[10] === 0x6d) {
      const { mark } = JSON.parse(payload.toString());
      this.#marks.push({ name: mark.name, atMs: this.#playedUntilMs });
    } else if (payload[10] === 0x63) {
      this.clears += 1;
      this.#playedUntilMs = 0;
      for (const { name } of this.#marks.splice(0)) this.#echo(name);
    }
  }

  #echo(name) {
    this.#sequence += 1;
    const text = `{"event":"mark","sequenceNumber":"${this.#sequence}","streamSid":"${this.#streamSid}","mark":{"name":"${name}"}}`;
    this.#socket.write(textFrame(text, { masked: true }));
  }

  #frame() {
    this.#sequence += 1;
    this.#timestampMs += 20;
    const text = `{"event":"media","sequenceNumber":"${this.#sequence}","media":{"track":"inbound","chunk":"${this.#sequence - 1}","timestamp":"${this.#timestampMs}","payload":"${PAYLOAD}"},"streamSid":"${this.#streamSid}"}`;
    return textFrame(text, { masked: true });
  }
}

/** `{"event":"media","streamSid":"MZ…","media":{"payload":""}}` */
const MEDIA_OVERHEAD = 89;
