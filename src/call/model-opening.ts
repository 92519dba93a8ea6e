import { type AudioFormat, sameFormat } from '../audio/format.js';
import { createTranscoder, type Transcoder } from '../audio/transcode.js';
import type { Clock } from '../clock.js';
import type { ClosedCause, ModelConnection, ModelEvent, ModelSession, OpenModel } from '../model/model.js';
import type { Random } from '../random.js';

/** When to try again, and when to stop trying. See DEFAULTS.model. */
export interface OpeningSettings {
  /** Attempts with each model. */
  readonly connectAttempts: number;
  /** Pause before the second attempt, and the longest one; doubled from attempt to attempt, then shortened by chance. */
  readonly retryMs: readonly [number, number];
  /** For all attempts with all models together; each model has an equal share of it. */
  readonly connectBudgetMs: number;
}

export interface OpeningOptions {
  readonly models: readonly OpenModel[];
  /** Places in `models`, in the order in which they are tried. */
  readonly order: readonly number[];
  readonly session: (index: number) => ModelSession;
  /** The caller's audio as it will be given, and the agent's as it is wanted. */
  readonly input: AudioFormat;
  readonly output: AudioFormat;
  /** Pause before the first attempt: for a model that keeps breaking off. */
  readonly afterMs?: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly settings: OpeningSettings;
  readonly onReady: (opened: OpenedModel) => void;
  readonly onRetry?: (reason: string, inMs: number) => void;
  readonly onGivenUp: (reason: string, cause: ClosedCause) => void;
}

/** A session that is ready, with what its audio needs. Whoever holds it sets `onEvent`. */
export class OpenedModel {
  readonly connection: ModelConnection;
  readonly session: ModelSession;
  /** Its place among the models. */
  readonly index: number;
  readonly ready: ModelEvent & { type: 'ready' };
  /** On the clock, where the model says. */
  readonly expiresAtMs: number | undefined;
  /** Absent: the audio travels as it is. */
  readonly toModel: Transcoder | undefined;
  readonly fromModel: Transcoder | undefined;
  onEvent: (event: ModelEvent) => void = () => {};

  constructor(attempt: Attempt, ready: ModelEvent & { type: 'ready' }, readyAtMs: number, transcoders: Transcoders) {
    this.connection = attempt.connection;
    this.session = attempt.session;
    this.index = attempt.index;
    this.ready = ready;
    this.expiresAtMs = ready.expiresInMs === undefined ? undefined : readyAtMs + ready.expiresInMs;
    [this.toModel, this.fromModel] = transcoders;
  }

  close(): void {
    this.connection.close();
    this.gone();
  }

  /** Must be called when it has closed by itself. Nothing of it is heard any more. */
  gone(): void {
    this.onEvent = () => {};
    this.toModel?.free();
    this.fromModel?.free();
  }
}

type Transcoders = readonly [Transcoder | undefined, Transcoder | undefined];

interface Attempt {
  readonly connection: ModelConnection;
  readonly session: ModelSession;
  readonly index: number;
}

/**
 * Opens the first of several models that can be opened: each some times, with growing pauses, all within one budget of time.
 * A model that refuses is not asked again. Ends with `onReady` or `onGivenUp`, never inside the constructor.
 */
export class ModelOpening {
  readonly #options: OpeningOptions;
  readonly #startMs: number;
  #place = 0;
  #failures = 0;
  #over = false;
  #attempt: Attempt | undefined;
  #cancelTimer: () => void = () => {};
  #cancelDeadline: () => void = () => {};

  constructor(options: OpeningOptions) {
    this.#options = options;
    this.#startMs = options.clock.now();
    if (options.afterMs) this.#later(options.afterMs, () => this.#model());
    else this.#model();
  }

  /** What is being opened now. */
  get connection(): ModelConnection | undefined {
    return this.#attempt?.connection;
  }

  cancel(): void {
    this.#end();
    this.#attempt?.connection.close();
  }

  /** The next model gets its share of the time. */
  #model(): void {
    const { order, clock, settings } = this.#options;
    const untilMs = this.#startMs + (settings.connectBudgetMs * (this.#place + 1)) / order.length;
    this.#failures = 0;
    this.#cancelDeadline = clock.at(untilMs, () => {
      this.#attempt?.connection.close();
      this.#attempt = undefined;
      this.#nextModel(`not ready within ${Math.round(clock.now() - this.#startMs)} ms`, 'lost');
    });
    this.#open();
  }

  #open(): void {
    const { models, order, session } = this.#options;
    const index = order[this.#place]!;
    let opened: OpenedModel | undefined;
    try {
      const wanted = session(index);
      const connection = models[index]!(wanted, (event) => {
        if (opened) opened.onEvent(event);
        else if (this.#over || this.#attempt !== attempt) return;
        else if (event.type === 'closed') this.#failed(event.reason, event.cause);
        else if (event.type === 'ready') {
          const readyAtMs = this.#options.clock.now();
          this.#transcode(attempt, (transcoders) => {
            opened = new OpenedModel(attempt, event, readyAtMs, transcoders);
            this.#end();
            this.#options.onReady(opened);
          });
        }
      });
      const attempt: Attempt = { connection, session: wanted, index };
      this.#attempt = attempt;
    } catch (error) {
      this.#later(0, () => this.#failed((error as Error).message, 'refused'));
    }
  }

  /** Where both sides speak the same there is nothing to wait for. */
  #transcode(attempt: Attempt, then: (transcoders: Transcoders) => void): void {
    const { input, output } = this.#options;
    const { connection } = attempt;
    const identity = sameFormat(input, connection.input) && sameFormat(connection.output, output);
    if (identity) return then([undefined, undefined]);
    Promise.all([createTranscoder(input, connection.input), createTranscoder(connection.output, output)]).then(
      (transcoders) => {
        if (!this.#over && this.#attempt === attempt) return then(transcoders);
        for (const transcoder of transcoders) transcoder.free();
      },
      (error: Error) => {
        if (!this.#over && this.#attempt === attempt) this.#failed(error.message, 'refused');
      },
    );
  }

  #failed(reason: string, cause: ClosedCause): void {
    const { settings, random, onRetry } = this.#options;
    this.#attempt?.connection.close();
    this.#attempt = undefined;
    this.#failures += 1;
    if (cause === 'refused' || this.#failures >= settings.connectAttempts) return this.#nextModel(reason, cause);
    const inMs = backoffMs(settings, this.#failures, random);
    onRetry?.(reason, inMs);
    this.#later(inMs, () => this.#open());
  }

  #nextModel(reason: string, cause: ClosedCause): void {
    const { order, onRetry, onGivenUp } = this.#options;
    this.#cancelTimer();
    this.#cancelDeadline();
    this.#place += 1;
    if (this.#place < order.length) {
      onRetry?.(reason, 0);
      return this.#model();
    }
    this.#end();
    onGivenUp(reason, cause);
  }

  #later(inMs: number, act: () => void): void {
    const { clock } = this.#options;
    this.#cancelTimer = clock.at(clock.now() + inMs, act);
  }

  #end(): void {
    this.#over = true;
    this.#cancelTimer();
    this.#cancelDeadline();
  }
}

/** Half of the pause is left to chance, so that the calls of a relay do not come back all at once. */
export function backoffMs({ retryMs }: OpeningSettings, failures: number, random: Random): number {
  const [firstMs, mostMs] = retryMs;
  const pauseMs = Math.min(mostMs, firstMs * 2 ** (failures - 1));
  return Math.round(pauseMs * (0.5 + random() / 2));
}
