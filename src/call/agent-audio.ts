import { bytesPerMs } from '../audio/format.js';
import type { Transcoder } from '../audio/transcode.js';
import type { Carrier, CarrierEncoder } from '../carrier/carrier.js';
import type { Clock } from '../clock.js';
import { Clears } from './clears.js';
import { Goodbye, type GoodbyeOutcome } from './goodbye.js';
import { HeldAudio } from './held-audio.js';
import { base64Bytes, base64Pieces } from './pieces.js';
import { type AudioSource, type Clearing, type ItemHeard, Playback, type Truncation } from './playback.js';

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
  /** Prefix of the names of marks: a stream that follows another one has another. `vb` when absent. */
  readonly name?: string;
  /** Keep what is unheard, so that a clear can be taken back. Without it `hold` clears for good. */
  readonly reversible?: boolean;
  /** Writes one message to the carrier's socket. */
  readonly send: (message: string) => void;
  /** Everything that `work` sends goes out in one write. */
  readonly inOneWrite: (work: () => void) => void;
  /** It is known what was heard of the items that a clear cut short. */
  readonly onTruncations: (truncations: readonly Truncation[]) => void;
  /** The same for every item that a clear found, heard whole or not, local audio included; before `onTruncations`. */
  readonly onHeard?: (items: readonly ItemHeard[]) => void;
  /** An item was played to its last byte, local audio included. */
  readonly onPlayed?: (item: ItemHeard) => void;
}

/** An interruption that may be none. */
interface Hold {
  /** Absent when there was nothing to clear: only what arrives is held. */
  readonly mark: string | undefined;
  readonly responseIds: readonly string[];
  readonly unheardMs: number;
}

/**
 * The agent's voice on its way to the caller: pieces and marks out, echoes in, and the ledger between them. After a clear
 * it waits for the carrier's word on when it acted, at most `settleTimeoutMs`, and then tells what was heard.
 *
 * ```
 * speaking ──clear──▶ speaking (anew)          what was heard is told
 * speaking ──hold───▶ held ──resume──▶ speaking (on from where it was heard; nobody is told anything)
 *                      └─────clear──▶ speaking (anew), as if it had been cleared at the hold
 * ```
 */
export class AgentAudio {
  readonly #options: AgentAudioOptions;
  readonly #playback: Playback;
  readonly #pieceBytes: number;
  readonly #bytesPerMs: number;
  /** Present only where barge-in is reversible. */
  readonly #held: HeldAudio | undefined;
  readonly #clears: Clears;
  readonly #goodbyes = new Set<Goodbye>();
  #hold: Hold | undefined;
  #fillerSent = false;
  #localNumber = 0;
  #holds = 0;
  #protectedResponse: string | undefined;

