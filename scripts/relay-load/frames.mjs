// WebSocket frames without a library: the generator must cost less than what it measures. RFC 6455, section 5.2.
import { createHash } from 'node:crypto';

/** One text frame. A client's is masked with the key 0, which is allowed and leaves the bytes as they are. */
export function textFrame(text, { masked }) {
  const payload = Buffer.from(text);
  const size = payload.length;
  const head = size < 126 ? [0x81, size] : size < 65_536 ? [0x81, 126, size >> 8, size & 255] : undefined;
  if (!head) throw new Error(`${size} bytes are too many for one frame`);
  if (masked) head[1] |= 0x80;
  return Buffer.concat([Buffer.from(head), masked ? Buffer.alloc(4) : Buffer.alloc(0), payload]);
}

/** Cuts a stream of bytes into frames: `onFrame(opcode, payload, mask)`, whose payload is masked still. */
export function frameReader(onFrame) {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    let data = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    for (;;) {
      if (data.length < 2) break;
      const masked = data[1] & 0x80;
      let size = data[1] & 0x7f;
      let at = 2;
      if (size === 126) {
        if (data.length < 4) break;
        size = data.readUInt16BE(2);
        at = 4;
      } else if (size === 127) {
        if (data.length < 10) break;
        size = Number(data.readBigUInt64BE(2));
        at = 10;
      }
      const mask = masked ? at : -1;
      if (masked) at += 4;
      if (data.length < at + size) break;
      onFrame(data[0] & 15, data.subarray(at, at + size), mask < 0 ? undefined : data.subarray(mask, mask + 4));
      data = data.subarray(at + size);
    }
    rest = data;
  };
}

export function unmasked(payload, mask) {
  const plain = Buffer.from(payload);
  for (let i = 0; mask && i < plain.length; i++) plain[i] ^= mask[i & 3];
  return plain.toString();
}

export function acceptKey(key) {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}
