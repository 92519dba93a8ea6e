import type { Clock } from '../clock.js';
import type { SessionChange } from '../model/model.js';
import { type Ask, Floor } from './floor.js';
import type { ModelLink } from './model-link.js';
import type { LinkEvent } from './model-link-types.js';
import { type AfterResponse, ResponseRetry } from './response-retry.js';
import type { Responses } from './responses.js';

export interface PrompterOptions {
  readonly clock: Clock;
  readonly link: Pick<ModelLink, 'respond' | 'sayLine' | 'update' | 'answersByItself'>;
  readonly responses: Responses;
  /** The caller speaks, or it is not decided yet whether they did. */
  readonly isCallerTurn: () => boolean;
  /** What the model is told to be at the moment. */
  readonly instructions: () => string;
  /** The model cannot answer, although it was asked twice. */
  readonly onUnanswered: () => void;
}

/**
 * Asks the model to speak: when it may be asked, once more when it failed, and with what was changed about it meanwhile.
 */
export class Prompter {
  readonly #options: PrompterOptions;
  readonly #floor: Floor;
  readonly #retry = new ResponseRetry();
  #changes: SessionChange = {};
  /** The caller has finished, and the model is about to answer by itself. */
  #answerDue = false;
  #cancelTimer: () => void = () => {};

  constructor(options: PrompterOptions) {
    const { link, responses, isCallerTurn } = options;
    this.#options = options;
    this.#floor = new Floor({
      isFree: () => !responses.busy && !this.#answerDue && !isCallerTurn(),
      respond: (how) => {
        responses.requested();
        this.#retry.asked(how);
        link.respond(how);
      },
    });
  }

  /** Nothing waits to be said. */
  get idle(): boolean {
    return this.#floor.isEmpty && !this.#answerDue;
  }

  ask(ask: Ask = {}): void {
    this.#floor.ask(ask);
  }

  /** Asks for a response with these instructions beside those of the session, which they would otherwise replace. */
  askFor(instructions: string): void {
    this.#floor.ask({ instructions: this.#also(instructions) });
  }

  /** The returned function takes it back, as long as it was not asked for. */
  sayLine(line: string): () => void {
    const { link, responses } = this.#options;
    const how = {
      instructions: this.#also(`Say exactly this, and nothing else: "${line}"`),
      toolChoice: 'none',
    } as const;
    const speak = (): boolean => {
      if (!link.sayLine(line)) return false;
      responses.requested();
      this.#retry.asked(how);
      return true;
    };
    return this.#floor.ask({ ...how, speak, untilHeard: true });
  }

  /** From the next response on: while one is being made, some models would keep half of what they were. */
  update(change: SessionChange): void {
    this.#changes = { ...this.#changes, ...change };
    this.#applyChanges();
  }

  /** The caller has finished. */
  callerStopped(): void {
    const { link, responses } = this.#options;
    if (link.answersByItself && !responses.busy) {
      this.#answerDue = true;
      this.#later(ANSWER_DUE_MS, () => {
        this.#answerDue = false;
        this.#floor.flush();
      });
    } else this.#floor.flush();
  }

  flush(): void {
    this.#floor.flush();
  }

  responseStarted(responseId: string): void {
    this.#answerDue = false;
    this.#cancelTimer();
    this.#floor.responseStarted();
    this.#retry.started(responseId);
  }

  /**
   * `wanted`: nobody has interrupted it. `sounded`: audio of it went to the caller. Call it when the response is over for
   * everybody else.
   */
  responseDone(event: LinkEvent & { type: 'response-done' }, wanted: boolean, sounded: boolean): void {
    const after = this.#retry.done(event);
    this.#applyChanges();
    this.#floor.responseDone(event.status === 'cancelled' && !sounded);
    if (wanted) this.#afterResponse(after);
    this.#floor.flush();
  }

  /** The agent was stopped by somebody who does not want to hear what it is saying. */
  silenced(): void {
    this.#floor.silenced();
  }

  limits(event: LinkEvent & { type: 'rate-limits' }): void {
    this.#retry.limits(event);
  }

  error(code: string, benign: boolean): void {
    const { responses } = this.#options;
    if (code === 'conversation_already_has_active_response') {
      responses.requestRefused();
      this.#floor.refused();
    } else if (!benign && responses.active === undefined) {
      // Perhaps it answers a request for a response, which will then never begin.
      responses.requestRefused();
      this.#floor.forgetAsked();
      this.#applyChanges();
      this.#afterResponse(this.#retry.refused(code));
      this.#floor.flush();
    }
  }

  /** Another session of the model serves, and no response of the one before is being made any more. */
  switched({ wasResponding, owed }: LinkEvent & { type: 'switched' }): void {
    this.#cancelTimer();
    this.#answerDue = false;
    this.#applyChanges();
    this.#retry.reset();
    this.#floor.forgetAsked();
    if (wasResponding) this.#floor.ask({ instructions: this.#also(GO_ON) }, { first: true });
    else if (owed) this.#floor.ask(owed);
    this.#floor.flush();
  }

  stop(): void {
    this.#cancelTimer();
  }

  #afterResponse(after: AfterResponse): void {
    const { responses, isCallerTurn, onUnanswered } = this.#options;
    if (after.type === 'fallback') onUnanswered();
    if (after.type !== 'again') return;
    this.#later(after.afterMs, () => {
      // Whoever has spoken meanwhile is answered for that.
      if (!responses.busy && !isCallerTurn()) this.#floor.ask(after.options);
    });
  }

  #applyChanges(): void {
    const { link, responses } = this.#options;
    if (responses.busy || Object.keys(this.#changes).length === 0) return;
    link.update(this.#changes);
    this.#changes = {};
  }

  #also(instructions: string): string {
    return `${this.#options.instructions()}\n\n${instructions}`;
  }

  #later(afterMs: number, work: () => void): void {
    const { clock } = this.#options;
    this.#cancelTimer();
    this.#cancelTimer = clock.at(clock.now() + afterMs, work);
  }
}

/** The answer of a session that broke off: what was heard of it is the last line of the agent. */
const GO_ON =
  'Your last line was cut off by a technical fault. Go on from exactly where it ends: do not greet, do not apologise, and do not repeat what has been said.';

/** A model that answers by itself has begun to after this time, or does not answer: what it heard was no speech. */
const ANSWER_DUE_MS = 1_500;
