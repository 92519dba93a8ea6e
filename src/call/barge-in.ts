import type { Interruption } from '../model/model.js';

/**
 * Who interrupts: the caller's voice (found by the model), a pressed digit, an operator, or a response that was created
 * while the caller was already speaking again.
 */
export type BargeInCause = 'speech' | 'digit' | 'operator' | 'late-response';

/** What an interruption finds. */
export interface BargeInSituation {
  readonly cause: BargeInCause;
  /** Audio at the carrier that may not have been played, or an item of which more is to come. */
  readonly unheard: boolean;
  /** The response the model is making now, unless it has been given up already. */
  readonly activeResponseId: string | undefined;
  readonly interruption: Interruption;
  /** The model ends its own response when it hears speech (`interrupt_response: true`). */
  readonly modelCancelsOnSpeech: boolean;
}

/** One thing the session does, in this order. */
export type BargeInStep =
  /** Send `clear` and the settling mark; the truncations follow when the carrier has answered. */
  | { readonly type: 'clear' }
  | { readonly type: 'cancel'; readonly responseId: string }
  /** From now on every delta of the active response and of the unheard ones is dropped. */
  | { readonly type: 'drop' };

/**
 * What to do when somebody interrupts. A pure function: the session carries the list out, in order and in one tick.
 *
 * ```
 * nothing unheard, nothing active   → nothing: a needless truncation would wipe what the model knows it said
 * audio waiting at the carrier      → clear first, it is what the caller notices
 * a response is being made          → cancel it, unless the model has done so itself
 * either                            → drop what still arrives of it
 * ```
 */
export function decideBargeIn(situation: BargeInSituation): readonly BargeInStep[] {
  const { unheard, activeResponseId, cause } = situation;
  if (!unheard && activeResponseId === undefined) return [];
  const steps: BargeInStep[] = [];
  if (unheard) steps.push({ type: 'clear' });
  const modelCancels = cause === 'speech' && situation.modelCancelsOnSpeech;
  if (activeResponseId !== undefined && situation.interruption === 'client' && !modelCancels) {
    steps.push({ type: 'cancel', responseId: activeResponseId });
  }
  steps.push({ type: 'drop' });
  return steps;
}
