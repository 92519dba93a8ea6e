/** One thing that a model remembers, in the order of the conversation. */
export interface MemoryItem {
  readonly id: string;
  readonly role: 'user' | 'assistant' | 'system' | 'function_call' | 'function_call_output';
  /**
   * The words the service holds: a transcript, the text of a message, arguments, a tool's output. Absent where it holds
   * none: the caller's audio without transcription, and every answer that was truncated.
   */
  readonly text?: string;
  /** The truth: which words are in the audio that is left of it. Of answers only. */
  readonly said?: string;
  /** Audio that is left of it; 0 for text. */
  readonly audioMs: number;
  /** It was cut by a truncate. */
  readonly truncated: boolean;
  readonly callId?: string;
  readonly name?: string;
}

/** A session of the model, open or over, as a test looks at it. */
export interface SessionView {
  readonly id: string;
  /** Of the sessions since the model was started, from 1; handshakes that were refused are counted. */
  readonly number: number;
  readonly isOpen: boolean;
  /** What the model remembers now, or remembered when the session ended. */
  memory(): readonly MemoryItem[];
}

/** A `SessionView` that outlives its session without its sound. */
export class LastingView implements SessionView {
  readonly id: string;
  readonly number: number;
  #look: () => readonly MemoryItem[];
  #isOpen = true;

  constructor(id: string, number: number, look: () => readonly MemoryItem[]) {
    this.id = id;
    this.number = number;
    this.#look = look;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  memory(): readonly MemoryItem[] {
    return this.#look();
  }

  /** The session is over: what it remembers now is what it remembered. */
  close(): void {
    if (!this.#isOpen) return;
    const last = this.#look();
    this.#look = () => last;
    this.#isOpen = false;
  }
}
