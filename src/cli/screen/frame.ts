import { bufferLane, latencyLane, levelLane, type Paint, timeLane } from './lanes.js';
import type { ScreenState, ShownLatency } from './state.js';
import { seconds, shorten, stamp } from './text.js';

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** Wider than this the eye has to travel. */
const MAX_WIDTH = 140;
/** Room for a few lines about what happened must be left above the block. */
const FULL_ROWS = 14;
const SMALL_ROWS = 7;
const LANES_WIDTH = 24;
const STATUS_WIDTH = 48;
const LABEL = 9;
const STATUS = 9;

/**
 * The live block. For one size of terminal it has always the same number of lines, none wider than the terminal, so
 * that nothing jumps: eight lines where there is room, four on a low terminal, one on a tiny one.
 */
export function renderFrame(state: ScreenState, { columns, rows }: Size, paint: Paint): string[] {
  // The last column stays free: some terminals break the line when it is written to.
  const width = Math.max(1, Math.min(columns, MAX_WIDTH) - 1);
  if (width < LANES_WIDTH || rows < SMALL_ROWS) return [tiny(state, width, paint)];
  const statusWidth = width < STATUS_WIDTH ? 0 : STATUS;
  const laneWidth = width - LABEL - statusWidth;
  const lane = (label: string, text: string, status: string): string =>
    `${paint.dim(` ${label}`.padEnd(LABEL))}${text}${statusWidth > 0 ? `  ${status}` : ''}`;
  const caller = lane('caller', levelLane(state, laneWidth, 'caller', paint), speaks(state.callerSpeaks, paint));
  const agent = lane('agent', levelLane(state, laneWidth, 'agent', paint), speaks(state.agentSpeaks, paint));
  const head = title(state, width, paint);
  const foot = ` ${summary(state, width - 1, paint)}`;
  if (rows < FULL_ROWS) return [head, caller, agent, foot];
  return [
    '',
    head,
    caller,
    lane('', latencyLane(state, laneWidth, paint), between(state, paint)),
    agent,
    lane('buffer', bufferLane(state, laneWidth, paint), paint.dim(seconds(state.bufferedMs).padEnd(STATUS - 2))),
    lane('', timeLane(state, laneWidth, paint), ''),
    foot,
  ];
}

function tiny(state: ScreenState, width: number, paint: Paint): string {
  const who = state.callerSpeaks ? 'caller' : state.agentSpeaks ? 'agent' : state.phase === 'talking' ? '' : 'waits';
  return paint.bold(shorten(`${time(state)} ${who}`.trim(), width));
}

function title(state: ScreenState, width: number, paint: Paint): string {
  const clock = time(state).padStart(LONGEST_TIME);
  const keys = state.phase === 'hanging-up' ? 'hanging up' : 'Ctrl-C hangs up';
  const name = 'voicebridge';
  const room = width - name.length - clock.length - 4;
  if (room < LEAST_TITLE) return ` ${paint.bold(name)}${' '.repeat(Math.max(1, room + 3))}${paint.bold(clock)}`;
  const hint = room >= keys.length + LEAST_TITLE * 2 ? keys : '';
  const what = shorten(state.title, room - hint.length - 3);
  const gap = ' '.repeat(room - what.length - hint.length - 1);
  return ` ${paint.bold(name)} ${paint.dim('·')} ${what}${gap}${paint.dim(hint)} ${paint.bold(clock)}`;
}

const LEAST_TITLE = 6;
const LONGEST_TIME = '10:00.0'.length;

function time({ startedAtMs, nowMs }: ScreenState): string {
  return startedAtMs === undefined ? '' : stamp(nowMs - startedAtMs);
}

function speaks(now: boolean, paint: Paint): string {
  return now ? paint.bold('speaks ') : paint.dim('silent ');
}

/** What the two are waiting for. */
function between(state: ScreenState, paint: Paint): string {
  const { interruptedAtMs, waitsSinceMs, agentSpeaks, nowMs, phase } = state;
  if (interruptedAtMs !== undefined) return paint.inverse(paint.red('cuts in'));
  if (waitsSinceMs === undefined || agentSpeaks || phase !== 'talking') return ' '.repeat(STATUS - 2);
  return paint.dim(seconds(nowMs - waitsSinceMs).padEnd(STATUS - 2));
}

/** The numbers so far: `greeting 410 ms · answers 940, 950 ms · stops 30 ms · no findings`. */
function summary(state: ScreenState, width: number, paint: Paint): string {
  if (state.phase === 'connecting') return paint.dim(shorten('connecting', width));
  const facts = [
    numbers('greeting', 'greeting', state.latencies),
    numbers('answers', 'answer', state.latencies),
    numbers('stops', 'stop', state.latencies),
  ].filter((fact) => fact !== '');
  const found = findings(state);
  const text = shorten([...facts, found].join(' · '), width);
  const bad = state.errors > 0 ? paint.red : state.warnings > 0 ? paint.yellow : undefined;
  // The findings alone are coloured, and only when there was room for them.
  if (!bad || !text.endsWith(found)) return text;
  return `${text.slice(0, -found.length)}${bad(found)}`;
}

const LAST_NUMBERS = 3;

function numbers(word: string, kind: ShownLatency['kind'], latencies: readonly ShownLatency[]): string {
  const all = latencies.filter((latency) => latency.kind === kind);
  if (all.length === 0) return '';
  const last = all.slice(-LAST_NUMBERS).map(({ ms }) => Math.round(ms / 10) * 10);
  return `${word} ${all.length > last.length ? '… ' : ''}${last.join(', ')} ms`;
}

function findings({ errors, warnings }: ScreenState): string {
  const parts = [errors > 0 ? count(errors, 'error') : '', warnings > 0 ? count(warnings, 'warning') : ''];
  return parts.filter((part) => part !== '').join(', ') || 'no findings';
}

function count(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}
