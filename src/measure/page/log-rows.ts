import type { PhoneEvent } from '../../simulator/phone/events.js';

export type LogKind = 'caller' | 'agent' | 'media' | 'mark' | 'clear' | 'finding' | 'call';

/** One line of the log beside the waveforms. `atMs` counts from the start of the call. */
export type LogRow = readonly [atMs: number, kind: LogKind, text: string];

/** More would make a browser slow; the rest is in events.jsonl. */
const MAX_ROWS = 5_000;
/** Media messages further apart than this are told apart. */
const RUN_GAP_MS = 400;

/**
 * The events of a call as lines for people, in order of time. Runs of media messages are one line, a mark and its way
 * back are one, and the caller's 50 frames a second are none. The page shows the texts as text, whatever is in them.
 */
export function logRows(
  events: readonly PhoneEvent[],
  startedAtMs: number,
): { readonly rows: readonly LogRow[]; readonly leftOut: number } {
  const log = new Log(startedAtMs);
  for (const event of events) log.tell(event);
  return log.finish();
}

interface Run {
  readonly index: number;
  readonly firstMs: number;
  lastMs: number;
  messages: number;
  bytes: number;
  deepestMs: number;
}

class Log {
  readonly #startedAtMs: number;
  readonly #rows: [number, LogKind, string][] = [];
  /** Rows of marks that are on their way, by name, the first one first. */
  readonly #marks = new Map<string, { readonly index: number; readonly atMs: number }[]>();
  #run: Run | undefined;
  #leftOut = 0;

  constructor(startedAtMs: number) {
    this.#startedAtMs = startedAtMs;
  }

  tell(event: PhoneEvent): void {
    switch (event.type) {
      case 'frame':
        return;
      case 'media':
        return this.#media(event);
      case 'mark':
        return this.#mark(event.atMs, event.name);
      case 'mark-echo':
        return this.#echo(event.atMs, event.name, event.cleared);
      case 'clear':
        this.#run = undefined;
        this.#add(event.atMs, 'clear', `clear: ${ms(event.droppedBytes / 8)} of audio thrown away`);
        return;
      default: {
        const told = plainRow(event);
        if (told) this.#add(event.atMs, ...told);
      }
    }
  }

  finish(): { rows: readonly LogRow[]; leftOut: number } {
    // What was heard is told once it is certain, which is later than it happened.
    return { rows: this.#rows.sort((a, b) => a[0] - b[0]), leftOut: this.#leftOut };
  }

  #media({ atMs, bytes, bufferedMs }: Extract<PhoneEvent, { type: 'media' }>): void {
    const before = this.#run;
    if (!before || atMs - before.lastMs > RUN_GAP_MS) {
      const index = this.#add(atMs, 'media', '');
      if (index === undefined) return;
      this.#run = { index, firstMs: atMs, lastMs: atMs, messages: 0, bytes: 0, deepestMs: 0 };
    }
    const run = this.#run!;
    run.lastMs = atMs;
    run.messages++;
    run.bytes += bytes;
    run.deepestMs = Math.max(run.deepestMs, bufferedMs);
    const within = run.messages === 1 ? '' : ` within ${ms(run.lastMs - run.firstMs)}`;
    const messages = run.messages === 1 ? '1 message' : `${run.messages} messages`;
    this.#rows[run.index]![2] =
      `${messages}, ${ms(run.bytes / 8)} of audio${within}, buffer up to ${ms(run.deepestMs)}`;
  }

  #mark(atMs: number, name: string): void {
    const index = this.#add(atMs, 'mark', `mark “${name}”`);
    if (index === undefined) return;
    const waiting = this.#marks.get(name);
    if (waiting) waiting.push({ index, atMs });
    else this.#marks.set(name, [{ index, atMs }]);
  }

  #echo(atMs: number, name: string, cleared: boolean): void {
    const sent = this.#marks.get(name)?.shift();
    if (!sent) return;
    const how = cleared ? 'flushed by a clear' : 'played';
    this.#rows[sent.index]![2] = `mark “${name}”, ${how} after ${ms(atMs - sent.atMs)}`;
  }

  /** Its place before sorting; undefined when there is no room. */
  #add(atMs: number, kind: LogKind, text: string): number | undefined {
    if (this.#rows.length >= MAX_ROWS) {
      this.#leftOut++;
      return undefined;
    }
    return this.#rows.push([Math.round((atMs - this.#startedAtMs) * 10) / 10, kind, text]) - 1;
  }
}

function plainRow(event: PhoneEvent): [LogKind, string] | undefined {
  switch (event.type) {
    case 'connecting':
      return ['call', `connecting to ${event.url}`];
    case 'open':
      return ['call', 'the WebSocket is open'];
    case 'start':
      return ['call', `start sent, ${event.streamSid}`];
    case 'caller-speech-start': {
      const how = event.interrupts ? 'the caller interrupts' : 'the caller speaks';
      return ['caller', event.text === undefined ? how : `${how}: “${event.text}”`];
    }
    case 'caller-speech-end':
      return ['caller', 'the caller has finished'];
    case 'agent-starts':
      return ['agent', 'the agent is heard'];
    case 'agent-finishes':
      return ['agent', 'the agent is silent'];
    case 'playout-start':
      return ['agent', 'playout begins'];
    case 'playout-empty':
      return ['agent', 'the buffer has run empty'];
    case 'dtmf':
      return ['caller', `the caller presses ${event.digit}`];
    case 'wait-timeout':
      return ['call', `step ${event.step + 1} waited in vain`];
    case 'lint':
      return ['finding', `${event.finding.level} ${event.finding.rule}: ${event.finding.message}`];
    case 'stop':
      return ['call', 'stop sent'];
    case 'closed':
      return ['call', `the ${event.by} closed the stream, code ${event.code}`];
    case 'caller-sound':
      return ['caller', `the caller is heard with a ${event.kind}, not meant for the agent`];
    case 'expectation':
      return ['call', `${event.ok ? 'as expected' : 'not as expected'}: ${event.expected}; ${event.found}`];
    case 'drop':
      return ['call', 'the caller loses the connection'];
    case 'reconnect':
      return ['call', `a new stream of the call, ${event.streamSid}`];
    case 'webhook': {
      const told = event.tells === undefined ? '' : `, which tells ${event.tells},`;
      const answer = event.status === undefined ? 'is not answered' : `is answered with ${event.status}`;
      return ['call', `${event.method} ${event.url}${told} ${answer} after ${ms(event.tookMs)}`];
    }
    case 'verb':
      return ['call', `TwiML: ${event.verb}${event.text === '' ? '' : ` ${event.text}`}`];
    case 'stream-ended':
      return [
        'call',
        event.by === 'phone'
          ? 'stop sent, the call goes on'
          : `the server closed the stream, code ${event.code}; the call goes on`,
      ];
    case 'fault':
      return ['call', `fault ${event.fault} ${event.phase}${event.text === undefined ? '' : `: ${event.text}`}`];
    case 'behind':
      return [
        'call',
        `this machine is late: ${event.lateFrames} of ${event.frames} frames by more than ${ms(event.limitMs)}`,
      ];
    default:
      return undefined;
  }
}

function ms(value: number): string {
  return value >= 10_000 ? `${(value / 1000).toFixed(1)} s` : `${Math.round(value)} ms`;
}
