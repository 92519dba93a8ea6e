import { MULAW_SILENCE } from '../../audio/g711.js';
import { DEFAULTS } from '../../options.js';
import { Ear, type HeardUtterance } from './ear.js';
import type { LabelledSpeech, SoundKind } from './labels.js';
import type { Anchor } from './placement.js';
import type { Step } from './script/steps.js';

const SAMPLES_PER_MS = 8;
/** Waited longer than the first time for an agent that does not come, before the caller goes on without it. */
const PATIENCE_MS = 5_000;

/** What a recorded call says about its caller. Times in milliseconds since `start` was sent; lanes are µ-law at 8 kHz. */
export interface RecordedCall {
  readonly callerLane: Uint8Array;
  readonly heardLane: Uint8Array;
  readonly speech: readonly RecordedSpeech[];
  readonly sounds: readonly RecordedSound[];
  readonly digits: readonly { readonly atMs: number; readonly digit: string }[];
  /** Clears that threw audio away. */
  readonly clears: readonly { readonly atMs: number }[];
  /** When the caller hung up; absent when something else ended the call. */
  readonly hungUpMs?: number;
}

export interface RecordedSpeech {
  readonly startMs: number;
  readonly endMs: number;
  readonly interrupts: boolean;
  readonly text?: string;
}

export interface RecordedSound {
  readonly startMs: number;
  readonly endMs: number;
  readonly kind: SoundKind;
}

type Item =
  | ({ readonly is: 'heard'; readonly startMs: number; readonly endMs: number } & Omit<
      LabelledSpeech,
      'startSample' | 'endSample'
    >)
  | { readonly is: 'digit'; readonly startMs: number; readonly endMs: number; readonly digit: string }
  | { readonly is: 'hangup'; readonly startMs: number; readonly endMs: number };

/**
 * The caller of a recorded call as a script: everything it did, each placed relative to what the agent did just before
 * it. What follows without the agent having done anything in between keeps its distance to what it follows.
 */
export function planReplay(call: RecordedCall): Step[] {
  const agent = utterancesOf(call.heardLane, call.clears);
  const steps: Step[] = [];
  let doneMs = 0;
  let beganMs = Number.NEGATIVE_INFINITY;
  for (const stretch of stretches(itemsOf(call), agent)) {
    const first = stretch[0]!;
    const anchor = anchorOf(first.startMs, beganMs, doneMs, agent);
    const timeoutMs = Math.max(0, first.startMs - doneMs) + PATIENCE_MS;
    const meanwhile = call.callerLane.subarray(sampleOf(doneMs), sampleOf(first.startMs));
    steps.push({ type: 'place', anchor, timeoutMs, ...(isAudible(meanwhile) && { meanwhile }) });
    steps.push(...performed(stretch, call.callerLane));
    beganMs = first.startMs;
    doneMs = stretch.at(-1)!.endMs;
  }
  return steps;
}

/** What the agent was heard with, by the same ear as in the call itself. */
export function utterancesOf(heardLane: Uint8Array, clears: RecordedCall['clears']): readonly HeardUtterance[] {
  const ear = new Ear({ quietMs: DEFAULTS.phone.agentQuietMs, onStart: () => {}, onFinish: () => {} });
  let from = 0;
  const hearUntil = (sample: number): void => {
    ear.hear(heardLane.subarray(from, sample), from, from / SAMPLES_PER_MS);
    ear.advance(sample / SAMPLES_PER_MS);
    from = sample;
  };
  for (const { atMs } of clears) {
    hearUntil(Math.max(from, sampleOf(atMs)));
    ear.cut(atMs);
  }
  hearUntil(heardLane.length);
  return ear.utterances;
}

function itemsOf({ speech, sounds, digits, hungUpMs }: RecordedCall): Item[] {
  const items: Item[] = [
    ...speech.map(
      ({ startMs, endMs, interrupts, text }): Item => ({
        is: 'heard',
        startMs,
        endMs,
        ...(interrupts && { interrupts }),
        ...(text !== undefined && { text }),
      }),
    ),
    ...sounds.map(({ startMs, endMs, kind }): Item => ({ is: 'heard', startMs, endMs, sound: kind })),
    // A key is told of when it is let go.
    ...digits.map(({ atMs, digit }): Item => {
      const startMs = Math.max(0, atMs - DEFAULTS.phone.digitMs);
      return { is: 'digit', startMs, endMs: startMs, digit };
    }),
  ];
  items.sort((a, b) => a.startMs - b.startMs);
  if (hungUpMs !== undefined) items.push({ is: 'hangup', startMs: hungUpMs, endMs: hungUpMs });
  return items;
}

/** Items between which the agent neither began nor ended anything, and that are nothing but sound, belong together. */
function stretches(items: readonly Item[], agent: readonly HeardUtterance[]): Item[][] {
  const found: Item[][] = [];
  for (const item of items) {
    const stretch = found.at(-1);
    const before = stretch?.at(-1);
    const together = before?.is === 'heard' && item.is === 'heard' && !latest(agent, before.endMs, item.startMs);
    if (together) stretch!.push(item);
    else found.push([item]);
  }
  return found;
}

function performed(stretch: readonly Item[], lane: Uint8Array): Step[] {
  const first = stretch[0]!;
  if (first.is === 'hangup') return [{ type: 'hangup' }];
  if (first.is === 'digit') return [{ type: 'digits', digits: first.digit }];
  const begin = sampleOf(first.startMs);
  const audio = lane.slice(begin, sampleOf(stretch.at(-1)!.endMs));
  const speech = stretch.flatMap((item): LabelledSpeech[] => {
    if (item.is !== 'heard') return [];
    const { is: _, startMs, endMs, ...label } = item;
    const startSample = sampleOf(startMs) - begin;
    return [{ ...label, startSample, endSample: Math.min(audio.length, sampleOf(endMs) - begin) }];
  });
  return [{ type: 'say', clip: { name: 'the recorded caller', audio, speech } }];
}

function anchorOf(atMs: number, beganMs: number, doneMs: number, agent: readonly HeardUtterance[]): Anchor {
  const last = latest(agent, doneMs, atMs);
  if (!last) {
    return doneMs === 0 ? { after: 'call-start', ms: atMs } : { after: 'caller', ms: atMs - doneMs };
  }
  const nth = agent.filter(({ startMs }) => startMs > beganMs && startMs < atMs).length;
  return { ...last.event, nth, ms: atMs - last.ms };
}

/** What the agent did last between two moments. */
function latest(agent: readonly HeardUtterance[], fromMs: number, toMs: number) {
  let last: { event: { after: 'agent-starts' | 'agent-finishes' }; ms: number } | undefined;
  for (const { startMs, lastAudibleMs } of agent) {
    if (startMs > fromMs && startMs < toMs) last = { event: { after: 'agent-starts' }, ms: startMs };
    if (lastAudibleMs > fromMs && lastAudibleMs <= toMs)
      last = { event: { after: 'agent-finishes' }, ms: lastAudibleMs };
  }
  return last;
}

function isAudible(audio: Uint8Array): boolean {
  return audio.some((sample) => sample !== MULAW_SILENCE);
}

function sampleOf(ms: number): number {
  return Math.round(ms * SAMPLES_PER_MS);
}
