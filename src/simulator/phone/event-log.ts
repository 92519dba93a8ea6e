import { DEFAULTS } from '../../options.js';
import type { PhoneEvent } from './events.js';
import { GrowingNumbers } from './numbers.js';

const FRAME_BYTES = DEFAULTS.phone.frameMs * 8;
/** Numbers kept of a frame: when it was sent, when it was due, its chunk. */
const NUMBERS = 3;

/**
 * The events of a call in order. The 50 frames a second are kept as numbers, 24 bytes each, and become events when
 * somebody asks for the list: as objects they would be most of what a call keeps alive.
 */
export class EventLog {
  readonly #others: PhoneEvent[] = [];
  /** How many frames came before each of the others. */
  readonly #framesBefore: number[] = [];
  readonly #numbers = new GrowingNumbers();
  #frames = 0;
  #list: readonly PhoneEvent[] | undefined;

  get length(): number {
    return this.#others.length + this.#frames;
  }

  push(event: PhoneEvent): true {
    if (event.type === 'frame') return this.pushFrame(event.atMs, event.dueMs, event.chunk);
    this.#list = undefined;
    this.#others.push(event);
    this.#framesBefore.push(this.#frames);
    return true;
  }

  pushFrame(atMs: number, dueMs: number, chunk: number): true {
    this.#list = undefined;
    this.#frames++;
    this.#numbers.push(atMs);
    this.#numbers.push(dueMs);
    this.#numbers.push(chunk);
    return true;
  }

  /** The same list until something is added. */
  list(): readonly PhoneEvent[] {
    this.#list ??= this.#build();
    return this.#list;
  }

  #build(): PhoneEvent[] {
    const events: PhoneEvent[] = [];
    let frame = 0;
    for (const [i, other] of this.#others.entries()) {
      while (frame < this.#framesBefore[i]!) events.push(this.#frame(frame++));
      events.push(other);
    }
    while (frame < this.#frames) events.push(this.#frame(frame++));
    return events;
  }

  #frame(index: number): PhoneEvent {
    const at = NUMBERS * index;
    const [atMs, dueMs, chunk] = [0, 1, 2].map((i) => this.#numbers.at(at + i)!) as [number, number, number];
    return { type: 'frame', atMs, dueMs, chunk, bytes: FRAME_BYTES };
  }
}
