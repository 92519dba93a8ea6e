import type { PhoneEvent } from '../events.js';
import type { Complain } from '../lint.js';

/** So many marks under one name are a habit. */
const HABIT = 4;

/** How a server uses marks. What they say while they wait counts: a name that is used again after it came back is fine. */
export class MarkJudge {
  readonly #complain: Complain;
  readonly #waiting = new Map<string, number>();
  readonly #names = new Set<string>();
  #marks = 0;
  #ambiguous = 0;
  #cuts = 0;

  constructor(complain: Complain) {
    this.#complain = complain;
  }

  event(event: PhoneEvent): void {
    if (event.type === 'mark') this.#mark(event.name);
    else if (event.type === 'mark-echo') this.#waiting.set(event.name, (this.#waiting.get(event.name) ?? 1) - 1);
    else if (event.type === 'clear' && event.droppedBytes > 0) this.#cuts++;
  }

  end(): void {
    if (this.#names.size === 1 && this.#marks >= HABIT && this.#ambiguous >= HABIT / 2) {
      const [name] = this.#names;
      this.#complain('mark/one-name', `all ${this.#marks} marks are called "${name!.slice(0, 40)}"`);
    }
    if (this.#marks === 0 && this.#cuts > 0) this.#complain('mark/never-used');
  }

  #mark(name: string): void {
    const waiting = this.#waiting.get(name) ?? 0;
    if (waiting > 0) this.#ambiguous++;
    this.#waiting.set(name, waiting + 1);
    this.#marks++;
    // Two are enough to know that there is more than one; a server with a name for each mark must not fill memory.
    if (this.#names.size < 2) this.#names.add(name);
    if (this.#waiting.size > MAX_NAMES) this.#waiting.clear();
  }
}

const MAX_NAMES = 10_000;
