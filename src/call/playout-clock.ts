/**
 * Where the caller's ear is, worked out from the relay's end of the line.
 *
 * The carrier plays a run of audio without a hole at a constant rate, so a run is known entirely by one number: when its
 * first byte was played. The relay cannot see that moment, but it sees echoes of it, each late by the way back:
 *
 *     echo of offset o at time T      →  anchor  T − o/rate          = start of the run + way back
 *     first byte of the run sent at t →  anchor  t + round trip      = start of the run + way back
 *
 * Every anchor estimates the same instant with its own jitter; their middle is better than any one of them. A message
 * sent now reaches the carrier one way later, so what will have been played when it arrives is
 *
 *     (now + round trip − anchor) × rate
 *
 * in which the two ways need not be equal, nor known one by one. `now` is always an argument.
 */
export class PlayoutClock {
  readonly #bytesPerMs: number;
  #roundTripsMs: number[] = [];
  #run: { readonly startOffset: number; readonly sentAtMs: number; anchorsMs: number[]; echoes: number } | undefined;

  constructor(bytesPerMs: number) {
    this.#bytesPerMs = bytesPerMs;
  }

  /** Middle of the round trips seen lately; undefined before the first. */
  get roundTripMs(): number | undefined {
    return this.#roundTripsMs.length > 0 ? middle(this.#roundTripsMs) : undefined;
  }

  /** A message that the carrier answers at once came back: `sentAtMs` to `nowMs` is one round trip. */
  roundTrip(sentAtMs: number, nowMs: number): void {
    this.#roundTripsMs.push(nowMs - sentAtMs);
    if (this.#roundTripsMs.length > ROUND_TRIPS_KEPT) this.#roundTripsMs.shift();
  }

  /** Round trips seen so far, at most those that are kept. */
  get roundTrips(): number {
    return this.#roundTripsMs.length;
  }

  /** Audio is sent into an empty buffer: playout starts when it arrives. */
  start(offset: number, nowMs: number): void {
    this.#run = { startOffset: offset, sentAtMs: nowMs, anchorsMs: [], echoes: 0 };
  }

  stop(): void {
    this.#run = undefined;
  }

  get running(): boolean {
    return this.#run !== undefined;
  }

  /** The echo of a mark at `offset` of the current run came back. */
  echo(offset: number, nowMs: number): void {
    const run = this.#run;
    // A mark at the very start of a run is the end of the one before: it tells of another moment.
    if (!run || offset <= run.startOffset) return;
    run.anchorsMs.push(nowMs - (offset - run.startOffset) / this.#bytesPerMs);
    run.echoes += 1;
    if (run.echoes === ENOUGH_ANCHORS) this.#learnFromStart(run.sentAtMs, middle(run.anchorsMs));
    if (run.anchorsMs.length > ANCHORS_KEPT) run.anchorsMs.shift();
  }

  /** Offset that will have been played when a message sent at `nowMs` reaches the carrier, unbounded; undefined when nothing runs. */
  offsetReachedBy(nowMs: number): number | undefined {
    const run = this.#run;
    if (!run) return undefined;
    const roundTripMs = this.roundTripMs;
    // Without a round trip, forward against forward: the clear takes as long as the first byte took.
    if (roundTripMs === undefined) return run.startOffset + (nowMs - run.sentAtMs) * this.#bytesPerMs;
    return run.startOffset + (nowMs + roundTripMs - this.#anchorMs(run, roundTripMs)) * this.#bytesPerMs;
  }

  /**
   * Offset that had been played when the carrier answered a message sent at `sentAtMs` and echoed at `echoedAtMs`.
   * Two looks at one instant, from the way there and from the way back; their mean has the jitter of neither.
   */
  offsetAnswered(sentAtMs: number, echoedAtMs: number): number | undefined {
    const run = this.#run;
    if (!run) return undefined;
    const roundTripMs = this.roundTripMs ?? echoedAtMs - sentAtMs;
    const answeredMs = (sentAtMs + roundTripMs + echoedAtMs) / 2;
    return run.startOffset + (answeredMs - this.#anchorMs(run, roundTripMs)) * this.#bytesPerMs;
  }

  /** How far apart the estimates of one instant lie: half their range, 0 when there are not two. Jitter, in one number. */
  get spreadMs(): number {
    const seen = this.#run && this.#run.anchorsMs.length > 1 ? this.#run.anchorsMs : this.#roundTripsMs;
    return seen.length > 1 ? (Math.max(...seen) - Math.min(...seen)) / 2 : 0;
  }

  /** A copy that later audio does not touch. */
  snapshot(): PlayoutClock {
    const copy = new PlayoutClock(this.#bytesPerMs);
    copy.#roundTripsMs = [...this.#roundTripsMs];
    copy.#run = this.#run && { ...this.#run, anchorsMs: [...this.#run.anchorsMs] };
    return copy;
  }

  /**
   * By now the anchors agree on when the first byte was heard: its way there and the way back are a round trip, too.
   * Unless the carrier waited before it began to play, which is no property of the line.
   */
  #learnFromStart(sentAtMs: number, anchorMs: number): void {
    const known = this.roundTripMs;
    const near = known !== undefined && Math.abs(anchorMs - sentAtMs - known) <= NEAR_MS + 2 * this.spreadMs;
    if (near) this.roundTrip(sentAtMs, anchorMs);
  }

  #anchorMs(run: { sentAtMs: number; anchorsMs: number[] }, roundTripMs: number): number {
    if (run.anchorsMs.length >= ENOUGH_ANCHORS) return middle(run.anchorsMs);
    return middle([run.sentAtMs + roundTripMs, ...run.anchorsMs]);
  }
}

/** Anchors older than this many marks may lie before an underrun the relay could not see. */
const ANCHORS_KEPT = 16;
const ENOUGH_ANCHORS = 4;
/** A start later than the round trip by more than this and twice the jitter was the carrier's own delay. */
const NEAR_MS = 10;
const ROUND_TRIPS_KEPT = 32;

/** Interquartile mean: as good as the mean against jitter, as good as the median against one late packet. */
function middle(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const cut = Math.floor(sorted.length / 4);
  const kept = sorted.slice(cut, sorted.length - cut);
  return kept.reduce((sum, value) => sum + value, 0) / kept.length;
}
