import { encodeMulaw, MULAW_SILENCE, mulawToLinear } from '../../audio/g711.js';
import { type Room, roomOf } from './background.js';
import type { CallerScript } from './script/steps.js';

const SAMPLES_PER_MS = 8;

/** What the ear has heard, sample j of the call at j/8 ms; as much of it as is known. Beyond that there was silence. */
export type HeardLane = (from: number, to: number) => Uint8Array;

type Script = Pick<CallerScript, 'background' | 'echo'>;

/** What a caller's microphone takes up besides the caller: the room, and the agent's own voice out of the earpiece. */
export class Surroundings {
  readonly #room: Room | undefined;
  readonly #echo: { readonly gain: number; readonly delaySamples: number } | undefined;
  readonly #heard: HeardLane;
  #mix = new Float64Array(0);
  #samples = new Int16Array(0);

  constructor({ background, echo }: Script, seed: number, heard: HeardLane) {
    this.#room = background && roomOf(background, seed);
    this.#echo = echo && {
      gain: 10 ** (echo.db / 20),
      // What is heard during a frame is known when the frame is sent, but for a rounded sample.
      delaySamples: Math.max(SAMPLES_PER_MS, Math.round(echo.delayMs * SAMPLES_PER_MS)),
    };
    this.#heard = heard;
  }

  /** Adds them to a frame of the caller that begins with sample number `from`. Called per frame, in order. */
  mix(frame: Uint8Array, from: number): void {
    if (this.#mix.length !== frame.length) {
      this.#mix = new Float64Array(frame.length);
      this.#samples = new Int16Array(frame.length);
    }
    const mix = this.#mix;
    for (let i = 0; i < frame.length; i++) mix[i] = mulawToLinear(frame[i]!);
    this.#room?.(mix);
    this.#addEcho(from);
    for (let i = 0; i < mix.length; i++) this.#samples[i] = Math.max(-32_768, Math.min(32_767, Math.round(mix[i]!)));
    encodeMulaw(this.#samples, frame);
  }

  #addEcho(from: number): void {
    if (!this.#echo) return;
    const { gain, delaySamples } = this.#echo;
    const begin = from - delaySamples;
    const skipped = Math.max(0, -begin);
    const heard = this.#heard(Math.max(0, begin), Math.max(0, begin + this.#mix.length));
    for (let i = 0; i < heard.length; i++)
      if (heard[i] !== MULAW_SILENCE) this.#mix[i + skipped]! += gain * mulawToLinear(heard[i]!);
  }
}

/** The surroundings of a script; undefined when it has none, so that frames of such a caller are never decoded. */
export function surroundingsOf(script: Script, seed: number, heard: HeardLane): Surroundings | undefined {
  return script.background || script.echo ? new Surroundings(script, seed, heard) : undefined;
}
