import { PCMU_8K } from '../../src/audio/format.js';
import type { Transcoder } from '../../src/audio/transcode.js';
import { AgentAudio } from '../../src/call/agent-audio.js';
import type { GoodbyeOutcome } from '../../src/call/goodbye.js';
import type { ItemHeard, Truncation } from '../../src/call/playback.js';
import { twilioCarrier } from '../../src/carrier/twilio.js';
import { Playout } from '../../src/simulator/phone/playout.js';
import { VirtualClock } from './virtual-clock.js';

export interface AgentLineOptions {
  readonly toCarrierMs?: number;
  readonly toRelayMs?: number;
  readonly jitterMs?: number;
  /** 0 ≤ x < 1 */
  readonly random?: () => number;
  readonly reversible?: boolean;
  readonly name?: string;
  /** A carrier that never sends a mark back. */
  readonly deaf?: boolean;
}

/** A stretch at the caller's ear: which of whose bytes, and when the first of them was heard. */
export interface HeardStretch {
  readonly item: string;
  readonly index: number;
  readonly bytes: number;
  readonly atMs: number;
}

/**
 * The agent's voice on a line to the simulated phone's playout buffer, in virtual time. Every three bytes of audio say
 * which item they belong to and where in it they stand, so that it is known of each byte whether it was heard, and how
 * often.
 */
export class AgentLine {
  readonly clock = new VirtualClock();
  readonly agent: AgentAudio;
  readonly heard: HeardStretch[] = [];
  /** One line for each thing the session is told. */
  readonly told: string[] = [];
  readonly truncations: Truncation[] = [];
  readonly items: ItemHeard[] = [];
  readonly played: ItemHeard[] = [];
  readonly outcomes: GoodbyeOutcome[] = [];
  /** `media 798`, `clear`; without marks. */
  readonly sent: string[] = [];
  /** Names of the marks that were sent. */
  readonly marks: string[] = [];
  readonly #options: Required<Omit<AgentLineOptions, 'reversible' | 'name'>>;
  readonly #playout: Playout;
  /** Messages at the phone that were not heard or dropped yet: where in the stream, and what. */
  #received: { offset: number; item: string; index: number; bytes: number }[] = [];
  #receivedBytes = 0;
  readonly #names: string[] = [];
  readonly #made = new Map<string, number>();
  #lastDownMs = 0;
  #lastUpMs = 0;
  #cancelWake: (() => void) | undefined;

