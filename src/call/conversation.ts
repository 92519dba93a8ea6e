import type { HistoryLine, ModelSession, SessionChange } from '../model/model.js';
import { AgentVoice } from './agent-voice.js';
import type { BargeInCause } from './barge-in.js';
import { BargeInGate, stopLagMs, turnTaking } from './barge-in-policy.js';
import { CallerTurns } from './caller-turns.js';
import type { DigitRequest, TransferTarget } from './control.js';
import type { ConversationOptions } from './conversation-options.js';
import { DigitCollector } from './digit-request.js';
import { Ending } from './ending.js';
import { FillerPlayer } from './filler-player.js';
import { Keypad } from './keypad.js';
import { ModelLink } from './model-link.js';
import type { LinkEvent } from './model-link-types.js';
import { Prompter } from './prompter.js';
import { silentPayload } from './silence.js';
import { Steering } from './steering.js';
import { ToolRunner } from './tools/runner.js';
import { Transcript } from './transcript.js';
import { Transfer } from './transfer.js';
import { CallUsage, type UsageSummary } from './usage.js';

/**
 * The two sides of a call and what stands between them. It joins its neighbours and holds nothing of theirs: `link` is
 * whichever model serves, `agent` its voice on the way to the caller, `caller` whose turn it is, `floor` what waits to be
 * said, `tools` what the model calls.
 */
export class Conversation {
  readonly #options: ConversationOptions;
  readonly #link: ModelLink;
  readonly #agent: AgentVoice;
  readonly #caller: CallerTurns;
  readonly #gate: BargeInGate;
  readonly #prompter: Prompter;
  readonly #transcript: Transcript;
  readonly #tools: ToolRunner;
  readonly #filler: FillerPlayer;
  readonly #keypad: Keypad;
  readonly #digits: DigitCollector;
  readonly #ending: Ending;
  readonly #transfer: Transfer;
  readonly #usage = new CallUsage();
  #session: ModelSession;
  #callerMuted = false;
  #isLost = false;
  #stopped = false;
  readonly #openedMs: number;

