import type { PhoneEvent } from '../../simulator/phone/events.js';
import { seconds, shorten, stamp } from './text.js';

/** What the live view shows, and nothing that must be measured. Changed by `onEvent` and `onTick` only. */
export interface ScreenState {
  readonly title: string;
  readonly phase: 'connecting' | 'talking' | 'hanging-up';
  /** When `start` was sent; unknown while connecting. */
  readonly startedAtMs?: number;
  readonly nowMs: number;
  readonly callerSpeaks: boolean;
  readonly agentSpeaks: boolean;
  readonly bufferedMs: number;
  readonly marksSent: number;
  readonly marksBack: number;
  readonly lastClear?: { readonly atMs: number; readonly droppedBytes: number };
  /** One entry per column of time, newest last, at most MAX_COLUMNS. */
  readonly lanes: readonly LaneColumn[];
}

export interface LaneColumn {
  readonly fromMs: number;
  /** Loudest so far in this column, dBov. */
  readonly callerDbov: number;
  readonly agentDbov: number;
  /** A clear emptied the agent's audio here. */
  readonly cleared: boolean;
}

/** One column of a lane is this much time: slow enough to read, and a syllable still shows. */
const COLUMN_MS = 200;
const MAX_COLUMNS = 200;
const CLEAR_SHOWN_MS = 1500;

export function firstState(title: string): ScreenState {
  return {
    title,
    phase: 'connecting',
    nowMs: 0,
    callerSpeaks: false,
    agentSpeaks: false,
    bufferedMs: 0,
    marksSent: 0,
    marksBack: 0,
    lanes: [],
  };
}

/** Called for every event of the phone, also the 50 frames a second that change nothing. */
export function onEvent(state: ScreenState, event: PhoneEvent): ScreenState {
  switch (event.type) {
    case 'start':
      return { ...state, phase: 'talking', startedAtMs: event.atMs, nowMs: event.atMs };
    case 'caller-speech-start':
      return { ...state, callerSpeaks: true };
    case 'caller-speech-end':
      return { ...state, callerSpeaks: false };
    case 'agent-starts':
      return { ...state, agentSpeaks: true };
    case 'agent-finishes':
      return { ...state, agentSpeaks: false };
    case 'mark':
      return { ...state, marksSent: state.marksSent + 1 };
    case 'mark-echo':
      return { ...state, marksBack: state.marksBack + 1 };
    case 'clear': {
      const lastClear = { atMs: event.atMs, droppedBytes: event.droppedBytes };
      const lanes = state.lanes.map((column, at) =>
        at === state.lanes.length - 1 && event.droppedBytes > 0 ? { ...column, cleared: true } : column,
      );
      return { ...state, lastClear, lanes, agentSpeaks: event.droppedBytes > 0 ? false : state.agentSpeaks };
    }
    case 'stop':
      return { ...state, phase: 'hanging-up' };
    default:
      return state;
  }
}

export interface Levels {
  readonly callerDbov: number;
  readonly agentDbov: number;
}

/** Called some ten times a second. */
export function onTick(state: ScreenState, nowMs: number, levels: Levels, bufferedMs: number): ScreenState {
  if (state.startedAtMs === undefined) return { ...state, nowMs };
  const fromMs = nowMs - ((nowMs - state.startedAtMs) % COLUMN_MS);
  const last = state.lanes.at(-1);
  const same = last !== undefined && last.fromMs + COLUMN_MS / 2 > fromMs ? last : undefined;
  const column: LaneColumn = {
    fromMs: same?.fromMs ?? fromMs,
    callerDbov: Math.max(same?.callerDbov ?? Number.NEGATIVE_INFINITY, levels.callerDbov),
    agentDbov: Math.max(same?.agentDbov ?? Number.NEGATIVE_INFINITY, levels.agentDbov),
    cleared: same?.cleared ?? false,
  };
  const before = same ? state.lanes.slice(0, -1) : state.lanes;
  return { ...state, nowMs, bufferedMs, lanes: [...before, column].slice(-MAX_COLUMNS) };
}

type Paint = Readonly<Record<'bold' | 'dim' | 'red' | 'green' | 'cyan' | 'inverse', (text: string) => string>>;

