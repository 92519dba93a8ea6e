import { type PhoneEncoder, phoneEncoder, type StreamSids } from '../../carrier/twilio/phone.js';
import type { Clock } from '../../clock.js';
import { type Random, seededRandom } from '../../random.js';
import type { CompleteOptions } from './dial-options.js';
import { Duplicate } from './duplicate.js';
import { Line, type LineHandlers } from './line.js';
import { drawSid } from './sid.js';
import type { OpenSocket } from './socket.js';
import { mediaTimestamps } from './timestamps.js';

export interface StreamsOptions {
  /** The first one: open and paused. Left out by a call that has none yet. */
  readonly opened?: OpenSocket;
  /** Opens another one to the same place. */
  readonly openAnother: () => Promise<OpenSocket>;
  readonly options: CompleteOptions;
  readonly clock: Clock;
  readonly sids: StreamSids;
  /** Makes another series of random numbers of the call's seed. */
  readonly series: () => Random;
  /** The call has ended; its last stream may still be there. */
  readonly isOver: () => boolean;
  /** Told of the present stream only. */
  readonly handlers: LineHandlers;
}

export interface Reconnecting {
  /** Frames of the caller that have been spoken. */
  readonly frames: () => number;
  /** The new stream has been started; nothing of it has been read. */
  readonly onStart: (streamSid: string) => void;
  readonly onFailure: () => void;
}

/**
 * The streams of one call, one behind the other: each begins with `connected` and `start`, numbers its messages anew,
 * and runs over a line of its own.
 *
 *   connected ── drop: reset · leave: stop, close ──▶ between two streams ── reconnect ──▶ connected
 */
export class CallStreams {
  readonly #options: StreamsOptions;
  readonly #sids: string[] = [];
  readonly #duplicates = new Set<Duplicate>();
  #line: Line | undefined;
  #wire: PhoneEncoder | undefined;
  #timestamp: (frame: number) => number = () => 0;
  #parameters: Readonly<Record<string, string>>;
  /** Frames that had been spoken when the present stream began: it counts its own from 0. */
  #firstFrame = 0;
  #connected: boolean;

  /** Sends `connected` and `start` back to back. */
  constructor(options: StreamsOptions) {
    this.#options = options;
    this.#parameters = options.options.parameters ?? {};
    const { opened } = options;
    this.#connected = opened !== undefined;
    if (opened) [this.#wire, this.#timestamp, this.#line] = this.#start(opened, options.sids, options.series);
  }

  /** There is a stream; none between a drop and a reconnect. */
  get connected(): boolean {
    return this.#connected;
  }

  /** Of all streams so far. */
  get sids(): readonly string[] {
    return this.#sids;
  }

  /** What carries the present stream, or the last one. */
  get line(): Line | undefined {
    return this.#line;
  }

  /** Sends frame number `frame` of the caller. Runs 50 times a second. */
  frame(frame: number, payload: string): void {
    this.#line!.send(this.#wire!.mediaPieces(this.#timestamp(frame - this.#firstFrame), payload));
    for (const duplicate of this.#duplicates) duplicate.frame(payload);
  }

  mark(name: string): void {
    this.#line?.send(this.#wire!.mark(name));
  }

  dtmf(digit: string): void {
    this.#line?.send(this.#wire!.dtmf(digit));
  }

  stop(): void {
    this.#line?.send(this.#wire!.stop());
  }

  /** Nothing of the present stream counts any more. */
  disconnect(): void {
    this.#connected = false;
  }

  /** Opens another stream for the same call, as TwiML behind `<Connect>` would. The present one must be disconnected. */
  reconnect(afterMs: number, reconnecting: Reconnecting): void {
    const { clock, openAnother, isOver } = this.#options;
    clock.at(clock.now() + afterMs, () => {
      if (isOver()) return;
      openAnother().then(
        (opened) => this.#restart(opened, reconnecting),
        () => {
          if (!isOver()) reconnecting.onFailure();
        },
      );
    });
  }

  /** Goes on over this stream, as `reconnect` does over the one that it opens. The present one must be disconnected. */
  adopt(
    opened: OpenSocket,
    streamSid: string,
    parameters: Readonly<Record<string, string>>,
    reconnecting: Pick<Reconnecting, 'frames' | 'onStart'>,
  ): void {
    this.#parameters = parameters;
    this.#restart(opened, reconnecting, streamSid);
  }

  /** Opens a second stream of this call beside the present one; returns what closes it. */
  duplicate(random: Random, onEnd: (text: string) => void): () => void {
    const { sids, openAnother } = this.#options;
    const duplicate = new Duplicate({
      sids: { ...sids, streamSid: drawSid('MZ', random) },
      parameters: this.#parameters,
      open: openAnother,
      timestamp: mediaTimestamps(random),
      onEnd: (text) => {
        this.#duplicates.delete(duplicate);
        onEnd(text);
      },
    });
    this.#duplicates.add(duplicate);
    return () => duplicate.close();
  }

  closeDuplicates(): void {
    for (const duplicate of this.#duplicates) duplicate.close();
  }

  #restart(opened: OpenSocket, { frames, onStart }: Pick<Reconnecting, 'frames' | 'onStart'>, sid?: string): void {
    const { options, sids, isOver } = this.#options;
    if (isOver()) return opened.socket.terminate();
    const random = seededRandom(options.seed + 104_729 * this.#sids.length);
    const streamSid = sid ?? drawSid('MZ', random);
    const series = (): Random => seededRandom(Math.floor(random() * 2 ** 32));
    [this.#wire, this.#timestamp, this.#line] = this.#start(opened, { ...sids, streamSid }, series);
    this.#connected = true;
    this.#firstFrame = frames();
    onStart(streamSid);
    this.#line!.open();
  }

  #start(opened: OpenSocket, sids: StreamSids, series: () => Random): [PhoneEncoder, (frame: number) => number, Line] {
    this.#sids.push(sids.streamSid);
    const wire = phoneEncoder(sids);
    const timestamp = mediaTimestamps(series());
    const line = this.#lineOn(opened, series);
    line.send(wire.connected());
    line.send(wire.start(this.#parameters));
    return [wire, timestamp, line];
  }

  #lineOn(opened: OpenSocket, series: () => Random): Line {
    const { clock, options, handlers, isOver } = this.#options;
    const present = (act: () => void): void => {
      // Of a stream that was given up nothing is heard any more; of one that ended the call, how it closed.
      if (this.#line === line && (this.#connected || isOver())) act();
    };
    const line: Line = new Line({
      ...opened,
      clock,
      network: options.network,
      random: { toServer: series(), toPhone: series() },
      assume: options,
      handlers: {
        onMessage: (data, isBinary) => present(() => handlers.onMessage(data, isBinary)),
        onProtocolError: (code, message) => present(() => handlers.onProtocolError(code, message)),
        onUnread: () => present(() => handlers.onUnread()),
        onClose: (code) => present(() => handlers.onClose(code)),
      },
    });
    return line;
  }
}
