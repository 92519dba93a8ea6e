/** What a sound library is told to do with the two directions: linear 16-bit samples at 8 kHz, mono. */
export interface BackendHandlers {
  /** The microphone has recorded something: any number of samples. */
  readonly onCapture: (samples: Int16Array) => void;
  /** The speaker wants its next samples; called at the speaker's own pace. */
  readonly pull: (samples: number) => Int16Array;
  /** It will not go on. */
  readonly onFailure: (reason: string) => void;
}

export interface OpenDevice {
  /** Throws away, as far as the library can, what it has been given and has not sounded yet. */
  flush(): void;
}

/**
 * Opens the machine's default microphone and default speaker with one library. `library` is what its module exports.
 * Throws or rejects when that is not possible. There is no way to close: the process that has opened them ends.
 */
export type Backend = (library: unknown, handlers: BackendHandlers) => Promise<OpenDevice>;

export const PHONE_RATE = 8000;

/** The first line of what a library had to say, without a full stop. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.trim().split('\n', 1)[0]!.replace(/\.$/, '') || 'no reason given';
}
