import type { HistoryLine } from '../model/model.js';
import type { CallEventBody } from './events.js';
import { heardText, paceOf, type SpokenLine, USUAL_PACE } from './heard-text.js';

/** One line of either side, as it is told. */
export type SaidEvent = Extract<CallEventBody, { readonly type: 'caller-said' | 'agent-said' }>;

/** How many milliseconds of an item that is still playing have been heard by now; undefined when none of it was sent. */
export type HeardSoFar = (itemId: string) => number | undefined;

interface CallerLine {
  readonly side: 'caller';
  readonly itemId: string;
  text: string;
  final: boolean;
  startMs: number | undefined;
  endMs: number | undefined;
  /** Where it stands among the others. */
  placeMs: number;
}

interface AgentLine {
  readonly side: 'agent';
  readonly itemId: string;
  text: string;
  /** Audio that was sent to the caller, and all that the model made. */
  sentMs: number;
  madeMs: number;
  /** When the first of it was sent, and when it was to be heard: behind what was sent before. */
  sentAtMs: number;
  placeMs: number;
  /** The model has said that nothing more of it is to come. */
  done: boolean;
  /** It has said all that it had meant to. */
  whole: boolean;
  /** Set when it is known what was heard of it. */
  over: { readonly heardMs: number | 'all'; readonly audioMs: number; readonly endMs: number } | undefined;
  /** As it was told last, so that nothing is told twice. */
  told: string | undefined;
}

interface Note {
  readonly side: 'note';
  readonly line: HistoryLine;
  readonly placeMs: number;
}

/** Longer calls forget their oldest lines. */
const LINES_KEPT = 2_000;

/** So much of the usual pace is believed before this voice has been heard. */
const USUAL_PACE_MS = 3_000;

/**
 * What both sides have said and heard. Of the agent a line counts as far as it was played: of one that was cut short, the
 * words are estimated from the share of its audio. It reads no clock and knows no ledger; it is told, and tells `onLine`
 * each line when it is known. A line that changes afterwards, because the model writes on, is told again under its itemId.
 *
 * `atMs` is the time since the start of the stream, as in CallEvent.
 *
 * ```
 * agent's line   text and audio in any order ──▶ playing ──played──▶ whole
 *                                                   └──heard(ms)──▶ cut short; text that arrives later mends the estimate
 * ```
 */
export class Transcript {
  readonly #onLine: (line: SaidEvent) => void;
  readonly #lines = new Map<string, CallerLine | AgentLine | Note>();
  /** When the audio sent so far will have been played: says where the next line begins. */
  #playedToMs = 0;
  #spoken = { weight: USUAL_PACE * USUAL_PACE_MS, voicedMs: USUAL_PACE_MS };
  #notes = 0;

  constructor(onLine: (line: SaidEvent) => void) {
    this.#onLine = onLine;
  }

  /** The model hears the caller. `itemId` is that of the text which may follow. */
  speechStarted(itemId: string | undefined, atMs: number): void {
    if (itemId !== undefined) this.#caller(itemId, atMs).startMs ??= atMs;
  }

  speechStopped(itemId: string | undefined, atMs: number): void {
    if (itemId !== undefined) this.#caller(itemId, atMs).endMs = atMs;
  }

