import type { Socket } from 'node:net';
import type WebSocket from 'ws';
import type { Clock } from '../../clock.js';
import { DEFAULTS } from '../../options.js';
import type { Random } from '../../random.js';
import { type Message, sendMessage } from '../../text-frames.js';
import type { Assumptions } from './assumptions.js';
import type { NetworkOptions } from './carrier-script.js';
import type { Direction } from './faults.js';
import { Gate } from './gate.js';
import { createLink, type Link } from './network.js';

export interface LineHandlers {
  /** A message came out of the network. */
  readonly onMessage: (data: Buffer, isBinary: boolean) => void;
  /** The server broke the WebSocket protocol; `onClose` follows. */
  readonly onProtocolError: (code: string, message: string) => void;
  /** The server has stopped reading; what is sent now is lost. Once. */
  readonly onUnread: () => void;
  readonly onClose: (code: number) => void;
}

export interface LineOptions {
  /** Open and paused. */
  readonly socket: WebSocket;
  /** What carries it. */
  readonly tcp: Socket;
  readonly clock: Clock;
  readonly network: NetworkOptions;
  /** One per direction, so that what the server does cannot change what the phone draws. */
  readonly random: { readonly toServer: Random; readonly toPhone: Random };
  readonly assume: Pick<Assumptions, 'maxUnreadBytes' | 'closeCode' | 'pingEveryMs'>;
  readonly handlers: LineHandlers;
}

/**
 * So many messages are taken in one turn of the event loop; the rest waits for the next. A server that floods the phone
 * can then not keep its frames and its timers from their turn.
 */
const MESSAGES_A_TURN = 256;

/**
 * An open socket seen through the carrier's network: all that passes it, the close included, takes its time and stays
 * in order. Faults act on it: directions stall or bunch, the socket is not read, is dead, is reset.
 */
export class Line {
  readonly #options: LineOptions;
  readonly #socket: WebSocket;
  readonly #clock: Clock;
  readonly #toServer: Link;
  readonly #toPhone: Link;
  readonly #toServerGate = new Gate();
  readonly #toPhoneGate = new Gate();
  readonly #reasonsNotToRead = new Set<'turn' | 'slow' | 'dead'>();
  #unread = false;
  #taken = 0;
  #lastPing: Buffer | undefined;
  #cancelPing: () => void = () => {};