  constructor(options: AgentAudioOptions) {
    const { carrier, transcoder, settings, onPlayed } = options;
    this.#options = options;
    this.#bytesPerMs = bytesPerMs(carrier.output);
    this.#pieceBytes = settings.markEveryMs * this.#bytesPerMs;
    this.#held = options.reversible ? new HeldAudio() : undefined;
    this.#playback = new Playback({
      bytesPerMs: this.#bytesPerMs,
      markEveryMs: settings.markEveryMs,
      heardSlackMs: settings.heardSlackMs,
      codecDelayMs: transcoder.delayMs,
      name: options.name ?? 'vb',
      ...(onPlayed && { onPlayed }),
    });
    this.#clears = new Clears({
      clock: options.clock,
      settleTimeoutMs: settings.settleTimeoutMs,
      settle: (mark) => this.#playback.settle(mark),
      onSettled: (settlement) => {
        options.onHeard?.(settlement.items);
        options.onTruncations(settlement.truncations);
      },
    });
  }

  /** May an interruption still find something unheard? */
  get hasUnheard(): boolean {
    return this.#hold !== undefined || this.#playback.hasUnheard;
  }

  /** Milliseconds of audio that will still wait at the carrier when a message sent now arrives; while held, of what is held. */
  get unheardMs(): number {
    if (this.#hold) return this.#hold.unheardMs + this.#held!.waitingBytes / this.#bytesPerMs;
    return this.#playback.unheardMs(this.#options.clock.now());
  }

  /** An interruption is being thought about: nothing is sent. */
  get held(): boolean {
    return this.#hold !== undefined;
  }

  /** Bytes of audio kept in case it must be sent again. */
  get keptBytes(): number {
    return this.#held?.bytes ?? 0;
  }

  /** Everything that was sent was played, as the carrier's marks say, and nothing is held. */
  get playedOut(): boolean {
    return this.#hold === undefined && this.#playback.allAcknowledged;
  }

  /** Milliseconds until the caller's voice may stop the agent again; 0: it may. */
  get protectedMs(): number {
    const leftMs = this.#playback.protectedMs(this.#options.clock.now());
    return this.#protectedResponse === undefined ? leftMs : Math.max(leftMs, PROTECTED_STEP_MS);
  }

  /** What has been heard by now of every item of which neither `onPlayed` nor `onHeard` has told, held ones included. */
  get heard(): readonly ItemHeard[] {
    return [...this.#clears.items, ...this.#playback.heard(this.#options.clock.now())];
  }

  /** One delta of the model: base64 in its format, safe to be joined into a message. */
  say(source: AudioSource, payload: string): void {
    const audio = this.#options.transcoder.base64(payload);
    if (this.#hold) return this.#held!.wait({ type: 'audio', source, payload: audio });
    if (this.#fillerSent) this.#cutFiller();
    this.#options.inOneWrite(() => this.#transmit(source, audio));
    if (this.#goodbyes.size > 0) this.#markEnd();
  }

  /**
   * Audio of our own, base64 in the carrier's format, behind everything sent so far. The model is told nothing of it;
   * `onPlayed` or `onHeard` tell of it under this name. A filler is cut short when the model has something to say.
   */
  sayLocal(name: string, payload: string, options: { interruptible?: boolean; filler?: boolean } = {}): void {
    const { interruptible = true, filler = false } = options;
    this.#localNumber += 1;
    const local = { interruptible, filler };
    const source: AudioSource = { responseId: '', itemId: name, contentIndex: this.#localNumber, local };
    if (this.#hold) {
      this.#held!.wait({ type: 'audio', source, payload });
      this.#held!.wait({ type: 'item-done', itemId: name });
      return;
    }
    if (filler) this.#fillerSent = true;
    this.#options.inOneWrite(() => {
      this.#transmit(source, payload);
      this.#itemDone(name);
    });
  }

  /** The caller's voice must not stop this response, from now until `unprotect` and all that was sent of it is played. */
  protect(responseId: string): void {
    this.#protectedResponse = responseId;
  }

  /** The protected response is complete, or has failed; without an id, whichever it was. */
  unprotect(responseId = this.#protectedResponse): void {
    if (this.#protectedResponse === responseId) this.#protectedResponse = undefined;
  }

  itemDone(itemId: string): void {
    if (this.#hold) this.#held!.wait({ type: 'item-done', itemId });
    else this.#itemDone(itemId);
  }

  /** In an empty buffer a mark comes back at once: a fresh round trip for nothing. Sent when nothing else is. */
  probe(): void {
    this.#sendMark(this.#playback.probe(this.#options.clock.now()));
  }

  /**
   * Silences the caller's ear now. Returns the responses of which something will not be heard. While held the ear is
   * silent already: the hold becomes final, and counts from when it began.
   */
  clear(): readonly string[] {
    const responseIds = this.#hold ? this.#commit(this.#hold) : this.#sendClear(false).responseIds;
    // Last: whoever waits for the end may have something else to say now.
    for (const goodbye of this.#goodbyes) goodbye.interrupted();
    return responseIds;
  }

  /**
   * Silences the caller's ear now, and keeps what was not heard and what still arrives until `resume` or `clear`. False
   * when it cannot be taken back: then nothing was done, and it is for `clear`.
   */
  hold(): boolean {
    if (!this.#held) return false;
    if (this.#hold) return true;
    const { unheardMs } = this;
    const clearing = this.#playback.hasUnheard ? this.#sendClear(true) : undefined;
    this.#hold = { mark: clearing?.mark, responseIds: clearing?.responseIds ?? [], unheardMs };
    return true;
  }

  /**
   * It was no interruption: what was not heard is sent again, from where it was heard, and what arrived meanwhile behind
   * it. Returns how many milliseconds that is.
   */
  resume(): number {
    const hold = this.#hold;
    const held = this.#held;
    if (!hold || !held) return 0;
    this.#hold = undefined;
    const settlement = hold.mark === undefined ? undefined : this.#clears.takeBack(hold.mark);
    let entries = held.takeWaiting();
    if (settlement) {
      const kept = held.takeFrom(settlement.heardOffset);
      this.#playback.resume(settlement, kept.fromOffset);
      entries = [...kept.entries, ...entries];
    }
    let bytes = 0;
    this.#options.inOneWrite(() => {
      for (const entry of entries) {
        if (entry.type === 'item-done') this.#itemDone(entry.itemId);
        else bytes += this.#transmit(entry.source, entry.payload);
      }
    });
    if (this.#goodbyes.size > 0) this.#markEnd();
    this.#checkGoodbyes();
    return bytes / this.#bytesPerMs;
  }

  markEchoed(name: string): void {
    const echo = this.#playback.markEchoed(name, this.#options.clock.now());
    if (echo.kind === 'settled') this.#clears.settled(echo.settlement);
    else if (echo.kind === 'played') {
      if (this.#held && !this.#hold) this.#forgetHeard();
      if (this.#playback.wantsProbe) this.probe();
      this.#checkGoodbyes();
    }
  }

  /** There is no more time to wait for the carrier: tells what was heard as far as the clock knows. */
  settleNow(): void {
    this.#clears.tellNow();
  }

  /**
   * Tells when everything that was sent has been played to its last sample, or that it will not be. For the end of a call
   * and before it is handed over; call it when the last response is done. The returned function gives it up.
   */
  whenPlayed(graceMs: number, onEnd: (outcome: GoodbyeOutcome) => void): () => void {
    const { clock } = this.#options;
    this.#markEnd();
    const ended = (outcome: GoodbyeOutcome): void => {
      this.#goodbyes.delete(goodbye);
      onEnd(outcome);
    };
    const goodbye = new Goodbye({ clock, voice: this, graceMs, onEnd: ended });
    this.#goodbyes.add(goodbye);
    return () => {
      goodbye.cancel();
      this.#goodbyes.delete(goodbye);
    };
  }

  /** Nothing more is told. */
  stop(): void {
    this.#clears.stop();
    for (const goodbye of this.#goodbyes) goodbye.cancel();
    this.#goodbyes.clear();
    this.#hold = undefined;
    this.#held?.forget();
    this.#options.transcoder.free();
  }

  /** Returns the bytes that were sent. */
  #transmit(source: AudioSource, payload: string): number {
    const { clock, encoder, send } = this.#options;
    const nowMs = clock.now();
    let sent = 0;
    for (const piece of base64Pieces(payload, this.#pieceBytes)) {
      const bytes = base64Bytes(piece);
      if (bytes === 0) continue;
      sent += bytes;
      send(encoder.media(piece));
      this.#sendMark(this.#playback.audio(source, bytes, nowMs));
    }
    if (this.#protectedResponse === source.responseId) this.#playback.protect();
    if (this.#held && sent > 0) {
      this.#held.sent({ type: 'audio', source, payload });
      this.#forgetHeard();
    }
    return sent;
  }

  #itemDone(itemId: string): void {
    this.#held?.sent({ type: 'item-done', itemId });
    this.#sendMark(this.#playback.itemDone(itemId, this.#options.clock.now()));
  }

  #forgetHeard(): void {
    this.#held!.heard(this.#playback.surelyHeardBytes(this.#options.clock.now()));
  }

  /** The tone that filled the silence is not to hold up the answer. Nothing else may wait with it. */
  #cutFiller(): void {
    this.#fillerSent = false;
    if (!this.#playback.onlyFillerUnheard(this.#options.clock.now())) return;
    this.#sendClear(false);
  }

  #sendClear(undecided: boolean): Clearing {
    const { clock, encoder, send } = this.#options;
    send(encoder.clear());
    const clearing = this.#playback.clear(clock.now());
    this.#sendMark(clearing.mark);
    this.#clears.sent(clearing.mark, undecided);
    if (!undecided) this.#held?.forget();
    return clearing;
  }

  #commit({ mark, responseIds }: Hold): readonly string[] {
    this.#hold = undefined;
    const unsent = this.#held!.takeWaiting();
    if (mark !== undefined) {
      this.#held!.forget();
      this.#clears.decided(mark, unsent);
    } else {
      this.#holds += 1;
      const nothing = `held:${this.#holds}`;
      this.#clears.decided(nothing, unsent, this.#playback.emptySettlement(nothing));
    }
    const killed = new Set(responseIds);
    for (const entry of unsent) {
      if (entry.type === 'audio' && entry.source.local === undefined) killed.add(entry.source.responseId);
    }
    return [...killed];
  }

  #checkGoodbyes(): void {
    for (const goodbye of this.#goodbyes) goodbye.check();
  }

  #markEnd(): void {
    this.#sendMark(this.#playback.endMark(this.#options.clock.now()));
  }

  #sendMark(name: string | undefined): void {
    if (name !== undefined) this.#options.send(this.#options.encoder.mark(name));
  }
}

/** A response that is still being made may go on for longer than what was sent: it is asked again after this. */
const PROTECTED_STEP_MS = 100;
