import type { Clock } from '../clock.js';
import type { ItemHeard, Settlement } from './heard.js';
import type { HeldEntry } from './held-audio.js';
import { base64Bytes } from './pieces.js';

/** A clear whose outcome has not been told yet. */
interface Open {
  cancelTimer: () => void;
  settlement?: Settlement;
  /** Whether it will be taken back is not decided: nothing is told meanwhile. */
  undecided: boolean;
  /** What the answer went on with after the clear. */
  unsent: readonly HeldEntry[];
}

export interface ClearsOptions {
  readonly clock: Clock;
  /** How long the carrier's answer is waited for. */
  readonly settleTimeoutMs: number;
  /** What the ledger's clock says when there is no time to wait for the carrier. */
  readonly settle: (mark: string) => Settlement | undefined;
  readonly onSettled: (settlement: Settlement) => void;
}

/** Clears that were sent, until it has been told what they cut off: a few in a call, seldom two at once. */
export class Clears {
  readonly #options: ClearsOptions;
  readonly #open = new Map<string, Open>();

  constructor(options: ClearsOptions) {
    this.#options = options;
  }

  /** A clear was sent, and this mark behind it. */
  sent(mark: string, undecided: boolean): void {
    const { clock, settleTimeoutMs, settle } = this.#options;
    const giveUp = (): void => {
      const settlement = settle(mark);
      if (settlement) this.settled(settlement);
    };
    const cancelTimer = clock.at(clock.now() + settleTimeoutMs, giveUp);
    this.#open.set(mark, { cancelTimer, undecided, unsent: [] });
  }

  /** It is known when the clear acted. */
  settled(settlement: Settlement): void {
    const open = this.#open.get(settlement.mark);
    if (!open) return;
    open.cancelTimer();
    open.settlement = settlement;
    if (!open.undecided) this.#tell(open, settlement);
  }

  /** What was heard of the items of clears that are settled, and not told yet. */
  get items(): readonly ItemHeard[] {
    return [...this.#open.values()].flatMap(({ settlement }) => settlement?.items ?? []);
  }

  /** The clear is taken back, and nothing is told of it. */
  takeBack(mark: string): Settlement | undefined {
    const open = this.#open.get(mark);
    open?.cancelTimer();
    this.#open.delete(mark);
    return open?.settlement ?? this.#options.settle(mark);
  }

  /**
   * The clear stands. What is known of it already is told when the present call stack has ended, so that the response is
   * cancelled first, or by `tellNow`.
   */
  decided(mark: string, unsent: readonly HeldEntry[], settled?: Settlement): void {
    const open = this.#open.get(mark) ?? { cancelTimer: () => {}, undecided: false, unsent };
    this.#open.set(mark, open);
    open.undecided = false;
    open.unsent = unsent;
    const settlement = open.settlement ?? settled;
    if (!settlement) return;
    open.settlement = settlement;
    const { clock } = this.#options;
    open.cancelTimer = clock.at(clock.now(), () => this.#tell(open, settlement));
  }

  /** There is no more time to wait for the carrier. */
  tellNow(): void {
    for (const [mark, open] of [...this.#open]) {
      if (open.undecided) continue;
      const settlement = open.settlement ?? this.#options.settle(mark);
      if (settlement) this.#tell(open, settlement);
    }
  }

  stop(): void {
    for (const { cancelTimer } of this.#open.values()) cancelTimer();
    this.#open.clear();
  }

  #tell(open: Open, settlement: Settlement): void {
    if (!this.#open.delete(settlement.mark)) return;
    open.cancelTimer();
    for (const entry of open.unsent) {
      if (entry.type === 'audio') settlement.neverSent(entry.source, base64Bytes(entry.payload));
      else settlement.itemDone(entry.itemId);
    }
    this.#options.onSettled(settlement);
  }
}
