import { randomFillSync } from 'node:crypto';
import type { Socket } from 'node:net';
import type WebSocket from 'ws';

/** Where the payload begins in the scratch: behind the longest header of a short message, and on a word of 4 bytes. */
const PAYLOAD_AT = 8;
/** Of the payload; a frame of the caller has about 370 bytes. What is longer goes the way of ws. */
const MAX_PAYLOAD_BYTES = 4 * 1024;
/** Of UTF-16 text, at most, for each of its units. */
const UTF8_BYTES = 3;

/** Final frame, text (RFC 6455, 5.2). */
const FIN_TEXT = 0x81;
const MASKED = 0x80;
const LONGEST_OF_7_BITS = 125;
const LENGTH_OF_16_BITS = 126;

const TEXT = { binary: false } as const;

/** A text, or pieces of one; the pieces are ASCII. */
export type Message = string | readonly string[];

interface Scratch {
  readonly bytes: Buffer;
  readonly words: Uint32Array;
}

/** One for all phones of the process: between two writes nothing of it is needed any more. */
let scratch = newScratch();

/** Keys must not be foreseen (RFC 6455, 5.3): drawn from the system's source, many at a time. */
const keys = new Uint32Array(2 * 1024);
let nextKey = keys.length;

/**
 * Sends text messages on an open WebSocket of a client without allocating: the frame is built and masked in a piece of
 * memory that is used again, because what the kernel takes at once nobody keeps. 500 calls send 20 MB a second; in
 * buffers of their own these lie outside V8's heap and brought on a full collection three times a second, each of which
 * held the frames up for 10 to 30 ms.
 *
 * Everything that is not a short message on an idle plain socket goes through ws. Each frame is whole and is written in
 * one piece, so those of ws (a ping, a close, a long message) fall between two of them.
 */
export function sendMessage(socket: WebSocket, tcp: Socket, message: Message): void {
  // TLS keeps what it is given; and behind bytes that wait this one would have to wait too.
  const atOnce = tcp.writableLength === 0 && tcp.writableCorked === 0 && !('encrypted' in tcp);
  const length = atOnce ? fill(message) : undefined;
  if (length === undefined) {
    // As bytes: ws then makes one piece of header and text, and one plain write of it; of a string it makes two.
    socket.send(Buffer.from(typeof message === 'string' ? message : message.join('')), TEXT);
    return;
  }
  tcp.write(frame(length));
  // The kernel did not take all of it: the socket holds on to this piece.
  if (tcp.writableLength > 0) scratch = newScratch();
}

/** Writes the payload to its place; returns its length, undefined when it may not fit. */
function fill(message: Message): number | undefined {
  const { bytes } = scratch;
  if (typeof message === 'string')
    return message.length * UTF8_BYTES > MAX_PAYLOAD_BYTES ? undefined : bytes.write(message, PAYLOAD_AT);
  let length = 0;
  for (const piece of message) {
    if (length + piece.length > MAX_PAYLOAD_BYTES) return undefined;
    length += bytes.write(piece, PAYLOAD_AT + length, 'latin1');
  }
  return length;
}

/** Masks the payload and puts the header before it; returns both, a view of the scratch. */
function frame(length: number): Buffer {
  const { bytes, words } = scratch;
  const key = drawKey();
  const end = (PAYLOAD_AT + length + 3) >> 2;
  for (let word = PAYLOAD_AT >> 2; word < end; word++) words[word]! ^= key;
  words[(PAYLOAD_AT >> 2) - 1] = key;
  if (length <= LONGEST_OF_7_BITS) {
    bytes[PAYLOAD_AT - 6] = FIN_TEXT;
    bytes[PAYLOAD_AT - 5] = MASKED | length;
    return bytes.subarray(PAYLOAD_AT - 6, PAYLOAD_AT + length);
  }
  bytes[PAYLOAD_AT - 8] = FIN_TEXT;
  bytes[PAYLOAD_AT - 7] = MASKED | LENGTH_OF_16_BITS;
  bytes[PAYLOAD_AT - 6] = length >> 8;
  bytes[PAYLOAD_AT - 5] = length & 0xff;
  return bytes.subarray(PAYLOAD_AT - 8, PAYLOAD_AT + length);
}

function drawKey(): number {
  if (nextKey === keys.length) {
    randomFillSync(keys);
    nextKey = 0;
  }
  return keys[nextKey++]!;
}

function newScratch(): Scratch {
  const memory = new ArrayBuffer(PAYLOAD_AT + MAX_PAYLOAD_BYTES);
  return { bytes: Buffer.from(memory), words: new Uint32Array(memory) };
}
