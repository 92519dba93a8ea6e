import type { PhoneEvent } from '../../simulator/phone/events.js';
import type { Latency, Line } from './narrator.js';

/** What the live view shows, and nothing that must be measured. Changed by `onEvent`, `onLine` and `onTick` only. */
export interface ScreenState {
  readonly title: string;
  readonly phase: 'connecting' | 'talking' | 'hanging-up';
  /** When `start` was sent; unknown while connecting. */
  readonly startedAtMs?: number;
  readonly nowMs: number;
  readonly callerSpeaks: boolean;
  readonly agentSpeaks: boolean;
  /** Since when the caller waits for the agent to begin: after `start`, and after everything they say. */
  readonly waitsSinceMs?: number;
  /** Since when the caller speaks over an agent that has not stopped yet. */
  readonly interruptedAtMs?: number;
  readonly bufferedMs: number;
  /** What was measured so far, live and coarse, oldest first. */
  readonly latencies: readonly ShownLatency[];
  readonly errors: number;
  readonly warnings: number;
  /** One entry per column of time, newest last, at most MAX_COLUMNS. */
  readonly lanes: readonly LaneColumn[];
}

export interface ShownLatency extends Latency {
  /** When it became known. */
  readonly shownAtMs: number;
}

export interface LaneColumn {
  readonly fromMs: number;
  /** Loudest so far in this column, dBov. */
  readonly callerDbov: number;
  readonly agentDbov: number;
  /** Agent audio waiting at the end of this column. */
  readonly bufferedMs: number;
  /** The caller had cut in, and the agent had not stopped yet. */
  readonly talkedOver: boolean;
  /** A clear emptied the agent's audio here. */
  readonly cleared: boolean;
  /** The worst finding that was made here. */
  readonly finding?: 'warning' | 'bad';
}

/** One column of a lane is this much time: slow enough to read, and a syllable still shows. */
export const COLUMN_MS = 200;
const MAX_COLUMNS = 200;
const SILENT = Number.NEGATIVE_INFINITY;

export function firstState(title: string): ScreenState {
  return {
    title,
    phase: 'connecting',
    nowMs: 0,
    callerSpeaks: false,
    agentSpeaks: false,
    bufferedMs: 0,
    latencies: [],
    errors: 0,
    warnings: 0,
    lanes: [],
  };
}

/** Called for every event of the phone, also the 50 frames a second that change nothing. */
export function onEvent(state: ScreenState, event: PhoneEvent): ScreenState {
  const { atMs } = event;
  switch (event.type) {
    case 'start':
      return { ...state, phase: 'talking', startedAtMs: atMs, nowMs: atMs, waitsSinceMs: atMs };
    case 'caller-speech-start': {
      const { waitsSinceMs: _, ...rest } = state;
      return { ...rest, callerSpeaks: true, ...(state.agentSpeaks && { interruptedAtMs: atMs }) };
    }
    case 'caller-speech-end':
      return { ...state, callerSpeaks: false, waitsSinceMs: atMs };
    case 'agent-starts': {
      const { waitsSinceMs: _, ...rest } = state;
      return { ...rest, agentSpeaks: true };
    }
    case 'agent-finishes':
      return stopped(state);
    case 'clear':
      return event.droppedBytes > 0 ? stopped(inColumnOf(state, atMs, { cleared: true })) : state;
    case 'lint': {
      const { level } = event.finding;
      if (level === 'note') return state;
      if (level === 'error') return { ...inColumnOf(state, atMs, { finding: 'bad' }), errors: state.errors + 1 };
      const worse = state.lanes.at(-1)?.finding === 'bad';
      const shown = worse ? state : inColumnOf(state, atMs, { finding: 'warning' });
      return { ...shown, warnings: state.warnings + 1 };
    }
    case 'stop':
      return { ...state, phase: 'hanging-up' };
    default:
      return state;
  }
}

function stopped(state: ScreenState): ScreenState {
  const { interruptedAtMs: _, ...rest } = state;
  return { ...rest, agentSpeaks: false };
}

/** Changes the newest column, or begins one when what happened lies behind it. */
function inColumnOf(state: ScreenState, atMs: number, change: Partial<LaneColumn>): ScreenState {
  if (state.startedAtMs === undefined) return state;
  const lanes = withColumn(state.lanes, columnStart(atMs, state.startedAtMs), state.bufferedMs);
  return { ...state, lanes: [...lanes.slice(0, -1), { ...lanes.at(-1)!, ...change }] };
}

/** Called for every line the narrator tells. */
export function onLine(state: ScreenState, line: Line): ScreenState {
  if (!line.latency) return state;
  return { ...state, latencies: [...state.latencies, { ...line.latency, shownAtMs: line.atMs }] };
}

export interface Levels {
  readonly callerDbov: number;
  readonly agentDbov: number;
}

/** Called some ten times a second. */
export function onTick(state: ScreenState, nowMs: number, levels: Levels, bufferedMs: number): ScreenState {
  const { startedAtMs } = state;
  if (startedAtMs === undefined || state.phase !== 'talking') return { ...state, nowMs };
  const lanes = withColumn(state.lanes, columnStart(nowMs, startedAtMs), bufferedMs);
  const last = lanes.at(-1)!;
  const column: LaneColumn = {
    ...last,
    callerDbov: Math.max(last.callerDbov, levels.callerDbov),
    agentDbov: Math.max(last.agentDbov, levels.agentDbov),
    bufferedMs,
    talkedOver: last.talkedOver || state.interruptedAtMs !== undefined,
  };
  return { ...state, nowMs, bufferedMs, lanes: [...lanes.slice(0, -1), column] };
}

/** When the column began in which `atMs` lies. */
export function columnStart(atMs: number, startedAtMs: number): number {
  return startedAtMs + Math.floor((atMs - startedAtMs) / COLUMN_MS) * COLUMN_MS;
}

/** Lanes that reach up to the column that begins at `fromMs`: a late picture leaves no hole in the axis of time. */
function withColumn(lanes: readonly LaneColumn[], fromMs: number, bufferedMs: number): readonly LaneColumn[] {
  const last = lanes.at(-1);
  const behind = last === undefined ? 1 : Math.round((fromMs - last.fromMs) / COLUMN_MS);
  if (behind <= 0) return lanes;
  const missing = Array.from({ length: Math.min(behind, MAX_COLUMNS) }, (_, index) => ({
    fromMs: fromMs - (Math.min(behind, MAX_COLUMNS) - 1 - index) * COLUMN_MS,
    callerDbov: SILENT,
    agentDbov: SILENT,
    bufferedMs,
    talkedOver: false,
    cleared: false,
  }));
  return [...lanes, ...missing].slice(-MAX_COLUMNS);
}
