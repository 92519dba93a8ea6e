import { type PhoneEncoder, phoneEncoder, type StreamSids } from '../../carrier/twilio/phone.js';
import type { OpenSocket } from './socket.js';

export interface DuplicateOptions {
  /** The call's, with a streamSid of its own. */
  readonly sids: StreamSids;
  readonly parameters: Readonly<Record<string, string>>;
  readonly open: () => Promise<OpenSocket>;
  readonly timestamp: (frame: number) => number;
  /** What became of it, one sentence without a full stop. */
  readonly onEnd: (text: string) => void;
}

/**
 * A second stream of a call that goes on, as a server sees it when it is called twice: `connected`, `start` with the
 * same callSid, and the same caller from here on. What the server says on it is counted, not heard.
 */
export class Duplicate {
  readonly #options: DuplicateOptions;
  readonly #wire: PhoneEncoder;
  #opened: OpenSocket | undefined;
  #frames = 0;
  #messages = 0;
  #closed = false;

  constructor(options: DuplicateOptions) {
    this.#options = options;
    this.#wire = phoneEncoder(options.sids);
    options.open().then(
      (opened) => this.#start(opened),
      (error: unknown) => this.#end(error instanceof Error ? error.message : String(error)),
    );
  }

  /** Sends a frame of the caller on this stream too; does nothing while it is not open. */
  frame(payload: string): void {
    const socket = this.#opened?.socket;
    if (!socket || socket.readyState !== socket.OPEN) return;
    socket.send(this.#wire.media(this.#options.timestamp(this.#frames++), payload));
  }

  /** Ends it as Twilio ends a stream. */
  close(): void {
    const socket = this.#opened?.socket;
    this.#closed = true;
    if (!socket) return;
    if (socket.readyState === socket.OPEN) socket.send(this.#wire.stop());
    socket.close(1000);
  }

  #start(opened: OpenSocket): void {
    const { socket } = opened;
    this.#opened = opened;
    socket.on('error', () => {});
    socket.on('message', () => {
      this.#messages++;
    });
    socket.on('close', (code) => {
      const by = this.#closed ? 'the phone' : 'the server';
      this.#end(`${by} closed it (code ${code}); the server had sent ${this.#messages} messages on it`);
    });
    socket.send(this.#wire.connected());
    socket.send(this.#wire.start(this.#options.parameters));
    socket.resume();
    if (this.#closed) this.close();
  }

  #end(text: string): void {
    this.#options.onEnd(text);
  }
}
