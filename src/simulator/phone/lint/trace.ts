import { decodeMulaw } from '../../../audio/g711.js';
import type { Clock } from '../../../clock.js';
import { findSpeech } from '../../../measure/voice.js';
import { DEFAULTS } from '../../../options.js';
import { Earpiece } from '../earpiece.js';
import type { PhoneEvent } from '../events.js';
import { type LintFinding, lintFinding } from '../lint.js';
import { CallMemory } from '../record.js';
import { CallLint } from './call-lint.js';
import type { LintRule } from './rules.js';

/**
 * One message of a stream as anybody can write it down who sees it pass: a server, a proxy, a test. `atMs` counts from
 * any moment, on one clock. `close` instead of `text` is the end of the stream, with its code and who closed first.
 */
export interface TraceLine {
  readonly atMs: number;
  readonly from: 'server' | 'phone';
  /** The message. */
  readonly text?: string;
  /** A binary message, of which only the length matters. */
  readonly binaryBytes?: number;
  readonly close?: number;
}

export interface JudgedTrace {
  /** In order of their time; of one rule at most as many as a call's record keeps. */
  readonly findings: readonly LintFinding[];
  readonly counts: Readonly<Record<string, number>>;
  /** First and last time. */
  readonly startMs: number;
  readonly endMs: number;
  /** Of the server. */
  readonly messages: number;
}

const FRAME_MS = DEFAULTS.phone.frameMs;
const SAMPLES_PER_MS = 8;
/** In a trace nobody says whether the caller meant to interrupt: so many milliseconds over the agent are taken for it. */
const MEANT_MS = 1_000;

/**
 * Judges the messages of one stream as the phone would have judged them when they came. Where the caller spoke is found
 * in the phone's media, when the trace has them. Pure: the same trace gives the same findings.
 */
export function judgeTrace(trace: readonly TraceLine[]): JudgedTrace {
  const lines = [...trace].sort((a, b) => a.atMs - b.atMs);
  const startMs = lines[0]?.atMs ?? 0;
  const endMs = lines.at(-1)?.atMs ?? startMs;
  const clock = new TraceClock(startMs);
  const memory = new CallMemory(startMs);
  const findings: LintFinding[] = [];
  const counts: Record<string, number> = {};
  const complain = (rule: LintRule, message?: string, offending?: string): void => {
    const finding = lintFinding(rule, clock.now(), message, offending);
    counts[rule] = (counts[rule] ?? 0) + 1;
    if (!memory.breaks(rule)) return;
    findings.push(finding);
    lint.event({ type: 'lint', atMs: finding.atMs, finding });
  };
  const lint = new CallLint(complain);
  const earpiece = new Earpiece({
    clock,
    memory,
    streamSid: streamSidOf(lines),
    assume: DEFAULTS.phone,
    maxBufferedBytes: DEFAULTS.phone.maxBufferedBytes,
    agentQuietMs: DEFAULTS.phone.agentQuietMs,
    note: (event) => lint.event(event),
    complain,
    judgeAudio: (audio, streamOffset, atMs) => lint.audio(audio, streamOffset, atMs),
    echoMark: () => {},
  });
  const speech = speechEvents(lines);
  lint.event({ type: 'start', atMs: startMs, streamSid: '', callSid: '' });
  for (const line of lines) {
    while (speech[0] && speech[0].atMs <= line.atMs) {
      clock.advanceTo(speech[0].atMs);
      lint.event(speech.shift()!);
    }
    clock.advanceTo(line.atMs);
    earpiece.settle(line.atMs);
    follow(line, earpiece, lint);
  }
  // A trace that ends without saying how has ended with the caller: nobody can be blamed.
  lint.event({ type: 'stop', atMs: endMs });
  earpiece.stop();
  return { findings, counts, startMs, endMs, messages: earpiece.messages };
}

