import type { PhoneEvent } from '../../simulator/phone/events.js';
import type { SoundKind } from '../../simulator/phone/labels.js';
import { requestText } from '../simulate/webhook-steps.js';
import { seconds } from './text.js';

/** How long one side let the other wait, live and coarse. */
export interface Latency {
  readonly kind: 'greeting' | 'answer' | 'stop';
  /** When the waiting began, on the call's clock. */
  readonly fromMs: number;
  readonly ms: number;
}

/** One thing that happened, for people. */
export interface Line {
  /** On the call's clock. */
  readonly atMs: number;
  readonly who: 'caller' | 'agent' | 'call' | 'lint';
  readonly text: string;
  readonly mood?: 'warning' | 'bad';
  readonly latency?: Latency;
}

/**
 * Tells a call while it happens. Its durations come from the phone's live voice activity, which is coarse, and are
 * rounded and called "about"; the summary after the call is measured from the recording.
 */
export class Narrator {
  #startedAtMs: number | undefined;
  #agentSpeaks = false;
  #greeted = false;
  #callerSpoke = false;
  /** When the caller finished and nobody has answered yet. */
  #waitsSinceMs: number | undefined;
  /** When the caller began to speak over the agent, who has not stopped yet. */
  #interruptedAtMs: number | undefined;
  /** When an interrupted agent ran out of audio; a clear at that very moment would be the reason. */
  #ranOutAtMs: number | undefined;
  readonly #rulesTold = new Set<string>();

  /** Called for every event of the phone, media frames included: returns at once for those. */
  tell(event: PhoneEvent): Line[] {
    const lines: Line[] = [];
    if (this.#ranOutAtMs !== undefined && event.atMs > this.#ranOutAtMs) {
      const line = this.#agentStops(this.#ranOutAtMs, undefined);
      if (line) lines.push(line);
    }
    const line = this.#lineOf(event);
    if (line) lines.push(line);
    return lines;
  }

