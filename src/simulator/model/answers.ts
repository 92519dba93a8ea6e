import { REFUSALS } from './api-error.js';
import type { SessionConfig } from './config.js';
import type { Conversation } from './conversation.js';
import { strikes } from './faults.js';
import { audioFormatOf } from './formats.js';
import type { Item } from './item.js';
import { Response, type ResponseEvents, type ResponsePlan } from './response.js';
import type { CancelReason, Ending } from './response-object.js';
import type { ResponseParams } from './schema.js';
import type { WrittenAnswer } from './script/grammar.js';
import { type Answer, type PlannedOutput, Script, type ToolAnswer } from './script.js';
import type { SessionSettings, SessionWorld } from './session.js';
import type { Send } from './wire.js';

const USUAL_LIMITS: ResponsePlan['rateLimits'] = [
  { name: 'tokens', limit: 15_000_000, remaining: 14_999_000, reset_seconds: 0.004 },
];

/** The responses of one session: at most one that joins the conversation, any number beside it. */
export class Answers {
  readonly #settings: SessionSettings;
  readonly #world: SessionWorld;
  readonly #conversation: Conversation;
  readonly #send: Send;
  readonly #onAnswered: (response: Response) => void;
  readonly #script: Script;
  #active: Response | undefined;
  readonly #outOfBand = new Set<Response>();
  #count = 0;

  /** `onAnswered`: a response that joined the conversation is done, whatever its status. */
  constructor(
    settings: SessionSettings,
    world: SessionWorld,
    conversation: Conversation,
    send: Send,
    onAnswered: (response: Response) => void,
  ) {
    this.#settings = settings;
    this.#world = world;
    this.#conversation = conversation;
    this.#send = send;
    this.#onAnswered = onAnswered;
    this.#script = new Script(settings.lines, settings.script);
  }

  get active(): Response | undefined {
    return this.#active;
  }

  /** Throws ApiError when one is active already and this one would join the conversation too. */
  create(params: ResponseParams, config: SessionConfig): void {
    this.#start(params, config, () => this.#choose(params, config));
  }

  /** xAI: says this line, whatever else there would be to say. Throws ApiError as `create` does. */
  say(text: string, config: SessionConfig): void {
    const outputs: PlannedOutput[] = [{ type: 'speech', line: this.#settings.lines.spoken(text) }];
    this.#start({}, config, () => ({ outputs, conduct: {} }));
  }

  toolAnswered(answer: ToolAnswer): void {
    this.#script.toolAnswered(answer);
  }

  /** By the client. Throws ApiError when there is nothing to cancel. */
  cancel(responseId: string | undefined): void {
    const running = [this.#active, ...this.#outOfBand];
    const response = running.find((each) => each && (responseId === undefined || each.id === responseId));
    const named = responseId === undefined ? {} : { responseId };
    if (!response) {
      const refusal = REFUSALS.cancelNotActive();
      this.#world.trace({ type: 'cancel', ...named, refused: refusal.message });
      throw refusal;
    }
    this.#world.trace({ type: 'cancel', ...named });
    if (response === this.#active) this.interrupt('client_cancelled');
    else response.interrupt('client_cancelled');
  }

  interrupt(reason: CancelReason): void {
    if (!this.#active) return;
    if (this.#active.hasOutput) this.#script.interrupted();
    else this.#script.unsaid();
    this.#active.interrupt(reason);
  }

  /** The client told that the caller did not hear all of an answer. */
  wereInterrupted(): void {
    this.#script.interrupted();
  }

  stall(forMs: number): void {
    this.#active?.stall(forMs);
  }

  /** Nobody listens any more. */
  abandon(): void {
    this.#active?.abandon();
    for (const response of this.#outOfBand) response.abandon();
  }

  #start(params: ResponseParams, config: SessionConfig, choose: () => Answer): void {
    const joins = params.conversation !== 'none';
    if (this.#active && joins) throw REFUSALS.responseActive(this.#active.id);
    const plan = this.#plan(params, config, joins, choose);
    const response: Response = new Response(plan, this.#world.clock, this.#send, this.#world.random, {
      ...this.#eventsOf(plan, joins),
      done: (ending) => this.#onDone(response, ending),
    });
    if (joins) this.#active = response;
    else this.#outOfBand.add(response);
    const { instructions, tool_choice: toolChoice } = params;
    this.#world.trace({
      type: 'response-created',
      responseId: response.id,
      ...(instructions !== undefined && { instructions }),
      ...(toolChoice !== undefined && { toolChoice: JSON.stringify(toolChoice).replaceAll('"', '') }),
      ...(!joins && { outOfBand: true }),
    });
    response.start();
  }

  #choose(params: ResponseParams, config: SessionConfig): Answer {
    const { instructions } = params;
    const { heard, heardCount: turn } = this.#conversation;
    const answer = this.#script.next({
      response: this.#count,
      session: this.#settings.number,
      turn,
      nobodyHasSpoken: this.#conversation.isSilent,
      ...(heard !== undefined && { heard }),
      ...(instructions !== undefined && { instructions }),
    });
    return { ...answer, outputs: this.#withinTools(answer.outputs, params, config) };
  }

  /** A model calls only what it was told of, nothing when it must not, and something when it must. */
  #withinTools(outputs: readonly PlannedOutput[], params: ResponseParams, config: SessionConfig): PlannedOutput[] {
    const declared = (params.tools ?? config.tools).flatMap((tool) => (tool.type === 'function' ? [tool.name] : []));
    const choice = params.tool_choice ?? config.tool_choice;
    const allowed = outputs.filter((output) => {
      if (output.type !== 'call') return true;
      if (choice === 'none') return false;
      if (declared.includes(output.name)) return true;
      const tools = declared.length === 0 ? 'no tools' : `only ${declared.join(', ')}`;
      const message = `the script calls "${output.name}", but the session has ${tools}`;
      this.#world.trace({ type: 'script-mistake', message });
      return false;
    });
    const must = choice === 'required' ? declared[0] : typeof choice === 'object' ? choice.name : undefined;
    if (must == null || allowed.some(({ type }) => type === 'call')) return allowed;
    return [{ type: 'call', name: must, arguments: '{}', takesMs: 0 }];
  }

  #plan(params: ResponseParams, config: SessionConfig, joins: boolean, choose: () => Answer): ResponsePlan {
    const { faults, thinkMs, speed } = this.#settings;
    const { output } = config.audio;
    const wireFormat = params.audio?.output?.format ?? output.format;
    const voice = params.audio?.output?.voice ?? output.voice;
    const nth = ++this.#count;
    const { outputs, conduct } = choose();
    return {
      id: this.#world.random.id('resp'),
      outputs,
      modality: (params.output_modalities ?? config.output_modalities)[0]!,
      conversationId: joins ? this.#conversation.id : undefined,
      format: audioFormatOf(wireFormat),
      wireFormat,
      voice: typeof voice === 'string' ? voice : voice.id,
      maxOutputTokens: params.max_output_tokens ?? config.max_output_tokens,
      metadata: params.metadata,
      thinkMs: conduct.think ?? thinkMs,
      speed,
      stall: conduct.stall
        ? { afterAudioMs: conduct.stall.after, forMs: conduct.stall.for }
        : strikes(faults.stall, nth),
      drop: conduct.drop ? written(conduct.drop) : strikes(faults.drop, nth),
      expiresAfterAudioMs: conduct.expire?.after,
      breaks: breakOf(conduct, strikes(faults.fail, nth)),
      silent: conduct.silent === true || faults.silent === 'responses',
      lateDeltasMs: conduct.lateDeltas ?? faults.lateDeltasMs,
      rateLimits: faults.rateLimits ?? USUAL_LIMITS,
    };
  }