/** The live block: always five lines of at most `columns` columns, so that nothing jumps. */
export function renderFrame(state: ScreenState, columns: number, paint: Paint): string[] {
  const width = Math.max(40, Math.min(columns, 100)) - 1;
  const time = state.startedAtMs === undefined ? '' : stamp(state.nowMs - state.startedAtMs);
  const title = shorten(state.title, width - time.length - 3);
  const laneWidth = width - LABEL - STATUS;
  const lanes = state.lanes.slice(-laneWidth);
  return [
    '',
    ` ${paint.bold(title.padEnd(width - time.length - 2))} ${paint.bold(time)}`,
    `${label('caller')}${lane(lanes, laneWidth, 'callerDbov', paint.cyan, paint)}${status(state.callerSpeaks, paint)}`,
    `${label('agent')}${lane(lanes, laneWidth, 'agentDbov', paint.green, paint)}${status(state.agentSpeaks, paint)}`,
    ` ${bottom(state, width - 1, paint)}`,
  ];
}

const LABEL = 9;
const STATUS = 10;

function label(who: string): string {
  return ` ${who}`.padEnd(LABEL);
}

function status(speaks: boolean, paint: Paint): string {
  return speaks ? `  ${paint.bold('speaks')}  ` : `  ${paint.dim('silent')}  `;
}

function bottom(state: ScreenState, width: number, paint: Paint): string {
  if (state.phase === 'connecting') return paint.dim('connecting');
  const { lastClear, nowMs } = state;
  const facts = `buffer ${seconds(state.bufferedMs)} · marks ${state.marksBack} of ${state.marksSent} back`;
  const keys = state.phase === 'hanging-up' ? 'hanging up' : 'Ctrl-C hangs up';
  const flash =
    lastClear && nowMs - lastClear.atMs < CLEAR_SHOWN_MS
      ? ` clear: ${seconds(lastClear.droppedBytes / 8)} dropped `
      : undefined;
  if (flash === undefined) return paint.dim(shorten(`${facts} · ${keys}`, width));
  // On a narrow terminal the clear is what matters.
  return `${paint.dim(shorten(`${facts} · ${keys}`, Math.max(0, width - flash.length - 1)))} ${paint.inverse(flash)}`;
}

const BLOCKS = '▁▂▃▄▅▆▇█';
const QUIET_DBOV = -50;
const LOUD_DBOV = -10;

function lane(
  columns: readonly LaneColumn[],
  width: number,
  side: 'callerDbov' | 'agentDbov',
  loud: (text: string) => string,
  paint: Paint,
): string {
  const empty = paint.dim((BLOCKS[0] as string).repeat(width - columns.length));
  let painted = '';
  for (const run of runsOf(columns, side)) {
    painted +=
      run.kind === 'cleared' ? paint.red(run.text) : run.kind === 'quiet' ? paint.dim(run.text) : loud(run.text);
  }
  // The newest column is at the right, beside the word that says who speaks.
  return empty + painted;
}

interface Run {
  readonly kind: 'quiet' | 'loud' | 'cleared';
  text: string;
}

/** Joins neighbours of one colour, so that a frame is a few hundred bytes instead of thousands. */
function runsOf(columns: readonly LaneColumn[], side: 'callerDbov' | 'agentDbov'): Run[] {
  const runs: Run[] = [];
  for (const column of columns) {
    const block = blockOf(column[side]);
    const cleared = side === 'agentDbov' && column.cleared;
    const kind = cleared ? 'cleared' : block === BLOCKS[0] ? 'quiet' : 'loud';
    const text = cleared ? '×' : block;
    const last = runs.at(-1);
    if (last?.kind === kind) last.text += text;
    else runs.push({ kind, text });
  }
  return runs;
}

function blockOf(dbov: number): string {
  const share = (dbov - QUIET_DBOV) / (LOUD_DBOV - QUIET_DBOV);
  const index = Math.max(0, Math.min(BLOCKS.length - 1, Math.ceil(share * (BLOCKS.length - 1))));
  return BLOCKS[index] as string;
}