function follow({ from, text, binaryBytes, close, atMs }: TraceLine, earpiece: Earpiece, lint: CallLint): void {
  if (close !== undefined) return lint.event({ type: 'closed', atMs, code: close, by: from });
  if (from === 'phone') return lint.tick(atMs);
  if (text !== undefined) earpiece.receive(Buffer.from(text), false);
  else if (binaryBytes !== undefined) earpiece.receive(Buffer.alloc(Math.min(binaryBytes, 1 << 24)), true);
}

/** Of the phone's `start`; without one, what the server itself sends most often. */
function streamSidOf(lines: readonly TraceLine[]): string {
  const counts = new Map<string, number>();
  for (const { from, text } of lines) {
    const message = text === undefined ? undefined : parsed(text);
    const sid = message?.streamSid;
    if (typeof sid !== 'string') continue;
    if (from === 'phone') return sid;
    counts.set(sid, (counts.get(sid) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? '';
}

/** Where the caller speaks, from the phone's media: found offline, so that their beginning is known to the sample. */
function speechEvents(lines: readonly TraceLine[]): PhoneEvent[] {
  const frames: Buffer[] = [];
  let firstMs: number | undefined;
  for (const { from, text, atMs } of lines) {
    if (from !== 'phone' || text === undefined) continue;
    const media = parsed(text)?.media;
    const payload = isFields(media) ? media.payload : undefined;
    if (typeof payload !== 'string') continue;
    // A frame is sent when its last sample has been spoken.
    firstMs ??= atMs - FRAME_MS;
    frames.push(Buffer.from(payload, 'base64'));
  }
  if (firstMs === undefined) return [];
  const originMs = firstMs;
  return findSpeech(decodeMulaw(Buffer.concat(frames)), 8000).flatMap(({ startSample, endSample }, step) => {
    const interrupts = (endSample - startSample) / SAMPLES_PER_MS >= MEANT_MS;
    const start = { type: 'caller-speech-start', atMs: originMs + startSample / SAMPLES_PER_MS, step, interrupts };
    const end = { type: 'caller-speech-end', atMs: originMs + endSample / SAMPLES_PER_MS, step };
    return [start, end] as PhoneEvent[];
  });
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A clock that is moved from line to line, with the one timer that an earpiece keeps. */
class TraceClock implements Clock {
  #nowMs: number;
  #timer: { readonly atMs: number; readonly act: () => void } | undefined;

  constructor(nowMs: number) {
    this.#nowMs = nowMs;
  }

  now(): number {
    return this.#nowMs;
  }

  at(atMs: number, act: () => void): () => void {
    const timer = { atMs, act };
    this.#timer = timer;
    return () => {
      if (this.#timer === timer) this.#timer = undefined;
    };
  }

  advanceTo(toMs: number): void {
    for (let timer = this.#timer; timer && timer.atMs <= toMs; timer = this.#timer) {
      this.#timer = undefined;
      this.#nowMs = Math.max(this.#nowMs, timer.atMs);
      timer.act();
    }
    this.#nowMs = Math.max(this.#nowMs, toMs);
  }
}

/**
 * Judges the event log of a call once more: what was found then, and what today's rules find in its events. Audio is
 * not in the log, so what only the sound shows is as it was.
 */
export function judgeEvents(events: readonly PhoneEvent[]): JudgedTrace {
  const findings = events.flatMap((event) => (event.type === 'lint' ? [event.finding] : []));
  const known = new Set(findings.map(({ rule }) => rule));
  let nowMs = 0;
  const lint = new CallLint((rule, message) => {
    if (!known.has(rule)) findings.push(lintFinding(rule, nowMs, message));
  });
  let messages = 0;
  for (const event of events) {
    nowMs = event.atMs;
    if (event.type === 'media' || event.type === 'mark' || event.type === 'clear') messages++;
    lint.event(event);
  }
  const counts: Record<string, number> = {};
  for (const { rule } of findings) counts[rule] = (counts[rule] ?? 0) + 1;
  const start = events.find(({ type }) => type === 'start') ?? events[0];
  findings.sort((a, b) => a.atMs - b.atMs);
  return { findings, counts, startMs: start?.atMs ?? 0, endMs: nowMs, messages };
}
