import { bytesPerMs } from '../audio/format.js';
import type { Transcoder } from '../audio/transcode.js';
import type { Carrier, CarrierEncoder } from '../carrier/carrier.js';
import type { Clock } from '../clock.js';
import { base64Bytes, base64Pieces } from './pieces.js';
import { type AudioSource, Playback, type Truncation } from './playback.js';

export interface AgentAudioOptions {
  readonly carrier: Carrier;
  readonly encoder: CarrierEncoder;
  /** From the model's format to the carrier's. */
  readonly transcoder: Transcoder;
  readonly clock: Clock;
  readonly settings: {
    readonly markEveryMs: number;
    readonly settleTimeoutMs: number;
    readonly heardSlackMs: number;
  };
  /** Writes one message to the carrier's socket. */
  readonly send: (message: string) => void;
  /** Everything that `work` sends goes out in one write. */
  readonly inOneWrite: (work: () => void) => void;
  /** It is known what was heard of the items that a clear cut short. */
  readonly onTruncations: (truncations: readonly Truncation[]) => void;
}

/**
 * The agent's voice on its way to the caller: pieces and marks out, echoes in, and the ledger between them. After a clear
 * it waits for the carrier's word on when it acted, at most `settleTimeoutMs`, and then tells what was heard.
 */
export class AgentAudio {
  readonly #options: AgentAudioOptions;
  readonly #playback: Playback;
  readonly #pieceBytes: number;
  /** Clears that the carrier has not answered yet: settling mark → its timer. */
  readonly #settling = new Map<string, () => void>();

  constructor(options: AgentAudioOptions) {
    const { carrier, transcoder, settings } = options;
    this.#options = options;
    this.#pieceBytes = settings.markEveryMs * bytesPerMs(carrier.output);
    this.#playback = new Playback({
      bytesPerMs: bytesPerMs(carrier.output),
      markEveryMs: settings.markEveryMs,
      heardSlackMs: settings.heardSlackMs,
      codecDelayMs: transcoder.delayMs,
      name: 'vb',
    });
  }

  /** May an interruption still find something unheard? */
  get hasUnheard(): boolean {
    return this.#playback.hasUnheard;
  }

  /** Milliseconds of audio that will still wait at the carrier when a message sent now arrives. */
  get unheardMs(): number {
    return this.#playback.unheardMs(this.#options.clock.now());
  }

  /** One delta of the model: base64 in its format, safe to be joined into a message. */
  say(source: AudioSource, payload: string): void {
    const { clock, encoder, transcoder, send, inOneWrite } = this.#options;
    const nowMs = clock.now();
    inOneWrite(() => {
      for (const piece of base64Pieces(transcoder.base64(payload), this.#pieceBytes)) {
        const bytes = base64Bytes(piece);
        if (bytes === 0) continue;
        send(encoder.media(piece));
        this.#sendMark(this.#playback.audio(source, bytes, nowMs));
      }
    });
  }

  itemDone(itemId: string): void {
    this.#sendMark(this.#playback.itemDone(itemId, this.#options.clock.now()));
  }

  /** In an empty buffer a mark comes back at once: a fresh round trip for nothing. Sent when nothing else is. */
  probe(): void {
    this.#sendMark(this.#playback.probe(this.#options.clock.now()));
  }

  /** Silences the caller's ear now. Returns the responses of which something will not be heard. */
  clear(): readonly string[] {
    const { clock, encoder, settings, send } = this.#options;
    const nowMs = clock.now();
    send(encoder.clear());
    const { mark, responseIds } = this.#playback.clear(nowMs);
    this.#sendMark(mark);
    const giveUp = (): void => this.#settle(mark, this.#playback.settle(mark));
    this.#settling.set(mark, clock.at(nowMs + settings.settleTimeoutMs, giveUp));
    return responseIds;
  }

  markEchoed(name: string): void {
    const echo = this.#playback.markEchoed(name, this.#options.clock.now());
    if (echo.kind === 'settled') this.#settle(echo.mark, echo.truncations);
    else if (echo.kind === 'played' && this.#playback.wantsProbe) this.probe();
  }

  /** There is no more time to wait for the carrier: tells what was heard as far as the clock knows. */
  settleNow(): void {
    for (const mark of [...this.#settling.keys()]) this.#settle(mark, this.#playback.settle(mark));
  }

  /** Nothing more is told. */
  stop(): void {
    for (const cancel of this.#settling.values()) cancel();
    this.#settling.clear();
    this.#options.transcoder.free();
  }

  #settle(mark: string, truncations: readonly Truncation[]): void {
    const cancelTimer = this.#settling.get(mark);
    if (!cancelTimer) return;
    cancelTimer();
    this.#settling.delete(mark);
    this.#options.onTruncations(truncations);
  }

  #sendMark(name: string | undefined): void {
    if (name !== undefined) this.#options.send(this.#options.encoder.mark(name));
  }
}
