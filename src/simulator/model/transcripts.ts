import type { Clock } from '../../clock.js';
import type { Item } from './item.js';
import type { ModelScript } from './script/file.js';
import type { Send } from './wire.js';

/** What is known of a turn of the caller when its words are asked for. */
export interface CallerTurn {
  /** Of the conversation, from 1: a session that resumes one goes on counting. */
  readonly turn: number;
  readonly session: number;
  /** How much audio was committed. */
  readonly audioMs: number;
}

/** The caller's words, turn by turn, known to whoever made the caller: a list, or a function. `''` is a noise. */
export type CallerWords = readonly string[] | ((turn: CallerTurn) => string | undefined);

/** What a script says about one turn. */
export interface ScriptedTurn {
  readonly words?: string;
  readonly delayMs: number;
  /** Error code, when the transcription fails. */
  readonly fails?: string;
}

/** Told before the event that tells the client. */
type OnDone = (item: Item, result: { transcript: string } | { failed: string }) => void;

export interface TranscriptSettings {
  readonly script: Pick<ModelScript, 'caller' | 'transcription'>;
  readonly callerWords: CallerWords | undefined;
  /** xAI: the whole of the words so far again and again, instead of what has been added. */
  readonly isCumulative: boolean;
}

/**
 * What the caller has said, and the events that tell it. No recogniser listens here: the words come from the script or
 * from the test that made the caller; where neither knows, the transcript says how long the speech was.
 */
export class Transcripts {
  readonly #settings: TranscriptSettings;
  readonly #clock: Clock;
  readonly #send: Send;
  readonly #onDone: OnDone;
  readonly #pending = new Set<() => void>();

  constructor(settings: TranscriptSettings, clock: Clock, send: Send, onDone: OnDone) {
    this.#settings = settings;
    this.#clock = clock;
    this.#send = send;
    this.#onDone = onDone;
  }

  /** A turn of the caller: its words, when they are known, and how they are written down. */
  of({ turn, session, audioMs }: CallerTurn): ScriptedTurn {
    const { script, callerWords } = this.#settings;
    const delayMs = script.transcription?.delay ?? 0;
    const given = typeof callerWords === 'function' ? callerWords({ turn, session, audioMs }) : callerWords?.[turn - 1];
    const found = script.caller?.findLast((each, index) =>
      typeof each === 'string'
        ? index === turn - 1
        : (each.turn ?? index + 1) === turn && (each.session ?? session) === session,
    );
    const written = typeof found === 'string' ? { says: found } : found;
    const words = given ?? written?.says;
    const fails = written?.fails === true ? 'audio_unintelligible' : written?.fails;
    return {
      ...(words !== undefined && { words }),
      ...(fails !== undefined && { fails }),
      delayMs: written?.delay ?? delayMs,
    };
  }

  write(item: Item, { words, delayMs, fails }: ScriptedTurn, withUpdates: boolean): void {
    const act = (): void => {
      if (fails !== undefined) return this.#fail(item, fails);
      this.#complete(item, words ?? `(speech, ${(item.audioMs / 1000).toFixed(1)} s)`, withUpdates);
    };
    // Without a delay it comes before anything else that the turn brings about.
    if (delayMs === 0) return act();
    const cancel = this.#clock.at(this.#clock.now() + delayMs, () => {
      this.#pending.delete(cancel);
      act();
    });
    this.#pending.add(cancel);
  }

  abandon(): void {
    for (const cancel of this.#pending) cancel();
  }

  #complete(item: Item, transcript: string, withUpdates: boolean): void {
    const place = { item_id: item.id, content_index: 0 };
    const pieces = withUpdates ? (transcript.match(/\s*\S+/g) ?? []) : [];
    let soFar = '';
    for (const delta of pieces) {
      soFar += delta;
      if (this.#settings.isCumulative)
        this.#send({ type: 'conversation.item.input_audio_transcription.updated', ...place, transcript: soFar });
      else this.#send({ type: 'conversation.item.input_audio_transcription.delta', ...place, delta });
    }
    item.transcript = transcript;
    this.#onDone(item, { transcript });
    this.#send({
      type: 'conversation.item.input_audio_transcription.completed',
      ...place,
      transcript,
      usage: { type: 'duration', seconds: Math.ceil(item.audioMs / 1000) },
    });
  }

  #fail(item: Item, code: string): void {
    this.#onDone(item, { failed: code });
    this.#send({
      type: 'conversation.item.input_audio_transcription.failed',
      item_id: item.id,
      content_index: 0,
      error: { type: 'transcription_error', code, message: 'The audio could not be transcribed.', param: null },
    });
  }
}
