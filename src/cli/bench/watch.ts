import { type Clock, systemClock } from '../../clock.js';
import type { BenchCall, Progress } from '../../measure/bench.js';
import type { Screen, Terminal } from '../terminal.js';
import { Estimate, leftText } from './estimate.js';
import { liveTable } from './live-table.js';

/** What is seen of a bench while it goes on. */
export interface Watch {
  onProgress(progress: Progress): void;
  onCall(call: Pick<BenchCall, 'soFar'>): void;
  close(): void;
}

/** On a terminal a table that fills; elsewhere a line for every run. Both say how much is left. */
export function watchBench(terminal: Terminal, clock: Clock = systemClock): Watch {
  return terminal.live ? new LiveWatch(terminal, clock) : plainWatch(terminal, clock);
}

function plainWatch(terminal: Terminal, clock: Clock): Watch {
  const estimate = new Estimate(clock.now());
  return {
    onProgress(progress) {
      estimate.tell(progress.done, progress.planned, clock.now());
      const leftMs = estimate.leftMs(clock.now());
      const left = leftMs === undefined ? '' : `, ${leftText(leftMs)}`;
      terminal.say(`${nameOf(progress)} (${progress.done} of ${progress.planned} done${left})`);
    },
    onCall: () => {},
    close: () => {},
  };
}

function nameOf({ scenario, run, runs, repeatedBecause }: Progress): string {
  return `${scenario} ${run}/${runs}${repeatedBecause === undefined ? '' : `, again: ${repeatedBecause}`}`;
}

const DRAW_EVERY_MS = 1_000;
const BAR = 24;

class LiveWatch implements Watch {
  readonly #terminal: Terminal;
  readonly #clock: Clock;
  readonly #screen: Screen;
  readonly #estimate: Estimate;
  #progress: Progress | undefined;
  #table: readonly string[] = [];
  #cancel: () => void = () => {};
  #closed = false;

  constructor(terminal: Terminal, clock: Clock) {
    this.#terminal = terminal;
    this.#clock = clock;
    this.#screen = terminal.screen();
    this.#estimate = new Estimate(clock.now());
  }

  onProgress(progress: Progress): void {
    this.#progress = progress;
    this.#estimate.tell(progress.done, progress.planned, this.#clock.now());
    this.#draw();
  }

  onCall({ soFar }: Pick<BenchCall, 'soFar'>): void {
    // Sorting thousands of samples takes its time: once per call, when no call is going on, and not in every picture.
    this.#table = liveTable(soFar);
    this.#draw();
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
    this.#screen.close();
  }

  #draw(): void {
    if (this.#closed || !this.#progress) return;
    this.#cancel();
    const now = this.#clock.now();
    const { done, planned } = this.#progress;
    const full = Math.round(this.#estimate.share() * BAR);
    const leftMs = this.#estimate.leftMs(now);
    const left = leftMs === undefined ? '' : `, ${leftText(leftMs)}`;
    const { err } = this.#terminal;
    const columns = this.#terminal.columns() - 1;
    const bar = `${err.cyan('█'.repeat(full))}${err.dim('░'.repeat(BAR - full))}`;
    this.#screen.draw([
      cut(nameOf(this.#progress), columns),
      `${bar} ${cut(`${done} of ${planned} done${left}`, Math.max(0, columns - BAR - 1))}`,
      ...this.#table.map((line, index) => (index === 0 ? err.dim(cut(line, columns)) : cut(line, columns))),
    ]);
    this.#cancel = this.#clock.at(now + DRAW_EVERY_MS, () => this.#draw());
  }
}

/** A line that the terminal would wrap cannot be drawn over. */
function cut(line: string, columns: number): string {
  const signs = [...line];
  return signs.length <= columns ? line : `${signs.slice(0, Math.max(0, columns - 1)).join('')}…`;
}
