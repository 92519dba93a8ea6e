import type { StreamSids } from '../../../carrier/twilio/phone.js';
import type { OpenSocket } from '../socket.js';

export type ForkTrack = 'inbound_track' | 'outbound_track' | 'both_tracks';

export interface ForkOptions {
  /** Open and paused. */
  readonly opened: OpenSocket;
  readonly sids: StreamSids;
  readonly track: ForkTrack;
  readonly parameters: Readonly<Record<string, string>>;
  /** When a frame was spoken, as `media.timestamp` has it. */
  readonly timestamp: (frame: number) => number;
  /** The server said something, which it must not. The stream ends. */
  readonly onMessage: () => void;
  /** Once; by the phone's own `close` too. */
  readonly onEnd: (code: number) => void;
}

type Track = 'inbound' | 'outbound';

const TRACKS: Readonly<Record<ForkTrack, readonly Track[]>> = {
  inbound_track: ['inbound'],
  outbound_track: ['outbound'],
  both_tracks: ['inbound', 'outbound'],
};

/**
 * The one-way stream of `<Start>`: `connected`, `start` with its tracks, and their audio, one frame of each in turn. One
 * series of sequence numbers runs over all of it, each track counts its chunks.
 * Source: https://www.twilio.com/docs/voice/media-streams/websocket-messages
 */
export class Fork {
  /** Resolves when its socket has closed. */
  readonly gone: Promise<void>;
  readonly #options: ForkOptions;
  readonly #tracks: readonly Track[];
  #sequence = 0;
  #frames = 0;
  #closed = false;

  constructor(options: ForkOptions) {
    this.#options = options;
    this.#tracks = TRACKS[options.track];
    const { socket } = options.opened;
    socket.on('error', () => {});
    socket.on('message', () => {
      if (this.#closed) return;
      options.onMessage();
      this.close();
    });
    this.gone = new Promise((resolve) => {
      socket.on('close', (code) => {
        options.onEnd(code);
        resolve();
      });
    });
    const { accountSid, callSid, streamSid } = options.sids;
    socket.send('{"event":"connected","protocol":"Call","version":"1.0.0"}');
    const tracks = JSON.stringify(this.#tracks);
    const parameters = JSON.stringify(options.parameters);
    socket.send(
      `{"event":"start","sequenceNumber":"${++this.#sequence}","start":{"accountSid":"${accountSid}","streamSid":"${streamSid}","callSid":"${callSid}","tracks":${tracks},"mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1},"customParameters":${parameters}},"streamSid":"${streamSid}"}`,
    );
    socket.resume();
  }

  /** 20 ms of both sides, base64 of µ-law. Runs 50 times a second. */
  frame(inbound: string, outbound: () => string): void {
    const { opened, sids, timestamp } = this.#options;
    const { socket } = opened;
    if (this.#closed || socket.readyState !== socket.OPEN) return;
    const frame = this.#frames++;
    const atMs = timestamp(frame);
    for (const track of this.#tracks) {
      const payload = track === 'inbound' ? inbound : outbound();
      socket.send(
        `{"event":"media","sequenceNumber":"${++this.#sequence}","media":{"track":"${track}","chunk":"${frame + 1}","timestamp":"${atMs}","payload":"${payload}"},"streamSid":"${sids.streamSid}"}`,
      );
    }
  }

  /** Ends it as Twilio ends a stream. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const { opened, sids } = this.#options;
    const { accountSid, callSid, streamSid } = sids;
    const { socket } = opened;
    if (socket.readyState !== socket.OPEN) return;
    socket.send(
      `{"event":"stop","sequenceNumber":"${++this.#sequence}","streamSid":"${streamSid}","stop":{"accountSid":"${accountSid}","callSid":"${callSid}"}}`,
    );
    socket.close(1000);
    // A server that never answers the close does not keep the process.
    setTimeout(() => socket.terminate(), CLOSE_TIMEOUT_MS).unref();
  }
}

const CLOSE_TIMEOUT_MS = 1000;
