/** How a response is asked for. */
export interface Ask {
  /** For this response only. Asks without instructions that wait together are one. */
  readonly instructions?: string;
  readonly toolChoice?: 'none';
  /** What the model is to be told right before. */
  readonly tell?: () => void;
  /** Asks in another way than `respond`; false: it cannot, ask as usual. */
  readonly speak?: () => boolean;
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
 *                        └──refused──▶ waits again
 * ```
 */
export class Floor {
  readonly #options: FloorOptions;
  #waiting: Ask[] = [];
  /** Asked for, not begun. */
  #asked: Ask[] = [];

  constructor(options: FloorOptions) {
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0 && this.#asked.length === 0;
  }

  ask(ask: Ask = {}): void {
    this.#waiting.push(ask);
    this.flush();
  }

  /** Something has ended: perhaps the next may be asked for. */
  flush(): void {
    if (this.#waiting.length === 0 || !this.#options.isFree()) return;
    const [first] = this.#waiting;
    const count = isPlain(first!) ? this.#waiting.findIndex((ask) => !isPlain(ask)) : 1;
    this.#asked = this.#waiting.splice(0, count < 0 ? this.#waiting.length : count);
    for (const { tell } of this.#asked) tell?.();
    const { instructions, toolChoice, speak } = first!;
    if (speak?.()) return;
    this.#options.respond({ ...(instructions !== undefined && { instructions }), ...(toolChoice && { toolChoice }) });
  }

  /**
   * The model has begun a response. One that it began by itself, because the caller had finished, answers everything
   * that it was told before.
   */
  responseStarted(): void {
    if (this.#asked.length === 0) this.#waiting = this.#waiting.filter((ask) => !isPlain(ask) || ask.tell);
    this.#asked = [];
  }

  /** The model would not: it was making a response already. What it was told it knows. */
  refused(): void {
    this.#waiting = [...this.#asked.map(({ tell: _, ...ask }) => ask), ...this.#waiting];
    this.#asked = [];
  }

  /** Nothing that was asked for will come any more. */
  forgetAsked(): void {
    this.#asked = [];
  }
}

function isPlain({ instructions, speak, toolChoice }: Ask): boolean {
  return instructions === undefined && speak === undefined && toolChoice === undefined;
}
