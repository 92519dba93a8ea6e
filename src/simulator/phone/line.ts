import type WebSocket from 'ws';
import type { Clock } from '../../clock.js';
import { DEFAULTS } from '../../options.js';
import type { Random } from '../../random.js';
import type { NetworkOptions } from './dial-options.js';
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

/** An open socket seen through the carrier's network: all that passes it, the close included, takes its time and stays in order. */
export class Line {
  readonly #socket: WebSocket;
  readonly #clock: Clock;
  readonly #handlers: LineHandlers;
  readonly #toServer: Link;
  readonly #toPhone: Link;
  #unread = false;

  constructor(socket: WebSocket, clock: Clock, network: NetworkOptions, random: Random, handlers: LineHandlers) {
    this.#socket = socket;
    this.#clock = clock;
    this.#handlers = handlers;
    const { toServerMs, toPhoneMs, jitterMs } = network;
    this.#toServer = createLink(clock, { delayMs: toServerMs, jitterMs }, random);
    this.#toPhone = createLink(clock, { delayMs: toPhoneMs, jitterMs }, random);
    socket.on('message', this.#socketOnMessage);
    socket.on('ping', this.#socketOnPing);
    socket.on('error', this.#socketOnError);
    socket.on('close', this.#socketOnClose);
  }

  send(text: string): void {
    this.#toServer.send(() => {
      if (this.#isRead()) this.#socket.send(text);
    });
  }

  /** Closes with code 1000 behind everything that was sent; cuts the line when the server does not answer. */
  close(): void {
    this.#toServer.send(() => {
      this.#socket.close(1000);
      const cancel = this.#clock.at(this.#clock.now() + DEFAULTS.phone.closeTimeoutMs, () => this.#socket.terminate());
      this.#socket.once('close', cancel);
    });
  }

  /** Lets messages in: the socket comes paused. */
  open(): void {
    this.#socket.resume();
  }

  #isRead(): boolean {
    if (this.#socket.readyState !== this.#socket.OPEN) return false;
    if (this.#socket.bufferedAmount <= DEFAULTS.phone.maxUnreadBytes) return true;
    if (!this.#unread) this.#handlers.onUnread();
    this.#unread = true;
    return false;
  }

  #socketOnMessage = (data: Buffer, isBinary: boolean): void => {
    this.#toPhone.send(() => this.#handlers.onMessage(data, isBinary));
  };

  #socketOnPing = (data: Buffer): void => {
    if (this.#isRead()) this.#socket.pong(data);
  };

  #socketOnError = (error: Error): void => {
    const code = 'code' in error ? String(error.code) : '';
    if (code.startsWith('WS_ERR_')) this.#handlers.onProtocolError(code, error.message);
  };

  #socketOnClose = (code: number): void => {
    this.#toPhone.send(() => this.#handlers.onClose(code));
  };
}
