/** The libraries that can open a microphone and a speaker, in the order in which they are tried. */
export const BACKENDS = ['naudiodon', 'decibri'] as const;
export type BackendName = (typeof BACKENDS)[number];

/** What goes to the process that owns the sound library. All audio is µ-law at 8 kHz. */
export type ToSoundProcess =
  /** The next piece for the speaker. */
  | { readonly type: 'play'; readonly audio: Uint8Array }
  /** Throw away what has not sounded yet. */
  | { readonly type: 'flush' };

/** What comes from it. */
export type FromSoundProcess =
  /** The microphone has given its first sound, and the speaker sounds. */
  | { readonly type: 'ready' }
  /** The library is not installed. */
  | { readonly type: 'absent' }
  /** It could not be loaded or opened, or it stopped. Nothing follows. */
  | { readonly type: 'failed'; readonly reason: string }
  | { readonly type: 'captured'; readonly audio: Uint8Array };
