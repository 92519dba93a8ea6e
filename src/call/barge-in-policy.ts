import type { TurnDetection } from '../model/model.js';
import { type Sound, soundOf } from './backchannel.js';
import type { BargeInPolicy, Greeting } from './plan.js';

/** What the agent is doing when the caller makes a sound. */
export interface AgentNow {
  /** Something may be unheard, or a response is being made or was asked for: there is something to interrupt. */
  readonly busy: boolean;
  /** Milliseconds until the caller's voice may stop the agent; 0: it may. */
  readonly protectedMs: number;
}

/**
 * What the session is to do. Where a time stands, it asks `due` then. Every verdict replaces the time of the one before:
 * as long as something is open, each names one.
 */
export type GateVerdict =
  | { readonly do: 'ignore' }
  /** Nothing yet. */
  | { readonly do: 'wait'; readonly askAtMs: number }
  /** Stop the agent, for good. */
  | { readonly do: 'interrupt' }
  /** Silence the agent, and keep what it had to say. */
  | { readonly do: 'hold'; readonly askAtMs: number }
  /** The agent goes on from where it was heard. */
  | { readonly do: 'resume'; readonly sound: 'noise' | 'backchannel' }
  /** The hold was an interruption. `turnOver`: the caller has finished already, and waits for an answer. */
  | { readonly do: 'commit'; readonly turnOver: boolean }
  /** The caller has finished a turn: a model that does not answer by itself is to be asked. */
  | { readonly do: 'answer' };

export interface GateOptions {
  readonly policy: BargeInPolicy;
  /** How much later than the end of a sound the model says that speech has stopped; see `stopLagMs`. */
  readonly stopLagMs: number;
  /** The caller's words are written down. */
  readonly transcribed: boolean;
  /** How long after the end of a short sound its transcript is waited for. */
  readonly transcriptWaitMs: number;
}

type State =
  /** The caller is silent. */
  | { readonly at: 'silent' }
  /** The caller speaks, and nothing is open: the agent was silent, has been stopped, or cannot be. */
  | { readonly at: 'speaking' }
  /** The caller speaks, for how long is not clear yet; the agent goes on. */
  | { readonly at: 'waiting'; readonly sinceMs: number }
  /** The caller makes a sound, the agent is held. */
  | { readonly at: 'holding'; readonly sinceMs: number; readonly heard: Sound | undefined }
  /** The sound is over, the agent is held, the transcript may still come. */
  | { readonly at: 'judging'; readonly askAtMs: number; readonly unlessText: 'resume' | 'commit' };

/**
 * Decides whether a sound of the caller stops the agent. It sends nothing and reads no clock: the session tells it what
 * happened and when, carries the verdict out and asks again when told to.
 *
 * ```
 * silent ──speech──▶ waiting ──long enough──▶ speaking            (interrupt)
 *    │                  └──────reversible───▶ holding             (hold)
 *    └──────────────────────────────────────▶ speaking            (nothing to stop, or `off`)
 * holding ──goes on───────▶ speaking                              (commit)
 * holding ──ends──▶ judging ──noise, mm-hm──▶ silent              (resume)
 *                      └──────words─────────▶ silent              (commit)
 * ```
 */
export class BargeInGate {
  readonly #options: GateOptions;
  #state: State = { at: 'silent' };
  /** Of the sounds that led to the hold; undefined when the model does not name them. */
  #itemIds = new Set<string>();

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** Is a hold open? */
  get holding(): boolean {
    return this.#state.at === 'holding' || this.#state.at === 'judging';
  }

  /** The model hears the caller speak. */
  speechStarted(nowMs: number, agent: AgentNow, itemId?: string): GateVerdict {
    const state = this.#state;
    if (this.holding && itemId !== undefined) this.#itemIds.add(itemId);
    if (state.at === 'holding') return this.#open();
    if (state.at === 'judging') {
      this.#state = { at: 'holding', sinceMs: nowMs, heard: undefined };
      return this.#open();
    }
    if (state.at === 'waiting') return this.due(nowMs, agent);
    this.#itemIds = new Set(itemId === undefined ? [] : [itemId]);
    if (this.#options.policy.speech === 'off' || !agent.busy) {
      this.#state = { at: 'speaking' };
      return IGNORE;
    }
    this.#state = { at: 'waiting', sinceMs: nowMs };
    return this.due(nowMs, agent);
  }

  /** The time that a verdict named has come. Asked too early it names it again. */
  due(nowMs: number, agent: AgentNow): GateVerdict {
    const state = this.#state;
    switch (state.at) {
      case 'waiting': {
        if (!agent.busy) {
          this.#state = { at: 'speaking' };
          return IGNORE;
        }
        const enoughMs = this.#longEnoughMs(state.sinceMs);
        if (agent.protectedMs > 0) return this.#ask(Math.max(nowMs + agent.protectedMs, enoughMs));
        return nowMs < enoughMs ? this.#ask(enoughMs) : this.#act(nowMs, state.sinceMs);
      }
      case 'holding':
        return nowMs < this.#holdEndsMs(state.sinceMs) ? this.#open() : this.#commit();
      case 'judging':
        if (nowMs < state.askAtMs) return this.#open();
        return state.unlessText === 'resume' ? this.#resume('noise') : this.#commit();
      default:
        return IGNORE;
    }
  }

