/** The narrowest view: a fiftieth of a second shows single samples. */
const NARROWEST_MS = 20;

/** The part of the call that is on the screen, and who wants to know of it. Milliseconds. */
export class View {
  /** @param {number} durationMs */
  constructor(durationMs) {
    this.durationMs = Math.max(NARROWEST_MS, durationMs);
    this.fromMs = 0;
    this.toMs = this.durationMs;
    this.listeners = [];
  }

  /** @param {() => void} listener */
  onChange(listener) {
    this.listeners.push(listener);
  }

  get spanMs() {
    return this.toMs - this.fromMs;
  }

  /** Shows from … to, moved and narrowed to fit into the call. */
  show(fromMs, toMs) {
    const span = Math.min(this.durationMs, Math.max(NARROWEST_MS, toMs - fromMs));
    const middle = (fromMs + toMs) / 2;
    const from = Math.min(this.durationMs - span, Math.max(0, middle - span / 2));
    if (from === this.fromMs && from + span === this.toMs) return;
    this.fromMs = from;
    this.toMs = from + span;
    for (const listener of this.listeners) listener();
  }

  /** Shows `factor` times as much, the moment `aroundMs` staying where it is. */
  zoom(factor, aroundMs) {
    const span = Math.min(this.durationMs, Math.max(NARROWEST_MS, this.spanMs * factor));
    const share = (aroundMs - this.fromMs) / this.spanMs;
    const from = aroundMs - share * span;
    this.show(from, from + span);
  }

  move(byMs) {
    const from = Math.min(this.durationMs - this.spanMs, Math.max(0, this.fromMs + byMs));
    this.show(from, from + this.spanMs);
  }

  /** Moves as little as it takes to have the moment in sight. */
  reveal(ms) {
    if (ms >= this.fromMs && ms <= this.toMs) return;
    const from = ms - this.spanMs * 0.2;
    this.show(from, from + this.spanMs);
  }

  fit() {
    this.show(0, this.durationMs);
  }

  /** Where a moment lies: 0 the left edge, 1 the right one. */
  shareOf(ms) {
    return (ms - this.fromMs) / this.spanMs;
  }

  msAt(share) {
    return this.fromMs + share * this.spanMs;
  }
}
