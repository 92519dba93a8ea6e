import type { CallInfo, IncomingCall, Reception } from '../call/plan.js';
import type { Clock } from '../clock.js';
import type { Log } from '../log.js';
import type { LookedUp, LookupQuestion } from './lookup.js';
import { RESERVED, toParameters } from './parameters.js';
import type { Routes } from './routes.js';

/** Who answers a call, and what the agent is told of it. */
export interface Decision {
  readonly agent: string;
  /** Of the lookup. */
  readonly variables: Readonly<Record<string, string>>;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

export interface ReceptionOptions {
  readonly routes: Routes;
  /** Absent when nothing is to be asked. */
  readonly lookUp?: ((question: LookupQuestion) => Promise<LookedUp>) | undefined;
  readonly clock: Clock;
}

/** From the webhook to the start of the stream: a carrier takes well below a second. */
const KEPT_MS = 60_000;
const KEPT_AT_MOST = 1_000;

const VOICE_PATH = '/voice';

/**
 * Decides once for every call. At the webhook, when there is one: what was decided is kept until the stream of the call
 * begins, and travels along as `<Parameter>`s, so that any relay with the same configuration can take the stream. A
 * stream that comes without is decided when it begins.
 */
export class ConfiguredReception implements Reception {
  readonly #options: ReceptionOptions;
  readonly #kept = new Map<string, { readonly decision: Decision; readonly untilMs: number }>();

  constructor(options: ReceptionOptions) {
    this.#options = options;
  }

  answers(path: string): boolean {
    return path === VOICE_PATH || this.#options.routes.has(path);
  }

  async receive({ callSid, from, to, path }: IncomingCall, log: Log): Promise<Readonly<Record<string, string>>> {
    const looked = await this.#ask({ callSid, from, to, parameters: {} }, log);
    const decision = this.#decide({ from, to, path }, looked, log, callSid);
    if (callSid !== '') this.#keep(callSid, decision);
    const own = {
      agent: decision.agent,
      from,
      to,
      ...(looked && { lookup: 'failed' in looked ? 'failed' : 'answered' }),
    };
    const { parameters, left } = toParameters({ ...own, ...decision.variables, ...own });
    if (left.length > 0)
      log.warn('too long for a <Parameter>, so only this relay knows it', { callSid, left: left.join(',') });
    return parameters;
  }

  /** Synchronous unless somebody has to be asked. */
  decide(call: CallInfo, log: Log): Decision | Promise<Decision> {
    const kept = this.#kept.get(call.callSid);
    this.#kept.delete(call.callSid);
    if (kept && this.#options.clock.now() < kept.untilMs) return kept.decision;
    const { parameters, callSid } = call;
    const from = call.from ?? parameters.from;
    const to = call.to ?? parameters.to;
    const asked = { from, to, parameter: parameters.agent };
    // Another relay of ours has asked already; what it learnt has come along.
    if (!this.#options.lookUp || parameters.lookup !== undefined) return this.#decide(asked, undefined, log, callSid);
    return this.#ask({ callSid, from, to, parameters }, log).then((looked) =>
      this.#decide(asked, looked, log, callSid),
    );
  }

  async #ask(question: LookupQuestion, log: Log): Promise<LookedUp | undefined> {
    const looked = await this.#options.lookUp?.(question);
    if (looked && 'failed' in looked) {
      log.warn('the lookup failed, so the routes decide', { callSid: question.callSid, reason: looked.failed });
    }
    return looked;
  }

  #decide(
    asked: { from?: string | undefined; to?: string | undefined; path?: string; parameter?: string | undefined },
    looked: LookedUp | undefined,
    log: Log,
    callSid: string,
  ): Decision {
    const { routes } = this.#options;
    const { from, to } = asked;
    const answer = looked && 'answer' in looked ? looked.answer : undefined;
    const variables = withoutReserved(answer?.variables ?? {});
    if (answer?.agent !== undefined) {
      if (routes.reaches(answer.agent)) return { agent: answer.agent, variables, from, to };
      log.warn('the lookup names an agent that is not there, so the routes decide', { callSid });
    }
    const { agent, refused } = routes.choose(asked);
    if (refused) log.warn('a <Parameter> names an agent that no route leads to', { callSid });
    return { agent, variables, from, to };
  }

  #keep(callSid: string, decision: Decision): void {
    const nowMs = this.#options.clock.now();
    this.#kept.set(callSid, { decision, untilMs: nowMs + KEPT_MS });
    for (const [sid, { untilMs }] of this.#kept) {
      if (untilMs > nowMs && this.#kept.size <= KEPT_AT_MOST) break;
      this.#kept.delete(sid);
    }
  }
}

function withoutReserved(variables: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(variables).filter(([name]) => !RESERVED.includes(name as 'agent')));
}