  constructor(options: ConversationOptions) {
    const { plan, call, carrier, clock, startedMs, random, log, events, settings } = options;
    const { transcription, turnDetection } = plan.session;
    this.#options = options;
    this.#openedMs = clock.now();
    this.#session = {
      ...plan.session,
      turnDetection: { ...turnDetection, ...turnTaking(plan.bargeIn, plan.greeting) },
    };
    this.#transcript = new Transcript((line) => void events.add(line));
    this.#link = new ModelLink({
      ...{ models: plan.models, session: this.#session, input: carrier.input, output: carrier.output },
      ...{ clock, random, settings: settings.link },
      heard: () => this.#transcript.history(),
      onEvent: (event) => this.#onLinkEvent(event),
    });
    this.#agent = new AgentVoice({
      ...options,
      ...{ model: this.#link, transcript: this.#transcript, reversible: plan.bargeIn.speech === 'reversible' },
      onEvent: (event) => void events.add(event),
      onPlayed: ({ local }) => {
        if (!local?.filler) this.#digits.prompted();
        this.#boundary();
      },
      onInterrupted: () => this.#ending.interrupted(),
      onResumed: () => {
        this.#prompter.flush();
        this.#ending.proceed();
      },
    });
    const gate = new BargeInGate({
      policy: plan.bargeIn,
      stopLagMs: stopLagMs(turnDetection),
      transcribed: transcription !== undefined,
      transcriptWaitMs: settings.transcriptWaitMs,
    });
    this.#gate = gate;
    this.#caller = new CallerTurns({
      ...{ clock, startedMs, gate, agent: this.#agent, transcript: this.#transcript },
      mayInterrupt: plan.bargeIn.speech !== 'off',
      onTurn: () => {
        this.#ending.interrupted();
        // The model is about to answer from its memory: what was heard has to be in it by then.
        this.#agent.audio.settleNow();
        // One that answers by itself cannot while it is still making a response.
        if (!this.#link.answersByItself || this.#agent.responses.busy) this.#prompter.ask();
      },
    });
    this.#prompter = new Prompter({
      ...{ clock, link: this.#link, responses: this.#agent.responses },
      isCallerTurn: () => this.#caller.speaking || this.#agent.held,
      instructions: () => this.#session.instructions,
      onUnanswered: () => {
        if (plan.apology) this.#agent.sayLocal('apology', plan.apology.payload, plan.apology.text);
      },
    });
    const control = new Steering({
      info: call,
      by: 'tool',
      log: events,
      withConversation: (work, tooLate) => (this.#stopped ? tooLate?.() : work(this)),
    });
    this.#tools = new ToolRunner({
      ...{ tools: plan.tools, call, control, clock, log },
      onResults: (answers) => {
        this.#filler.stop();
        for (const { callId, output } of answers) this.#link.toolResult(callId, output);
        if (answers.some(({ respond }) => respond)) this.#prompter.ask();
        this.#boundary();
      },
      onFiller: (filler) => this.#filler.start(filler),
      onEvent: (event) => void events.add(event),
    });
    this.#filler = new FillerPlayer({
      clock,
      sayLine: (line) => this.#prompter.sayLine(line),
      play: (payload, text) => this.#agent.sayLocal('filler', payload, text, { filler: true }),
      isRunning: () => this.#tools.running > 0,
      isSilent: () => !this.#caller.speaking && !this.#agent.responses.busy && this.#agent.audio.unheardMs < QUIET_MS,
    });
    this.#keypad = new Keypad(clock, settings.digitPauseMs, (digits) => this.#digitsEntered(digits));
    this.#digits = new DigitCollector(clock, () => this.#agent.responses.busy || this.#agent.audio.unheardMs > 0);
    this.#ending = new Ending({
      isBusy: () => this.#agent.responses.busy || this.#caller.speaking,
      whenPlayed: (onEnd) => this.#agent.audio.whenPlayed(settings.goodbyeGraceMs, onEnd),
    });
    this.#transfer = new Transfer({ callSid: call.callSid, rest: options.rest, ending: this.#ending });
    this.#agent.audio.probe();
    this.#greet();
  }

  /** What the model is told to be, as last changed. */
  get session(): Pick<ModelSession, 'instructions' | 'tools'> {
    return this.#session;
  }

  get usage(): UsageSummary {
    return this.#usage.summary();
  }

  /** The last words are being said. */
  get ending(): boolean {
    return this.#ending.pending;
  }

  /** The call was handed over: the end of its stream is the end of a transfer. */
  get transferred(): boolean {
    return this.#transfer.done;
  }

  /** Milliseconds of the agent that the caller has still to hear. */
  get unheardMs(): number {
    return this.#agent.audio.unheardMs;
  }

  /** Called per frame. */
  callerAudio(payload: string): void {
    this.#link.audio(this.#callerMuted ? silentPayload(payload) : payload);
  }

  markEchoed(name: string): void {
    this.#agent.audio.markEchoed(name);
  }

  digit(key: string): void {
    if (this.#gate.digit(key, this.#agent)) this.interrupt('digit');
    if (this.#digits.waiting) this.#digits.press(key);
    else this.#keypad.press(key);
  }

  update(change: SessionChange): void {
    this.#session = { ...this.#session, ...change };
    this.#prompter.update(change);
  }

  setVoice(voice: string): void {
    this.#session = { ...this.#session, voice };
    this.#link.setVoice(voice);
    this.#boundary();
  }

  sayLine(line: string): void {
    this.#prompter.sayLine(line);
  }

  inject(fact: string, respond: boolean): void {
    this.#tell({ role: 'system', text: fact });
    if (respond) this.#prompter.ask();
  }

  /** Stops the agent, and gives the floor away. */
  interrupt(cause: BargeInCause): void {
    this.#caller.agentStopped();
    this.#prompter.silenced();
    this.#agent.interrupt(cause);
    if (cause === 'operator') this.#filler.stop();
  }

  mute(side: 'caller' | 'agent', muted: boolean): void {
    if (side === 'caller') this.#callerMuted = muted;
    else {
      this.#agent.mute(muted);
      if (muted) this.interrupt('operator');
    }
  }

  collectDigits(request: DigitRequest): Promise<string> {
    return this.#digits.collect(request);
  }

  hangUp(now: boolean): void {
    const { end } = this.#options;
    if (now) return end('hung-up');
    const goOn = (): void => this.#goesOn();
    this.#ending.begin(() => end('hung-up'), goOn);
  }

  transfer(target: TransferTarget): Promise<void> {
    return this.#transfer.to(target).finally(() => this.#transfer.done || this.#goesOn());
  }

  /** Nothing more is said or told. Returns how many payloads of the caller no model ever took. */
  stop(): number {
    this.#stopped = true;
    this.#caller.stop();
    this.#keypad.stop();
    this.#digits.stop();
    this.#filler.stop();
    this.#prompter.stop();
    this.#ending.stop();
    this.#tools.end();
    this.#agent.stop();
    this.#link.close();
    return this.#link.dropped;
  }

  #greet(): void {
    const { by, instructions, interruptible } = this.#options.plan.greeting;
    if (by === 'none') return;
    if (by !== 'model') return this.#agent.sayLocal('greeting', by.payload, by.text, { interruptible });
    if (!interruptible) this.#agent.protectNext();
    if (instructions === undefined) this.#prompter.ask();
    else this.#prompter.askFor(instructions);
  }

  #onLinkEvent(event: LinkEvent): void {
    if (event.type === 'audio') return this.#agent.say(event);
    this.#usage.event(event);
    this.#carryOut(event);
    this.#ending.proceed();
  }

  #carryOut(event: Exclude<LinkEvent, { type: 'audio' }>): void {
    const { log, events, clock } = this.#options;
    switch (event.type) {
      case 'agent-text':
        return this.#transcript.agentText(event.itemId, event.delta, this.#atMs);
      case 'caller-text':
        return this.#caller.text(event.itemId, event.text, event.final);
      case 'speech-started':
        return this.#caller.speechStarted(event.itemId);
      case 'speech-stopped':
        this.#agent.audio.probe();
        this.#caller.speechStopped(event.itemId);
        return this.#prompter.callerStopped();
      case 'response-started':
        this.#prompter.responseStarted(event.responseId);
        this.#agent.responseStarted(event.responseId);
        return this.#caller.responseStarted();
      case 'item-done':
        return this.#agent.itemDone(event.responseId, event.itemId);
      case 'tool-call':
        return this.#tools.called(event);
      case 'response-done':
        return this.#responseDone(event);
      case 'rate-limits':
        return this.#prompter.limits(event);
      case 'error':
        log[event.benign ? 'info' : 'warn']('model error', { code: event.code, message: event.message });
        return this.#prompter.error(event.code, event.benign);
      case 'ready':
        events.add({ type: 'model', state: 'ready', tookMs: Math.round(clock.now() - this.#openedMs) });
        return;
      case 'retrying':
        events.add({ type: 'model', state: 'retrying', reason: event.reason });
        return;
      case 'switched':
        return this.#switched(event);
      case 'lost':
        return this.#lost(event.reason);
    }
  }

  #responseDone(event: LinkEvent & { type: 'response-done' }): void {
    const { responseId, status, reason, usage } = event;
    const wanted = !this.#agent.responses.isDead(responseId);
    const sounded = this.#agent.responses.hasSounded(responseId);
    this.#agent.responseDone(responseId);
    this.#options.events.add({
      ...{ type: 'response-done', responseId, status },
      ...(reason !== undefined && { reason }),
      ...(usage && { usage }),
    });
    this.#tools.responseDone(responseId);
    this.#prompter.responseDone(event, wanted, sounded);
    this.#boundary();
  }

  #switched(event: LinkEvent & { type: 'switched' }): void {
    this.#options.events.add({ type: 'model', state: 'switched', reason: event.reason });
    // What somebody had interrupted is not gone on with.
    const wasResponding = event.wasResponding && this.#agent.responses.active !== undefined;
    this.#agent.sessionEnded();
    this.#prompter.switched({ ...event, wasResponding });
    this.#tools.modelLost();
    this.#caller.sessionEnded();
    this.#prompter.flush();
  }

  /** Nothing more is made. The last words of a call that is ending anyway are heard out. */
  #lost(reason: string): void {
    this.#options.events.add({ type: 'model', state: 'lost', reason });
    this.#isLost = true;
    const saidAll = !this.#agent.responses.busy;
    this.#agent.sessionEnded();
    this.#caller.sessionEnded();
    this.#filler.stop();
    this.#prompter.stop();
    if (this.#ending.pending && saidAll) return;
    this.#ending.interrupted();
    this.#goesOn();
  }

  /** The call does not end as it was about to. */
  #goesOn(): void {
    if (this.#isLost && !this.#stopped) this.#options.modelLost();
  }

  #digitsEntered(digits: string): void {
    this.#options.events.add({ type: 'digits', digits });
    const text = `The caller pressed ${digits} on the keypad.`;
    this.#prompter.ask({ tell: () => this.#tell({ role: 'caller', text }) });
  }

  #tell(line: HistoryLine): void {
    this.#link.addText(line);
    this.#transcript.note(line, this.#atMs);
  }

  /** Nobody would notice if the model's session were another from here on. */
  #boundary(): void {
    const quiet = !this.#agent.busy && !this.#caller.speaking && this.#prompter.idle && this.#tools.running === 0;
    if (quiet) this.#link.atTurnBoundary();
  }

  get #atMs(): number {
    return this.#options.clock.now() - this.#options.startedMs;
  }
}

/** Less than this of the agent left to play counts as silence for a filler. */
const QUIET_MS = 100;