  #eventsOf(plan: ResponsePlan, joins: boolean): Omit<ResponseEvents, 'done'> {
    const { trace, drop, expire } = this.#world;
    const responseId = plan.id;
    return {
      itemStarted: (item, outputIndex) => {
        const previous = this.#conversation.lastItemId;
        if (joins) this.#conversation.append(item);
        const { id: itemId, said } = item;
        if (said) trace({ type: 'item-started', responseId, itemId, outputIndex, ...said });
        return previous;
      },
      delta: (itemId, audio) => {
        this.#conversation.modelHasSpoken();
        trace({ type: 'delta', responseId, itemId, contentIndex: 0, audio });
      },
      itemDone: (item) => this.#traceDone(responseId, item),
      dropped: drop,
      expired: expire,
    };
  }

  #traceDone(responseId: string, item: Item): void {
    const { trace } = this.#world;
    const status = item.status === 'completed' ? 'completed' : 'incomplete';
    if (item.call) {
      const { text: written = '' } = item.remembered();
      trace({ type: 'tool-called', responseId, itemId: item.id, ...item.call, arguments: written, status });
    } else trace({ type: 'item-done', itemId: item.id, status });
  }

  #onDone(response: Response, ending: Ending): void {
    const reason = ending.status === 'failed' ? ending.code : ending.status === 'completed' ? undefined : ending.reason;
    const named = reason !== undefined && { reason };
    this.#world.trace({ type: 'response-done', responseId: response.id, status: ending.status, ...named });
    this.#outOfBand.delete(response);
    if (this.#active !== response) return;
    this.#active = undefined;
    this.#onAnswered(response);
  }
}

function written({ after, code }: NonNullable<WrittenAnswer['drop']>): ResponsePlan['drop'] {
  return { afterAudioMs: after, ...(code !== undefined && { code }) };
}

function breakOf({ fail, incomplete }: WrittenAnswer, fault: { code?: string } | undefined): ResponsePlan['breaks'] {
  if (incomplete)
    return {
      afterAudioMs: incomplete.after,
      ending: { status: 'incomplete', reason: incomplete.reason ?? 'max_output_tokens' },
    };
  if (fail === undefined && !fault) return undefined;
  const asked = typeof fail === 'object' ? fail : { code: typeof fail === 'string' ? fail : fault?.code };
  const code = asked.code ?? 'server_error';
  return { afterAudioMs: ('after' in asked && asked.after) || 0, ending: { status: 'failed', code } };
}