  /** What the caller said; `text` is all of it so far. */
  callerText(itemId: string, text: string, final: boolean, atMs: number): void {
    const line = this.#caller(itemId, atMs);
    const trimmed = text.trim();
    if (line.text === trimmed && (line.final || !final || trimmed === '')) return;
    line.text = trimmed;
    line.final = final;
    const { startMs, endMs } = line;
    this.#onLine({
      ...{ type: 'caller-said', itemId, text: trimmed, final },
      ...(startMs !== undefined && { startMs: round(startMs) }),
      ...(endMs !== undefined && { endMs: round(endMs) }),
    });
  }

  /** More words of the agent, before, with or after their audio, also of a line that has been cut short. */
  agentText(itemId: string, delta: string, atMs: number): void {
    const line = this.#agent(itemId, atMs);
    line.text += delta;
    if (line.done) this.#tell(line);
  }

  /** So much audio of an item was sent to the caller. Once per delta. */
  agentAudio(itemId: string, ms: number, atMs: number): void {
    const line = this.#agent(itemId, atMs);
    const startMs = Math.max(this.#playedToMs, atMs);
    if (line.sentMs === 0) {
      line.sentAtMs = atMs;
      line.placeMs = startMs;
    }
    line.sentMs += ms;
    line.madeMs += ms;
    this.#playedToMs = startMs + ms;
  }

  /** So much audio came after its answer had been given up, and was not sent: the text of it may come all the same. */
  audioDropped(itemId: string, ms: number): void {
    const line = this.#lines.get(itemId);
    if (line?.side === 'agent') line.madeMs += ms;
  }

  /**
   * Neither text nor audio of an item follows. `whole`: the model has said all of it; otherwise it was cancelled, and
   * nobody knows how far its text had run ahead of its voice.
   */
  itemDone(itemId: string, whole: boolean): void {
    const line = this.#lines.get(itemId);
    if (line?.side !== 'agent' || line.done) return;
    line.done = true;
    line.whole = whole;
    this.#tell(line);
  }

  /** The relay itself plays something of which the words are known: a recorded greeting, a filler, an apology. */
  local(itemId: string, text: string, audioMs: number, atMs: number): void {
    this.agentText(itemId, text, atMs);
    this.agentAudio(itemId, audioMs, atMs);
    this.itemDone(itemId, true);
  }

  /** What waits at the carrier is heard so much later: it was stopped for a noise, and goes on. */
  postponed(ms: number): void {
    this.#playedToMs += ms;
  }

  /** An item was heard to its end; `atMs` is when. */
  played(itemId: string, atMs: number): void {
    const line = this.#lines.get(itemId);
    if (line?.side !== 'agent' || line.over) return;
    line.over = { heardMs: 'all', audioMs: line.sentMs, endMs: atMs };
    if (line.whole && line.text !== '') {
      const { weight, voicedMs } = paceOf(line.text, line.sentMs);
      this.#spoken.weight += weight;
      this.#spoken.voicedMs += voicedMs;
    }
    this.#tell(line);
  }

  /** An item was cut short: of `audioMs` that were sent, `heardMs` were heard. `atMs` is when it fell silent. */
  heard(itemId: string, heardMs: number, audioMs: number, atMs: number): void {
    const line = this.#lines.get(itemId);
    if (line?.side !== 'agent' || line.over) return;
    const endMs = Math.min(atMs, line.placeMs + Math.max(0, heardMs));
    line.over = { heardMs, audioMs, endMs };
    this.#closeGap(endMs);
    this.#tell(line);
  }

  /** The words that were heard of a line of the agent which is over; undefined of any other. */
  heardOf(itemId: string): string | undefined {
    const line = this.#lines.get(itemId);
    return line?.side === 'agent' && line.over ? this.#split(line, line.over.heardMs).text : undefined;
  }

  /** Something that belongs to the memory of the conversation without having been said: keys, facts of an operator. */
  note(line: HistoryLine, atMs: number): void {
    this.#notes += 1;
    this.#keep(`note ${this.#notes}`, { side: 'note', line, placeMs: atMs });
  }

  /** The call is over: what was playing is told as far as it was heard. */
  end(heardSoFar: HeardSoFar, atMs: number): void {
    for (const line of this.#lines.values()) {
      if (line.side !== 'agent') continue;
      line.done = true;
      if (!line.over) this.heard(line.itemId, heardSoFar(line.itemId) ?? 0, line.sentMs, atMs);
      else this.#tell(line);
    }
  }

  /**
   * What was said and heard so far, in order: the memory for a new session. Of a line that is playing, what `heardSoFar`
   * says; without it all that was sent.
   */
  history(heardSoFar?: HeardSoFar): HistoryLine[] {
    return [...this.#lines.values()]
      .sort((a, b) => a.placeMs - b.placeMs)
      .map((line): HistoryLine => {
        if (line.side === 'note') return line.line;
        if (line.side === 'caller') return { role: 'caller', text: line.text };
        const soFarMs = heardSoFar ? (heardSoFar(line.itemId) ?? 0) : line.sentMs;
        const heardMs = line.over?.heardMs ?? soFarMs;
        return { role: 'agent', text: this.#split(line, heardMs).text };
      })
      .filter(({ text }) => text !== '');
  }

  /**
   * What was to be played is not. It is known only when the carrier has answered, so that an answer may have been sent
   * meanwhile: it does not wait for the lost audio.
   */
  #closeGap(endMs: number): void {
    this.#playedToMs = Math.min(this.#playedToMs, endMs);
    for (const line of this.#lines.values()) {
      if (line.side !== 'agent' || line.over || line.sentMs === 0 || line.placeMs <= endMs) continue;
      line.placeMs = Math.max(line.sentAtMs, this.#playedToMs);
      this.#playedToMs = line.placeMs + line.sentMs;
    }
  }

  #tell(line: AgentLine): void {
    const { over, itemId, placeMs } = line;
    if (!over) return;
    const { text, unheard } = this.#split(line, over.heardMs);
    if (text === '') return;
    const told = `${text}\n${unheard}`;
    if (line.told === told) return;
    line.told = told;
    const interrupted = over.heardMs !== 'all';
    this.#onLine({
      ...{ type: 'agent-said', itemId, text },
      ...{ startMs: round(placeMs), endMs: round(over.endMs) },
      ...{ interrupted, estimated: interrupted },
      ...(unheard !== '' && { unheard }),
    });
  }

  #split(line: AgentLine, heardMs: number | 'all'): { text: string; unheard: string } {
    if (heardMs === 'all') return { text: line.text.trim(), unheard: '' };
    // More was made than sent when the rest came too late: the words belong to all of it.
    const audioMs = Math.max(line.madeMs, line.over?.audioMs ?? 0);
    const pace = this.#spoken.weight / this.#spoken.voicedMs;
    const spoken: SpokenLine = { text: line.text, audioMs, complete: line.whole, pace };
    return heardText(spoken, Math.min(heardMs, audioMs));
  }

  #caller(itemId: string, atMs: number): CallerLine {
    const known = this.#lines.get(itemId);
    if (known?.side === 'caller') return known;
    const line: CallerLine = {
      ...{ side: 'caller', itemId, text: '', final: false },
      ...{ startMs: undefined, endMs: undefined, placeMs: atMs },
    };
    return this.#keep(itemId, line);
  }

  #agent(itemId: string, atMs: number): AgentLine {
    const known = this.#lines.get(itemId);
    if (known?.side === 'agent') return known;
    const line: AgentLine = {
      ...{
        side: 'agent',
        itemId,
        text: '',
        sentMs: 0,
        madeMs: 0,
        sentAtMs: atMs,
        placeMs: Math.max(this.#playedToMs, atMs),
      },
      ...{ done: false, whole: false, over: undefined, told: undefined },
    };
    return this.#keep(itemId, line);
  }

  #keep<Line extends CallerLine | AgentLine | Note>(id: string, line: Line): Line {
    this.#lines.set(id, line);
    if (this.#lines.size > LINES_KEPT) this.#lines.delete(this.#lines.keys().next().value!);
    return line;
  }
}

function round(ms: number): number {
  return Math.round(ms);
}
