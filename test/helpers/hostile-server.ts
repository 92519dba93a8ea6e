import { createHash } from 'node:crypto';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** A connection on which everything is allowed: bytes, not messages. */
export interface HostileStream {
  readonly tcp: Socket;
  /** From `start`; it is part of what the phone sent first. */
  readonly streamSid: string;
  /** Bytes that the phone has sent since the handshake. */
  received(): number;
}

export interface HostileServer {
  readonly url: string;
  close(): void;
}

/** How a close of the phone begins: opcode 8, masked, with a code; it is eight bytes long and the last it sends. */
const CLOSE = Buffer.from([0x88, 0x82]);

/**
 * Answers the upgrade by hand, waits for `start`, and then does what it is told on the bare connection.
 * @param polite lets go of the connection when the phone closes
 */
export function serveHostile(behave: (stream: HostileStream) => void, polite = true): Promise<HostileServer> {
  return serveBytes((tcp) => {
    let text = '';
    let bytes = 0;
    let open = false;
    let started = false;
    tcp.on('data', (data) => {
      if (!open) {
        text += data.toString('latin1');
        const key = /sec-websocket-key: (\S+)/i.exec(text)?.[1];
        if (key === undefined || !text.includes('\r\n\r\n')) return;
        open = true;
        tcp.write(acceptanceOf(key));
        return;
      }
      bytes += data.length;
      if (polite && data.subarray(-8, -6).equals(CLOSE)) return void tcp.destroySoon();
      if (started) return;
      started = true;
      behave({ tcp, streamSid: unmaskedSid(data), received: () => bytes });
    });
  });
}

/** A bare TCP server on loopback. */
export function serveBytes(onConnection: (tcp: Socket) => void): Promise<HostileServer> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (tcp) => {
    sockets.add(tcp);
    tcp.on('error', () => {});
    tcp.on('close', () => sockets.delete(tcp));
    onConnection(tcp);
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () =>
      resolve({
        url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/stream`,
        close: () => {
          for (const tcp of sockets) tcp.destroy();
          server.close();
        },
      }),
    );
  });
}

export function acceptanceOf(key: string): string {
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`;
}

export interface FrameBits {
  readonly opcode?: number;
  readonly fin?: boolean;
  /** 4: RSV1, 2: RSV2, 1: RSV3. */
  readonly rsv?: number;
  readonly masked?: boolean;
  /** Length to announce, when it is not that of the payload. */
  readonly announced?: number;
}

/** A WebSocket frame with every bit as asked (RFC 6455, 5.2). */
export function frame(payload: string | Buffer, bits: FrameBits = {}): Buffer {
  const { opcode = 1, fin = true, rsv = 0, masked = false } = bits;
  const body = Buffer.from(payload as string);
  const length = bits.announced ?? body.length;
  const first = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  const mask = masked ? 0x80 : 0;
  const head =
    length < 126
      ? Buffer.from([first, mask | length])
      : length < 65_536
        ? Buffer.from([first, mask | 126, length >> 8, length & 0xff])
        : Buffer.from(
            [first, mask | 127, 0, 0, 0, 0, length >>> 24, length >> 16, length >> 8, length].map(
              (byte) => byte & 0xff,
            ),
          );
  // A masking key of zeros leaves the payload as it is.
  return Buffer.concat([head, ...(masked ? [Buffer.alloc(4)] : []), body]);
}

/** The streamSid in the first bytes of the phone, which holds `start` whole: frames are masked with a key each. */
function unmaskedSid(data: Buffer): string {
  let text = '';
  for (let at = 0; at + 2 <= data.length; ) {
    const short = data[at + 1]! & 0x7f;
    const wide = short === 126;
    const length = wide ? data.readUInt16BE(at + 2) : short;
    const keyAt = at + (wide ? 4 : 2);
    const body = data.subarray(keyAt + 4, keyAt + 4 + length);
    text += Buffer.from(body.map((byte, i) => byte ^ data[keyAt + (i & 3)]!)).toString();
    at = keyAt + 4 + length;
  }
  return /"streamSid":"(MZ[0-9a-f]{32})"/.exec(text)?.[1] ?? '';
}