  #lineOf(event: PhoneEvent): Line | undefined {
    switch (event.type) {
      case 'start':
        this.#startedAtMs = event.atMs;
        return { atMs: event.atMs, who: 'call', text: `connected, call ${shortSid(event.callSid)}` };
      case 'caller-speech-start':
        return this.#callerStarts(event.atMs, event.interrupts, event.text);
      case 'caller-speech-end':
        this.#waitsSinceMs = event.atMs;
        return undefined;
      case 'agent-starts':
        return this.#agentStarts(event.atMs);
      case 'agent-finishes':
        return this.#agentStops(event.atMs, undefined);
      case 'clear':
        return this.#agentStops(event.atMs, event.droppedBytes);
      case 'playout-empty':
        // Between two bursts of one answer the buffer may run dry too; only an interrupted agent is silent for good.
        if (this.#interruptedAtMs !== undefined) this.#ranOutAtMs = event.atMs;
        return undefined;
      case 'lint': {
        const { rule, code, level, message } = event.finding;
        if (this.#rulesTold.has(rule)) return undefined;
        this.#rulesTold.add(rule);
        const text = `${code ? `${code} ` : ''}${rule}: ${message}`;
        const mood = level === 'error' ? 'bad' : level === 'warning' ? 'warning' : undefined;
        return { atMs: event.atMs, who: 'lint', text, ...(mood && { mood }) };
      }
      case 'webhook': {
        const failed = event.status === undefined || event.status > 299;
        const text = requestText(event);
        return { atMs: event.atMs, who: 'call', text, ...(failed && { mood: 'warning' as const }) };
      }
      case 'verb':
        return { atMs: event.atMs, who: 'call', text: `<${event.verb}>${event.text && ` ${event.text}`}` };
      case 'stream-ended':
        return event.by === 'phone'
          ? { atMs: event.atMs, who: 'call', text: 'the stream is ended, the call goes on' }
          : {
              atMs: event.atMs,
              who: 'call',
              text: `the server closed the stream (code ${event.code}), the call goes on`,
            };
      case 'fault':
        return { atMs: event.atMs, who: 'call', ...faultText(event) };
      case 'behind': {
        const text = `this machine is late: ${event.lateFrames} of ${event.frames} frames by more than ${event.limitMs} ms`;
        return { atMs: event.atMs, who: 'call', text, mood: 'warning' };
      }
      case 'caller-sound':
        return { atMs: event.atMs, who: 'caller', text: SOUNDS[event.kind] };
      case 'dtmf':
        return { atMs: event.atMs, who: 'caller', text: `presses ${event.digit}` };
      case 'wait-timeout':
        return { atMs: event.atMs, who: 'caller', text: 'has waited in vain, and goes on', mood: 'warning' };
      case 'expectation': {
        const { atMs, expected, found, ok } = event;
        return { atMs, who: 'call', text: `expected that ${expected}: ${found}`, ...(!ok && { mood: 'bad' as const }) };
      }
      case 'drop':
        return { atMs: event.atMs, who: 'call', text: 'the script cuts the connection' };
      case 'reconnect':
        return { atMs: event.atMs, who: 'call', text: 'connected again, on a new stream of the same call' };
      case 'stop':
        return { atMs: event.atMs, who: 'caller', text: 'hangs up' };
      case 'closed':
        return event.by === 'phone'
          ? undefined
          : { atMs: event.atMs, who: 'call', text: `the server closed the stream (code ${event.code})` };
      default:
        return undefined;
    }
  }

  #callerStarts(atMs: number, meant: boolean, words: string | undefined): Line {
    this.#callerSpoke = true;
    this.#waitsSinceMs = undefined;
    const interrupts = meant || this.#agentSpeaks;
    if (interrupts && this.#agentSpeaks) this.#interruptedAtMs = atMs;
    const text = `${interrupts ? 'interrupts' : 'speaks'}${words ? ` "${words}"` : ''}`;
    return { atMs, who: 'caller', text };
  }

  #agentStarts(atMs: number): Line {
    this.#agentSpeaks = true;
    if (!this.#callerSpoke && !this.#greeted) {
      this.#greeted = true;
      const latency = latencyOf('greeting', this.#startedAtMs, atMs);
      return { atMs, who: 'agent', text: 'greets', ...latency };
    }
    const fromMs = this.#waitsSinceMs;
    this.#waitsSinceMs = undefined;
    if (fromMs === undefined) return { atMs, who: 'agent', text: 'speaks' };
    return { atMs, who: 'agent', text: `answers after ${about(atMs - fromMs)}`, ...latencyOf('answer', fromMs, atMs) };
  }

  /** @param droppedBytes of a clear, which is the only thing that can cut an agent off in the middle of a word */
  #agentStops(atMs: number, droppedBytes: number | undefined): Line | undefined {
    const since = this.#interruptedAtMs;
    this.#interruptedAtMs = undefined;
    this.#ranOutAtMs = undefined;
    const spoke = this.#agentSpeaks;
    this.#agentSpeaks = false;
    const dropped = droppedBytes ? `clear drops ${seconds(droppedBytes / 8)}` : '';
    if (since !== undefined) {
      const text = `stops ${within(atMs - since)} the interruption${dropped && `, ${dropped}`}`;
      return { atMs, who: 'agent', text, ...latencyOf('stop', since, atMs) };
    }
    if (dropped) return { atMs, who: 'agent', text: dropped };
    return spoke && droppedBytes === undefined ? { atMs, who: 'agent', text: 'has finished' } : undefined;
  }
}

const SOUNDS: Readonly<Record<SoundKind, string>> = {
  backchannel: 'hums along, which is no interruption',
  cough: 'coughs',
  noise: 'makes a noise',
};

function faultText({ fault, phase, text }: PhoneEvent & { type: 'fault' }): Pick<Line, 'text' | 'mood'> {
  const told = text === undefined ? '' : `: ${text}`;
  return { text: `fault: ${fault} ${phase}${told}`, mood: 'warning' };
}

function latencyOf(kind: Latency['kind'], fromMs: number | undefined, atMs: number): Pick<Line, 'latency'> {
  return fromMs === undefined ? {} : { latency: { kind, fromMs, ms: Math.max(0, atMs - fromMs) } };
}

function about(ms: number): string {
  return `about ${Math.round(ms / 10) * 10} ms`;
}

/** A frame is 20 ms: nothing can be told apart below that. */
function within(ms: number): string {
  return ms < 20 ? 'within 20 ms of' : `${about(ms)} after`;
}

/** `CA0123…cdef`: enough to find the call in a log. */
function shortSid(sid: string): string {
  return sid.length > 12 ? `${sid.slice(0, 6)}…${sid.slice(-4)}` : sid;
}
