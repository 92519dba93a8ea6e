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
const LONGEST_HEADER_BYTES = 8;
const FIN_TEXT = 0x81;
const MASKED = 0x80;
const LONGEST_OF_7_BITS = 125;
const LENGTH_OF_16_BITS = 126;

const TEXT = { binary: false } as const;

/** A text, or pieces of one; the pieces are ASCII. */
export type Message = string | readonly string[];

/** Of all frames that go out in one write. */
const MAX_BATCH_BYTES = 64 * 1024;

interface Scratch {
  readonly bytes: Buffer;
  readonly words: Uint32Array;
}

/** One for all sockets of the process: between two writes nothing of it is needed any more. */
let scratch = newScratch();

/** Keys must not be foreseen (RFC 6455, 5.3): drawn from the system's source, many at a time. */
const keys = new Uint32Array(2 * 1024);
let nextKey = keys.length;

/**
 * Sends text messages on an open WebSocket without allocating: the frame is built (and a client's masked) in a piece of
 * memory that is used again, because what the kernel takes at once nobody keeps. 500 calls send 20 MB a second; in
 * buffers of their own these lie outside V8's heap and brought on a full collection three times a second, each of which
 * held the frames up for 10 to 30 ms.
 *
 * Everything that is not a short message on an idle plain socket goes through ws. Each frame is whole and is written in
 * one piece, so those of ws (a ping, a close, a long message) fall between two of them.
 */
export function sendMessage(
  socket: WebSocket,
  tcp: Socket,
  message: Message,
  from: 'client' | 'server' = 'client',
): void {
  const length = isIdle(tcp) ? fill(message) : undefined;
  if (length === undefined) {
    // As bytes: ws then makes one piece of header and text, and one plain write of it; of a string it makes two.
    socket.send(Buffer.from(typeof message === 'string' ? message : message.join('')), TEXT);
    return;
  }
  tcp.write(frame(length, from === 'client'));
  // The kernel did not take all of it: the socket holds on to this piece.
  if (tcp.writableLength > 0) scratch = newScratch();
}

let batch = Buffer.allocUnsafeSlow(MAX_BATCH_BYTES);

/**
 * The same for the server's side of a socket, where several messages often leave together: what `inOneWrite` sends goes
 * out as one write, which is one wake-up at the other end.
 */
export class ServerMessages {
  readonly #socket: WebSocket;
  readonly #tcp: Socket;
  /** Bytes of the batch that is being gathered; -1: none is. */
  #gathered = -1;

  constructor(socket: WebSocket, tcp: Socket) {
    this.#socket = socket;
    this.#tcp = tcp;
  }

  send(message: string): void {
    if (this.#gathered < 0) return sendMessage(this.#socket, this.#tcp, message, 'server');
    const length = fill(message);
    if (length !== undefined && this.#gathered + length + LONGEST_HEADER_BYTES <= MAX_BATCH_BYTES) {
      const bytes = frame(length, false);
      bytes.copy(batch, this.#gathered);
      this.#gathered += bytes.length;
      return;
    }
    // In order: what was gathered goes before it.
    this.#flush();
    this.#gathered = 0;
    sendMessage(this.#socket, this.#tcp, message, 'server');
  }

  /** Not to be nested, and nothing else is sent on other sockets meanwhile that would gather too. */
  inOneWrite(work: () => void): void {
    if (!isIdle(this.#tcp)) return work();
    this.#gathered = 0;
    try {
      work();
    } finally {
      this.#flush();
    }
  }

  #flush(): void {
    const gathered = this.#gathered;
    this.#gathered = -1;
    if (gathered <= 0) return;
    this.#tcp.write(batch.subarray(0, gathered));
    if (this.#tcp.writableLength > 0) batch = Buffer.allocUnsafeSlow(MAX_BATCH_BYTES);
  }
}

/** TLS keeps what it is given; and behind bytes that wait this one would have to wait too. */
function isIdle(tcp: Socket): boolean {
  return tcp.writableLength === 0 && tcp.writableCorked === 0 && !('encrypted' in tcp);
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

/** Puts the header before the payload, and masks it for a client; returns both, a view of the scratch. */
function frame(length: number, masked: boolean): Buffer {
  const { bytes, words } = scratch;
  let at = PAYLOAD_AT;
  if (masked) {
    const key = drawKey();
    const end = (PAYLOAD_AT + length + 3) >> 2;
    for (let word = PAYLOAD_AT >> 2; word < end; word++) words[word]! ^= key;
    words[(PAYLOAD_AT >> 2) - 1] = key;
    at -= 4;
  }
  const maskBit = masked ? MASKED : 0;
  if (length <= LONGEST_OF_7_BITS) {
    bytes[at - 2] = FIN_TEXT;
    bytes[at - 1] = maskBit | length;
    return bytes.subarray(at - 2, PAYLOAD_AT + length);
  }
  bytes[at - 4] = FIN_TEXT;
  bytes[at - 3] = maskBit | LENGTH_OF_16_BITS;
  bytes[at - 2] = length >> 8;
  bytes[at - 1] = length & 0xff;
  return bytes.subarray(at - 4, PAYLOAD_AT + length);
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
