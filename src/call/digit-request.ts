import type { Clock } from '../clock.js';
import { VoicebridgeError } from '../errors.js';
import type { DigitRequest } from './control.js';

/** Keys that somebody asked for: they are an entry of their own, not something the caller says to the model. */
export class DigitCollector {
  readonly #clock: Clock;
  readonly #isPrompting: () => boolean;
  #current: { request: DigitRequest; digits: string; end: (digits: string | Error) => void } | undefined;
  #cancelTimer: () => void = () => {};

  /** `isPrompting`: the caller is still being told what to press. */
  constructor(clock: Clock, isPrompting: () => boolean = () => false) {
    this.#clock = clock;
    this.#isPrompting = isPrompting;
  }

  get waiting(): boolean {
    return this.#current !== undefined;
  }

  /**
   * Resolves with the digits when there are enough, at the terminator (which is not part of them), or with those that were
   * pressed in time, none included. A second request takes the place of the first, which gets what was pressed so far.
   */
  collect(request: DigitRequest): Promise<string> {
    this.#finish();
    return new Promise((resolve, reject) => {
      const { signal } = request;
      const aborted = (): void => this.#finish(signal?.reason as Error);
      if (signal?.aborted) return reject(signal.reason);
      signal?.addEventListener('abort', aborted, { once: true });
      this.#current = {
        request,
        digits: '',
        end: (result) => {
          signal?.removeEventListener('abort', aborted);
          if (typeof result === 'string') resolve(result);
          else reject(result);
        },
      };
      this.#arm();
    });
  }

  press(key: string): void {
    const current = this.#current;
    if (!current) return;
    if (key === current.request.terminator) return this.#finish();
    current.digits += key;
    if (current.digits.length >= current.request.maxDigits) this.#finish();
    else this.#arm();
  }

  /** The agent has said something to its end: the time for the first key begins. */
  prompted(): void {
    if (this.#current?.digits === '') this.#arm();
  }

  /** The call is over. */
  stop(): void {
    this.#finish(new VoicebridgeError('call-over'));
  }

  #arm(): void {
    this.#cancelTimer();
    const { request, digits } = this.#current!;
    this.#cancelTimer = this.#clock.at(this.#clock.now() + request.timeoutMs, () => {
      if (digits === '' && this.#isPrompting()) this.#arm();
      else this.#finish();
    });
  }

  #finish(error?: Error): void {
    const current = this.#current;
    this.#current = undefined;
    this.#cancelTimer();
    current?.end(error ?? current.digits);
  }
}
