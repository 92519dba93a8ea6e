/** How a response is asked for. */
export interface Ask {
  /** For this response only. Asks without instructions that wait together are one. */
  readonly instructions?: string;
  readonly toolChoice?: 'none';
  /** What the model is to be told right before. */
  readonly tell?: () => void;
  /** Asks in another way than `respond`; false: it cannot, ask as usual. */
  readonly speak?: () => boolean;
  /** Asked for again when its response was cancelled before anything of it went to the caller. */
  readonly untilHeard?: boolean;
}

/** An ask, and what has become of it. */
interface Entry {
  readonly ask: Ask;
  told: boolean;
  /** It was not asked for at once: the model knew what it is about before. */
  waited: boolean;
  /** How often its response began. */
  begun: number;
}

export interface FloorOptions {
  /** No response is being made or asked for, and the caller is silent. */
  readonly isFree: () => boolean;
  readonly respond: (options: { readonly instructions?: string; readonly toolChoice?: 'none' }) => void;
}

/**
 * Who wants the agent to speak, one behind the other. The model takes a request for a response only while it makes none,
 * and while the caller speaks an answer would talk over them: until then a request waits here.
 *
 * ```
 * ask ──floor free──▶ respond ──response started──▶ forgotten
 *                        └──refused────────┴──▶ waits again
 *                                                untilHeard: also when the response was cancelled unheard
 * ```
 */
export class Floor {
  readonly #options: FloorOptions;
  #waiting: Entry[] = [];
  /** Asked for, not begun. */
  #asked: Entry[] = [];
  /** Of those that the last response seems to answer, the ones it does not when the model had begun it by itself. */
  #unsure: Entry[] = [];
  /** Of the response that is being made: what is lost when nothing of it is heard. */
  #saying: Entry[] = [];

  constructor(options: FloorOptions) {
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0 && this.#asked.length === 0;
  }

  /** `first`: before all that waits. The returned function takes it back, as long as it waits. */
  ask(ask: Ask = {}, { first = false } = {}): () => void {
    const entry: Entry = { ask, told: false, waited: false, begun: 0 };
    if (first) this.#waiting.unshift(entry);
    else this.#waiting.push(entry);
    this.flush();
    if (this.#waiting.includes(entry)) entry.waited = true;
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== entry);
      this.#saying = this.#saying.filter((other) => other !== entry);
    };
  }

  /** Something has ended: perhaps the next may be asked for. */
  flush(): void {
    if (this.#waiting.length === 0 || !this.#options.isFree()) return;
    const first = this.#waiting[0]!.ask;
    const count = isPlain(first) ? this.#waiting.findIndex(({ ask }) => !isPlain(ask)) : 1;
    this.#asked = this.#waiting.splice(0, count < 0 ? this.#waiting.length : count);
    for (const entry of this.#asked) {
      if (!entry.told) entry.ask.tell?.();
      entry.told = true;
    }
    const { instructions, toolChoice, speak } = first;
    if (speak?.()) return;
    this.#options.respond({ ...(instructions !== undefined && { instructions }), ...(toolChoice && { toolChoice }) });
  }

  /**
   * The model has begun a response. One that it began by itself, because the caller had finished, answers everything
   * that it was told before.
   */
  responseStarted(): void {
    if (this.#asked.length === 0) this.#waiting = this.#waiting.filter((entry) => !isAnsweredByAny(entry));
    this.#unsure = this.#asked.filter(({ ask, waited }) => !waited || !isPlain(ask) || ask.tell);
    this.#saying = this.#asked.filter(({ ask }) => ask.untilHeard);
    for (const entry of this.#saying) entry.begun += 1;
    this.#asked = [];
  }

  /** The response has ended. `unheard`: it was cancelled, and nothing of it went to the caller. */
  responseDone(unheard: boolean): void {
    if (unheard) this.#waiting = [...this.#saying.filter(({ begun }) => begun < MOST_TRIES), ...this.#waiting];
    this.#saying = [];
  }

  /** Whoever stopped the agent did not want to hear it. */
  silenced(): void {
    this.#saying = [];
  }

  /**
   * The model would not: it was making a response already, which it may have told of by now. What is asked for again it has
   * been told.
   */
  refused(): void {
    this.#waiting = [...(this.#asked.length > 0 ? this.#asked : this.#unsure), ...this.#waiting];
    this.#asked = [];
    this.#unsure = [];
    this.#saying = [];
  }

  /** Nothing that was asked for will come any more. */
  forgetAsked(): void {
    this.#asked = [];
  }
}

function isAnsweredByAny({ ask, told }: Entry): boolean {
  return isPlain(ask) && (ask.tell === undefined || told);
}

function isPlain({ instructions, speak, toolChoice }: Ask): boolean {
  return instructions === undefined && speak === undefined && toolChoice === undefined;
}

/** Callers who speak into it every time do not want to hear it. */
const MOST_TRIES = 3;
