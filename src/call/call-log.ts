import type { Clock } from '../clock.js';
import type { Log, LogFields } from '../log.js';
import { DEFAULTS } from '../options.js';
import type { CallEvent, CallEventBody } from './events.js';

/** `number` counts the events of the call from 1. */
export type CallListener = (event: CallEvent, number: number) => void;

export interface CallLogOptions {
  readonly clock: Clock;
  /** When the stream started, on that clock. */
  readonly startedMs: number;
  readonly callSid: string;
  /** The relay's own log: is told what happened, never what was said, pressed, asked or answered. */
  readonly log: Log;
  /** Events kept for those who listen later, beside the lines that were said. */
  readonly eventsKept?: number;
}

const LINES_KEPT = 2_000;

interface Entry {
  readonly event: CallEvent;
  readonly number: number;
}

/**
 * Everything that happened in one call, in order. Whoever listens is first told what has happened so far. Lines that were
 * said, the start and the end are kept for as long as the call; of the rest the last `eventsKept`.
 */
export class CallLog {
  readonly #options: CallLogOptions;
  readonly #listeners = new Set<CallListener>();
  #lines: Entry[] = [];
  #others: Entry[] = [];
  #number = 0;

  constructor(options: CallLogOptions) {
    this.#options = options;
  }

  /** Puts the time on an event and tells everybody. A listener that fails is not told again, and the call goes on. */
  add(body: CallEventBody): CallEvent {
    const { clock, startedMs, log, eventsKept = DEFAULTS.operator.eventsKept } = this.#options;
    const event = { atMs: Math.round(clock.now() - startedMs), ...body } as CallEvent;
    this.#number += 1;
    const entry = { event, number: this.#number };
    if (isKept(event)) keep(this.#lines, entry, LINES_KEPT);
    else keep(this.#others, entry, eventsKept);
    tell(log, this.#options.callSid, event);
    for (const listener of [...this.#listeners]) this.#call(listener, entry);
    return event;
  }

  listen(listener: CallListener): () => void {
    for (const entry of this.#entries()) listener(entry.event, entry.number);
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** What is kept, oldest first. */
  get events(): CallEvent[] {
    return this.#entries().map(({ event }) => event);
  }

  #entries(): Entry[] {
    return [...this.#lines, ...this.#others].sort((a, b) => a.number - b.number);
  }

  #call(listener: CallListener, { event, number }: Entry): void {
    try {
      listener(event, number);
    } catch (error) {
      this.#listeners.delete(listener);
      this.#options.log.error('a listener of a call failed', { reason: (error as Error).name });
    }
  }
}

function keep(entries: Entry[], entry: Entry, most: number): void {
  const { event } = entry;
  // The last word on a line is enough: partial transcripts would fill the memory with beginnings.
  if (event.type === 'caller-said' || event.type === 'agent-said') {
    const earlier = entries.findLastIndex(
      (other) => other.event.type === event.type && 'itemId' in other.event && other.event.itemId === event.itemId,
    );
    if (earlier >= 0) entries.splice(earlier, 1);
  }
  entries.push(entry);
  if (entries.length > most) entries.shift();
}

function isKept({ type }: CallEvent): boolean {
  return type === 'caller-said' || type === 'agent-said' || type === 'started' || type === 'ended';
}

/** The part of an event that may stand in the relay's log: no text, digit, number, argument or output. */
function tell(log: Log, callSid: string, event: CallEvent): void {
  const line = (level: keyof Log, message: string, fields: LogFields = {}): void =>
    log[level](message, { callSid, ...fields });
  switch (event.type) {
    case 'started':
      return line('info', 'call started', { streamSid: event.streamSid, agent: event.agent });
    case 'model':
      return line(event.state === 'ready' || event.state === 'switched' ? 'info' : 'warn', `model ${event.state}`, {
        reason: event.reason,
        tookMs: event.tookMs,
      });
    case 'interrupted':
      return line('info', 'interrupted', { cause: event.cause, unheardMs: Math.round(event.unheardMs) });
    case 'resumed':
      return line('info', 'resumed', { sound: event.sound, resumedMs: Math.round(event.resumedMs) });
    case 'digits':
      return line('info', 'digits entered');
    case 'tool-started':
      return line('info', 'tool started', { tool: plainName(event.name) });
    case 'tool-finished':
      return line(event.outcome === 'ok' ? 'info' : 'warn', 'tool finished', {
        tool: plainName(event.name),
        outcome: event.outcome,
        tookMs: Math.round(event.tookMs),
      });
    case 'steered':
      return line('info', 'steered', { by: event.by, command: event.command });
    case 'response-done':
      if (event.status !== 'failed' && event.status !== 'incomplete') return;
      return line('warn', 'the model did not finish its response', { status: event.status, reason: event.reason });
    case 'ended':
      return line('info', 'call ended', { reason: event.reason });
    case 'caller-said':
    case 'agent-said':
    case 'filler':
      return;
  }
}

/** The model may call a tool by a name that it has made up, of words that it has heard. */
function plainName(name: string): string {
  return /^[\w.-]{1,64}$/.test(name) && !/\d{4}/.test(name) ? name : 'unnamed';
}
