import type { Clock } from '../clock.js';
import type { BargeInGate, GateVerdict } from './barge-in-policy.js';
import type { Transcript } from './transcript.js';

/** What a turn of the caller needs of the agent. */
export interface AgentOfTurns {
  readonly busy: boolean;
  readonly protectedMs: number;
  readonly held: boolean;
  interrupt(cause: 'speech' | 'late-response'): void;
  /** False when it cannot be taken back. */
  hold(): boolean;
  resume(sound: 'noise' | 'backchannel'): void;
}

export interface CallerTurnsOptions {
  readonly clock: Clock;
  readonly startedMs: number;
  readonly gate: BargeInGate;
  readonly agent: AgentOfTurns;
  readonly transcript: Transcript;
  /** Speech can stop the agent at all. */
  readonly mayInterrupt: boolean;
  /** The caller has finished, and expects an answer. */
  readonly onTurn: () => void;
}

/** The caller's side of the conversation: who is speaking, and what each sound does to the agent. */
export class CallerTurns {
  readonly #options: CallerTurnsOptions;
  #speaking = false;
  #undecided = false;
  #cancel: () => void = () => {};

  constructor(options: CallerTurnsOptions) {
    this.#options = options;
  }

  get speaking(): boolean {
    return this.#speaking;
  }

  speechStarted(itemId: string | undefined): void {
    const { clock, gate, agent, transcript } = this.#options;
    this.#speaking = true;
    transcript.speechStarted(itemId, this.#atMs);
    this.#carryOut(gate.speechStarted(clock.now(), agent, itemId));
  }

  speechStopped(itemId: string | undefined): void {
    const { clock, gate, transcript } = this.#options;
    this.#speaking = false;
    transcript.speechStopped(itemId, this.#atMs);
    this.#carryOut(gate.speechStopped(clock.now()));
  }

  text(itemId: string, text: string, final: boolean): void {
    const { gate, transcript } = this.#options;
    transcript.callerText(itemId, text, final, this.#atMs);
    if (gate.holding) this.#carryOut(gate.callerText(text, final, itemId));
  }

  /** A response begins; it answers what came before the caller began to speak again, and would talk over them. */
  responseStarted(): void {
    const { agent, mayInterrupt } = this.#options;
    if (!mayInterrupt) return;
    if (this.#speaking && !this.#undecided && !agent.held && agent.protectedMs === 0) agent.interrupt('late-response');
  }

  /** The agent was stopped otherwise. */
  agentStopped(): void {
    this.#options.gate.stopped();
    this.#cancel();
    this.#undecided = false;
  }

  /** The model's session is gone, and with it what it knew of a caller who is speaking. */
  sessionEnded(): void {
    this.#speaking = false;
    const { gate, agent } = this.#options;
    gate.stopped();
    gate.speechStopped(this.#options.clock.now());
    this.#cancel();
    this.#undecided = false;
    if (agent.held) agent.resume('noise');
  }

  stop(): void {
    this.#cancel();
  }

  get #atMs(): number {
    return this.#options.clock.now() - this.#options.startedMs;
  }

  #carryOut(verdict: GateVerdict): void {
    const { clock, gate, agent, onTurn } = this.#options;
    this.#cancel();
    this.#undecided = verdict.do === 'wait' || verdict.do === 'hold';
    switch (verdict.do) {
      case 'ignore':
        return;
      case 'hold':
        if (!agent.hold()) {
          this.agentStopped();
          agent.interrupt('speech');
          return;
        }
        break;
      case 'interrupt':
        return agent.interrupt('speech');
      case 'resume':
        return agent.resume(verdict.sound);
      case 'commit':
        agent.interrupt('speech');
        if (verdict.turnOver) onTurn();
        return;
      case 'answer':
        return onTurn();
    }
    this.#cancel = clock.at(verdict.askAtMs, () => this.#carryOut(gate.due(clock.now(), agent)));
  }
}