  constructor({ reversible = true, name, ...options }: AgentLineOptions = {}) {
    const defaults = { toCarrierMs: 0, toRelayMs: 0, jitterMs: 0, random: () => 0.5, deaf: false };
    this.#options = { ...defaults, ...options };
    this.#playout = new Playout({
      clearDelayMs: 0,
      maxBufferedBytes: 4_800_000,
      onHeard: ({ length }, streamOffset, playedAtMs) => {
        for (let at = streamOffset; at < streamOffset + length; ) {
          this.#received = this.#received.slice(this.#received.findIndex(({ offset, bytes }) => offset + bytes > at));
          const { offset, item, index, bytes } = this.#received[0]!;
          const heard = Math.min(offset + bytes, streamOffset + length) - at;
          const atMs = playedAtMs + (at - streamOffset) / 8;
          this.heard.push({ item, index: index + at - offset, bytes: heard, atMs });
          at += heard;
        }
      },
      onEvent: (event) => {
        if (event.type === 'mark' && !this.#options.deaf) this.#up(() => this.agent.markEchoed(event.name));
      },
    });
    this.agent = new AgentAudio({
      carrier: twilioCarrier,
      encoder: twilioCarrier.stream('MZ0'),
      transcoder: identity,
      clock: this.clock,
      settings: { markEveryMs: 100, settleTimeoutMs: 400, heardSlackMs: 3 },
      reversible,
      ...(name !== undefined && { name }),
      send: (text) => this.#send(JSON.parse(text)),
      inOneWrite: (work) => work(),
      onTruncations: (truncations) => {
        this.truncations.push(...truncations);
        for (const { itemId, audioEndMs } of truncations) this.told.push(`truncate ${itemId} ${audioEndMs}`);
      },
      onHeard: (items) => this.items.push(...items),
      onPlayed: (item) => {
        this.played.push(item);
        this.told.push(`played ${item.itemId}`);
      },
    });
    this.agent.probe();
  }

  /** `ms` more of an item's audio, in one delta; a multiple of 3 ms, so that three bytes stay together. */
  say(itemId: string, ms: number, responseId = `r-${itemId}`): void {
    this.agent.say({ responseId, itemId, contentIndex: 0 }, this.audio(itemId, ms));
  }

  /** A whole item. */
  answer(itemId: string, ms: number): void {
    this.say(itemId, ms);
    this.agent.itemDone(itemId);
  }

  audio(item: string, ms: number): string {
    if (ms % 3 !== 0) throw new Error(`${ms} ms of audio do not come in threes of bytes`);
    let number = this.#names.indexOf(item);
    if (number < 0) number = this.#names.push(item) - 1;
    const from = this.#made.get(item) ?? 0;
    const bytes = Buffer.alloc(ms * 8);
    for (let i = 0; i < bytes.length; i += 3) {
      bytes[i] = number;
      bytes.writeUInt16BE((from + i) / 3, i + 1);
    }
    this.#made.set(item, from + bytes.length);
    return bytes.toString('base64');
  }

  advance(ms: number): void {
    this.clock.advance(ms);
    this.#playout.advance(this.clock.now());
  }

  whenPlayed(graceMs = 1_000): void {
    this.agent.whenPlayed(graceMs, (outcome) => this.outcomes.push(outcome));
  }

  /** Milliseconds of an item that were not heard, or more than once, and the widest jump between two stretches of it. */
  faults(item: string): { missingMs: number; repeatedMs: number; jumpMs: number } {
    const total = this.#made.get(item) ?? 0;
    const times = new Uint8Array(total);
    let jumpBytes = 0;
    let end = 0;
    for (const { item: whose, index, bytes } of this.heard) {
      if (whose !== item) continue;
      for (let i = index; i < index + bytes; i++) times[i]! += 1;
      jumpBytes = Math.max(jumpBytes, Math.abs(index - end));
      end = index + bytes;
    }
    const missing = times.filter((count) => count === 0).length;
    const repeated = times.reduce((sum, count) => sum + Math.max(0, count - 1), 0);
    return { missingMs: missing / 8, repeatedMs: repeated / 8, jumpMs: jumpBytes / 8 };
  }

  /** Highest byte of an item that was heard, in milliseconds of it: what a truncation has to say. */
  heardMs(item: string): number {
    let end = 0;
    for (const one of this.heard) if (one.item === item) end = Math.max(end, one.index + one.bytes);
    return end / 8;
  }

  #send(message: { event: string; media: { payload: string }; mark: { name: string } }): void {
    if (message.event === 'mark') {
      this.marks.push(message.mark.name);
      return this.#down(() => this.#playout.mark(this.clock.now(), message.mark.name));
    }
    if (message.event === 'clear') {
      this.sent.push('clear');
      return this.#down(() => this.#playout.clear(this.clock.now()));
    }
    const bytes = Buffer.from(message.media.payload, 'base64');
    this.sent.push(`media ${bytes.length}`);
    this.#down(() => {
      const item = this.#names[bytes[0]!] ?? 'unknown';
      const index = bytes.readUInt16BE(1) * 3;
      this.#received.push({ offset: this.#receivedBytes, item, index, bytes: bytes.length });
      this.#receivedBytes += bytes.length;
      this.#playout.media(this.clock.now(), bytes);
    });
  }

  #down(act: () => void): void {
    this.#lastDownMs = Math.max(this.#lastDownMs, this.clock.now() + this.#delay(this.#options.toCarrierMs));
    this.clock.at(this.#lastDownMs, () => {
      act();
      this.#wake();
    });
  }

  #up(act: () => void): void {
    this.#lastUpMs = Math.max(this.#lastUpMs, this.clock.now() + this.#delay(this.#options.toRelayMs));
    this.clock.at(this.#lastUpMs, act);
  }

  #delay(baseMs: number): number {
    return Math.max(0, baseMs + (this.#options.random() * 2 - 1) * this.#options.jitterMs);
  }

  /** The playout tells of a mark when it is asked: it is asked when the next one is due. */
  #wake(): void {
    this.#cancelWake?.();
    const nextMs = this.#playout.nextMs();
    if (nextMs === undefined) return;
    this.#cancelWake = this.clock.at(nextMs, () => {
      this.#playout.advance(this.clock.now());
      this.#wake();
    });
  }
}

const identity: Transcoder = {
  from: PCMU_8K,
  to: PCMU_8K,
  identity: true,
  delayMs: 0,
  base64: (payload) => payload,
  bytes: (chunk) => chunk,
  flush: () => new Uint8Array(0),
  free: () => {},
};