  /**
   * The model hears the caller no longer. `soundMs` is how long the sound was, where it is known better than from the
   * times at which the model spoke.
   */
  speechStopped(nowMs: number, soundMs?: number): GateVerdict {
    const { policy, transcribed, transcriptWaitMs, stopLagMs } = this.#options;
    const state = this.#state;
    if (state.at === 'judging') return this.#open();
    if (state.at === 'silent' || state.at === 'speaking') {
      this.#state = { at: 'silent' };
      return ANSWER;
    }
    const lastedMs = soundMs ?? nowMs - state.sinceMs - stopLagMs;
    if (state.at === 'waiting') {
      this.#state = { at: 'silent' };
      // What was said during a disclosure did not stop it, and is answered all the same.
      return lastedMs < policy.minSpeechMs ? IGNORE : ANSWER;
    }
    const { heard } = state;
    const unlessText = lastedMs <= policy.maxNoiseMs ? 'resume' : 'commit';
    this.#state = { at: 'judging', askAtMs: nowMs + transcriptWaitMs, unlessText };
    if (heard) return this.#judge(heard);
    if (transcribed && lastedMs <= this.#longestSoundMs) return this.#open();
    return unlessText === 'resume' ? this.#resume('noise') : this.#commit();
  }

  /** What the caller said, so far. */
  callerText(text: string, final: boolean, itemId?: string): GateVerdict {
    const state = this.#state;
    if (state.at !== 'holding' && state.at !== 'judging') return this.#open();
    // The words of an earlier turn, which come late.
    if (itemId !== undefined && this.#itemIds.size > 0 && !this.#itemIds.has(itemId)) return this.#open();
    const sound = soundOf(text, this.#options.policy.backchannels);
    if (!final) return sound === 'words' && wordCount(text) >= CERTAIN_WORDS ? this.#commit() : this.#open();
    if (state.at === 'judging' || sound === 'words') return this.#judge(sound);
    this.#state = { ...state, heard: sound };
    return this.#open();
  }

  /** Does this key stop the agent? */
  digit(key: string, agent: AgentNow): boolean {
    const { digits } = this.#options.policy;
    if (agent.protectedMs > 0 || digits === 'none') return false;
    return digits === 'any' || digits.includes(key);
  }

  /** The agent was stopped otherwise, by a key or an operator: nothing is left to decide. */
  stopped(): void {
    if (this.#state.at === 'judging') this.#state = { at: 'silent' };
    else if (this.#state.at !== 'silent') this.#state = { at: 'speaking' };
  }

  #act(nowMs: number, sinceMs: number): GateVerdict {
    if (this.#options.policy.speech === 'reversible') {
      this.#state = { at: 'holding', sinceMs, heard: undefined };
      return { do: 'hold', askAtMs: Math.max(nowMs, this.#holdEndsMs(sinceMs)) };
    }
    this.#state = { at: 'speaking' };
    return { do: 'interrupt' };
  }

  #judge(sound: Sound): GateVerdict {
    return sound === 'words' ? this.#commit() : this.#resume(sound);
  }

  #resume(sound: 'noise' | 'backchannel'): GateVerdict {
    this.#state = { at: 'silent' };
    return { do: 'resume', sound };
  }

  #commit(): GateVerdict {
    const turnOver = this.#state.at === 'judging';
    this.#state = { at: turnOver ? 'silent' : 'speaking' };
    return { do: 'commit', turnOver };
  }

  /** What is open goes on as it is. */
  #open(): GateVerdict {
    const state = this.#state;
    switch (state.at) {
      case 'waiting':
        return this.#ask(this.#longEnoughMs(state.sinceMs));
      case 'holding':
        return this.#ask(this.#holdEndsMs(state.sinceMs));
      case 'judging':
        return this.#ask(state.askAtMs);
      default:
        return IGNORE;
    }
  }

  #ask(askAtMs: number): GateVerdict {
    return { do: 'wait', askAtMs };
  }

  /** A sound that ends before is too short; the model says so later by the time it takes to be sure. */
  #longEnoughMs(sinceMs: number): number {
    const { policy, stopLagMs } = this.#options;
    return policy.minSpeechMs > 0 ? sinceMs + policy.minSpeechMs + stopLagMs : sinceMs;
  }

  get #longestSoundMs(): number {
    const { policy, transcribed } = this.#options;
    return transcribed && policy.backchannels.length > 0
      ? Math.max(policy.maxNoiseMs, BACKCHANNEL_MS)
      : policy.maxNoiseMs;
  }

  #holdEndsMs(sinceMs: number): number {
    return sinceMs + this.#longestSoundMs + this.#options.stopLagMs;
  }
}

/**
 * What a policy asks of the model. One that ends its responses by itself cannot be told that it was only a cough, and one
 * that answers by itself would answer the cough.
 */
export function turnTaking(
  policy: BargeInPolicy,
  greeting: Greeting,
): Pick<TurnDetection, 'createsResponses' | 'interruptsResponses'> {
  const judged = policy.speech === 'reversible' || policy.minSpeechMs > 0;
  const greetingStands = greeting.by === 'model' && !greeting.interruptible;
  return {
    createsResponses: policy.speech === 'off' || !judged,
    interruptsResponses: policy.speech === 'immediate' && !judged && !greetingStands,
  };
}

/** From the end of a sound until the model says so: the silence it waits for. */
export function stopLagMs({ type, silenceMs }: Pick<TurnDetection, 'type' | 'silenceMs'>): number {
  return type === 'server_vad' && silenceMs !== undefined ? silenceMs : MODEL_SILENCE_MS;
}

function wordCount(text: string): number {
  return text.split(/\s+/u).filter(Boolean).length;
}

const IGNORE: GateVerdict = { do: 'ignore' };
const ANSWER: GateVerdict = { do: 'answer' };

/** "Yeah, yeah, okay": longer than this nobody only hums. */
const BACKCHANNEL_MS = 1_200;
/** A text that is still being written and has so many words is no "mm" that becomes "mm-hm". */
const CERTAIN_WORDS = 3;
/** OpenAI's server_vad, unless told otherwise; semantic_vad does not say. */
const MODEL_SILENCE_MS = 500;
