import type { HeardSpan, PhoneEvent } from '../simulator/phone/events.js';
import type { ModelAudio, ModelItem } from './model-audio.js';

/** A hole at most this long between two played stretches of one answer is an underrun; a longer one is a new answer. */
const SAME_ANSWER_MS = 3_000;

/**
 * The worst hole of every answer, 0 for one played in one piece. With the model's truth an answer is one item of the
 * conversation; without it, what was played without the caller speaking or a clear in between. Silence that a clear
 * made is no underrun, whatever is leaked after it.
 */
export function worstGaps(
  heard: readonly HeardSpan[],
  audio: ModelAudio | undefined,
  breaks: readonly number[],
  clears: readonly number[] = [],
): number[] {
  return audio
    ? audio.items.flatMap((item) => worstGapOf(spansOf(item, heard), clears) ?? [])
    : gapsWithoutModel(heard, breaks);
}

interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

function stretch(span: HeardSpan): Stretch {
  return { fromMs: span.playedAtMs, toMs: span.playedAtMs + span.bytes / 8 };
}

function spansOf(item: ModelItem, heard: readonly HeardSpan[]): Stretch[] {
  const pieces = item.deltas.flatMap((delta) => delta.pieces);
  return heard
    .filter((span) =>
      pieces.some(
        ({ streamOffset, bytes }) =>
          streamOffset < span.streamOffset + span.bytes && span.streamOffset < streamOffset + bytes,
      ),
    )
    .map(stretch);
}

function worstGapOf(stretches: readonly Stretch[], clears: readonly number[] = []): number | undefined {
  if (stretches.length === 0) return undefined;
  const holes = stretches.slice(1).map((each, index) => {
    const { toMs } = stretches[index]!;
    return clears.some((atMs) => atMs >= toMs - 1 && atMs <= each.fromMs) ? 0 : each.fromMs - toMs;
  });
  return Math.max(0, ...holes);
}

function gapsWithoutModel(heard: readonly HeardSpan[], breaks: readonly number[]): number[] {
  const answers: Stretch[][] = [];
  for (const each of heard.map(stretch)) {
    const current = answers.at(-1);
    const before = current?.at(-1);
    const goesOn =
      before !== undefined &&
      each.fromMs - before.toMs <= SAME_ANSWER_MS &&
      !breaks.some((atMs) => atMs >= before.toMs - 1 && atMs <= each.fromMs);
    if (goesOn) current!.push(each);
    else answers.push([each]);
  }
  return answers.flatMap((answer) => worstGapOf(answer) ?? []);
}

/** Audio waiting at the phone each time more arrived. */
export function bufferLevels(events: readonly PhoneEvent[]): number[] {
  return events.flatMap((event) => (event.type === 'media' ? [event.bufferedMs] : []));
}

/**
 * Audio that was still waiting when the server ended the call. `undefined` when the caller hung up, who may do so in
 * the middle of a word.
 */
export function goodbyeCut(record: {
  readonly endReason: string;
  readonly received: Uint8Array;
  readonly heard: readonly HeardSpan[];
  readonly events: readonly PhoneEvent[];
}): number | undefined {
  if (record.endReason !== 'server-closed' && record.endReason !== 'connection-lost') return undefined;
  const lastHeard = record.heard.at(-1);
  const heardTo = lastHeard ? lastHeard.streamOffset + lastHeard.bytes : 0;
  return Math.max(0, record.received.length - Math.max(heardTo, clearedTo(record.events))) / 8;
}

/** Everything received before the last clear was either heard by then or thrown away by it. */
function clearedTo(events: readonly PhoneEvent[]): number {
  let received = 0;
  let cleared = 0;
  for (const event of events) {
    if (event.type === 'media') received = event.streamOffset + event.bytes;
    if (event.type === 'clear') cleared = received;
  }
  return cleared;
}

/** Times at which a new answer begins for sure: the caller spoke, or a clear came. */
export function answerBreaks(speech: readonly { readonly endMs: number }[], events: readonly PhoneEvent[]): number[] {
  return [
    ...speech.map((said) => said.endMs),
    ...events.flatMap((event) => (event.type === 'clear' ? [event.atMs] : [])),
  ];
}