  constructor(options: LineOptions) {
    const { socket, clock, network, random } = options;
    this.#options = options;
    this.#socket = socket;
    this.#clock = clock;
    const { toServerMs, toPhoneMs, jitterMs } = network;
    this.#toServer = createLink(clock, { delayMs: toServerMs, jitterMs }, random.toServer);
    this.#toPhone = createLink(clock, { delayMs: toPhoneMs, jitterMs }, random.toPhone);
    socket.on('message', this.#socketOnMessage);
    socket.on('ping', this.#socketOnPing);
    socket.on('error', this.#socketOnError);
    socket.on('close', this.#socketOnClose);
  }

  /** Nothing is sent or read any more, and the other end does not know. */
  get dead(): boolean {
    return this.#reasonsNotToRead.has('dead');
  }

  send(message: Message): void {
    this.#leave(() => {
      if (this.#isRead()) sendMessage(this.#socket, this.#options.tcp, message);
    });
  }

  /** Closes as Twilio does behind everything that was sent; cuts the line when the server does not answer. */
  close(): void {
    this.#cancelPing();
    this.#toServerGate.flush();
    this.#toPhoneGate.flush();
    this.#leave(() => {
      if (this.dead) return;
      this.#readOn('slow');
      const { closeCode } = this.#options.assume;
      if (closeCode === 1006) return this.#socket.terminate();
      this.#socket.close(closeCode === 1005 ? undefined : closeCode);
      const cancel = this.#clock.at(this.#clock.now() + DEFAULTS.phone.closeTimeoutMs, () => this.#socket.terminate());
      this.#socket.once('close', cancel);
    });
  }

  /** Lets messages in: the socket comes paused. */
  open(): void {
    this.#socket.resume();
    this.#pingOn();
  }

  /** Nothing arrives in this direction until the returned function is called. */
  stall(direction: Direction): () => void {
    return all(this.#gates(direction).map((gate) => gate.shut()));
  }

  /** Messages of this direction arrive so many at a time until the returned function is called. */
  bunch(direction: Direction, frames: number): () => void {
    return all(this.#gates(direction).map((gate) => gate.bunch(frames)));
  }

  /** The phone does not read its socket until the returned function is called. */
  stopReading(): () => void {
    this.#dontRead('slow');
    return () => this.#readOn('slow');
  }

  /** From now on nothing is sent or read. The socket stays until it is cut. */
  die(): void {
    this.#cancelPing();
    this.#dontRead('dead');
  }

  /** Ends the connection at once: with a TCP reset, or without anything more being said. */
  cut(how: 'reset' | 'silently'): void {
    if (how === 'silently') return this.#socket.terminate();
    // Inside TLS Node cannot reset; then the connection ends without a closing handshake of either layer.
    try {
      this.#options.tcp.resetAndDestroy();
    } catch {
      this.#socket.terminate();
    }
  }

  #leave(arrive: () => void): void {
    this.#toServer.send(() => this.#toServerGate.pass(arrive));
  }

  #come(arrive: () => void): void {
    this.#toPhone.send(() => this.#toPhoneGate.pass(arrive));
  }

  #gates(direction: Direction): Gate[] {
    if (direction === 'both') return [this.#toServerGate, this.#toPhoneGate];
    return [direction === 'to-server' ? this.#toServerGate : this.#toPhoneGate];
  }

  #isRead(): boolean {
    if (this.#socket.readyState !== this.#socket.OPEN || this.dead) return false;
    if (this.#socket.bufferedAmount <= this.#options.assume.maxUnreadBytes) return true;
    if (!this.#unread) this.#options.handlers.onUnread();
    this.#unread = true;
    return false;
  }

  #dontRead(because: 'turn' | 'slow' | 'dead'): void {
    this.#reasonsNotToRead.add(because);
    this.#socket.pause();
  }

  #readOn(because: 'turn' | 'slow'): void {
    this.#reasonsNotToRead.delete(because);
    if (this.#reasonsNotToRead.size === 0) this.#socket.resume();
  }

  #pingOn(): void {
    const { pingEveryMs } = this.#options.assume;
    if (pingEveryMs === 0) return;
    this.#cancelPing = this.#clock.at(this.#clock.now() + pingEveryMs, () => {
      this.#leave(() => {
        if (this.#isRead()) this.#socket.ping();
      });
      this.#pingOn();
    });
  }

  /** Counts what came in this turn of the event loop. */
  #take(): void {
    if (this.#taken++ === 0) setImmediate(this.#turnOver);
    if (this.#taken === MESSAGES_A_TURN) this.#dontRead('turn');
  }

  #turnOver = (): void => {
    this.#taken = 0;
    // Of several pings only the last needs an answer (RFC 6455, 5.5.3).
    if (this.#lastPing && this.#isRead()) this.#socket.pong(this.#lastPing);
    this.#lastPing = undefined;
    if (this.#reasonsNotToRead.has('turn')) this.#readOn('turn');
  };

  #socketOnMessage = (data: Buffer, isBinary: boolean): void => {
    this.#take();
    this.#come(() => {
      if (!this.dead) this.#options.handlers.onMessage(data, isBinary);
    });
  };

  #socketOnPing = (data: Buffer): void => {
    this.#take();
    this.#lastPing = data;
  };

  #socketOnError = (error: Error): void => {
    const code = 'code' in error ? String(error.code) : '';
    if (code.startsWith('WS_ERR_')) this.#options.handlers.onProtocolError(code, error.message);
  };

  #socketOnClose = (code: number): void => {
    this.#cancelPing();
    this.#come(() => this.#options.handlers.onClose(code));
  };
}

function all(acts: readonly (() => void)[]): () => void {
  return () => {
    for (const act of acts) act();
  };
}
