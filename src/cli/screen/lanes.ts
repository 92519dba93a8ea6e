import { COLUMN_MS, columnStart, type LaneColumn, type ScreenState, type ShownLatency } from './state.js';
import { stamp } from './text.js';

/** Every lane is one row of exactly `width` columns on one axis of time; the newest column is the last. */
export type Paint = Readonly<
  Record<'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan' | 'inverse', (text: string) => string>
>;

type Colour = (text: string) => string;

const BLOCKS = '▁▂▃▄▅▆▇█';
const QUIET_DBOV = -50;
const LOUD_DBOV = -10;
/** A buffer of so much fills the row up to the n-th block: an answer of 10 s that arrives at once must still fit. */
const DEPTHS_MS = [100, 500, 1_000, 2_000, 3_000, 5_000, 8_000];

/** How loud one side was. An agent that talks on over the caller is red; a clear is marked where it cut the agent off. */
export function levelLane(state: ScreenState, width: number, side: 'caller' | 'agent', paint: Paint): string {
  const colour = side === 'caller' ? paint.cyan : paint.green;
  return row(state, width, (column) => {
    if (side === 'agent' && column.cleared) return ['×', paint.red];
    const block = blockOf(side === 'caller' ? column.callerDbov : column.agentDbov);
    const talkedOver = side === 'agent' && column.talkedOver;
    return [block, block === BLOCKS[0] ? paint.dim : talkedOver ? paint.red : colour];
  });
}

/** How much agent audio was waiting: it fills faster than it plays, and a clear empties it. */
export function bufferLane(state: ScreenState, width: number, paint: Paint): string {
  return row(state, width, ({ bufferedMs }) => {
    const depth = DEPTHS_MS.filter((ms) => bufferedMs >= ms).length;
    return [BLOCKS[depth]!, paint.dim];
  });
}

/** A time every five seconds, and a mark wherever a finding was made, which comes first where both do not fit. */
export function timeLane(state: ScreenState, width: number, paint: Paint): string {
  const cells = blank(width);
  const { startedAtMs = 0 } = state;
  const columns = shown(state, width);
  const found = columns.filter(([, { finding }]) => finding !== undefined);
  for (const [at, { fromMs }] of columns) {
    const sinceMs = Math.round(fromMs - startedAtMs);
    const tick = `╵${stamp(sinceMs).slice(0, -'.0'.length)}`;
    const covered = found.some(([place]) => at <= place && place <= at + tick.length);
    if (sinceMs % TICK_MS === 0 && !covered) put(cells, at, tick, paint.dim);
  }
  for (const [at, { finding }] of found) put(cells, at, '!', finding === 'bad' ? paint.red : paint.yellow);
  return joined(cells);
}

const TICK_MS = 5_000;
/** What has just become known is shown inverted for so long. */
const FRESH_MS = 1_500;

/** Between the two voices: how long the one let the other wait, where it happened, and dots while it still does. */
export function latencyLane(state: ScreenState, width: number, paint: Paint): string {
  const cells = blank(width);
  const { startedAtMs } = state;
  const newestMs = state.lanes.at(-1)?.fromMs;
  if (newestMs === undefined || startedAtMs === undefined) return joined(cells);
  const columnOf = (atMs: number): number =>
    width - 1 - Math.round((newestMs - columnStart(atMs, startedAtMs)) / COLUMN_MS);
  let free = Number.NEGATIVE_INFINITY;
  for (const latency of state.latencies) {
    // A label stays at the edge until there is room for it where it belongs, and never runs into the one before.
    const startOf = (text: string): number => Math.max(free, Math.min(columnOf(latency.fromMs), width - text.length));
    const texts = width < WORDS_WIDTH ? [shortText(latency)] : [longText(latency), shortText(latency)];
    const text = texts.find((each) => startOf(each) + each.length <= width);
    if (text === undefined) continue;
    put(cells, startOf(text), text, colourOf(latency, state.nowMs, paint));
    free = startOf(text) + text.length + 1;
  }
  const since = state.interruptedAtMs ?? (state.agentSpeaks ? undefined : state.waitsSinceMs);
  if (since !== undefined) {
    const start = Math.max(free, columnOf(since));
    const dots = '·'.repeat(Math.max(0, width - Math.max(0, start)));
    put(cells, Math.max(0, start), dots, state.interruptedAtMs === undefined ? paint.dim : paint.red);
  }
  return joined(cells);
}

/** Lanes narrower than this name a latency by its number alone. */
const WORDS_WIDTH = 36;

function longText(latency: ShownLatency): string {
  return `${latency.kind} ${shortText(latency)}`;
}

function shortText({ kind, ms }: ShownLatency): string {
  // A frame is 20 ms: less cannot be told apart while the call lasts.
  return kind === 'stop' && ms < 20 ? '<20 ms' : `${Math.round(ms / 10) * 10} ms`;
}

function colourOf({ kind, shownAtMs }: ShownLatency, nowMs: number, paint: Paint): Colour {
  const colour = kind === 'stop' ? paint.red : paint.bold;
  return nowMs - shownAtMs < FRESH_MS ? (text) => paint.inverse(colour(text)) : colour;
}

/** One cell of a row, painted later: neighbours of one colour are painted together, or a frame is thousands of bytes. */
type Cell = readonly [text: string, colour?: Colour];

function row(state: ScreenState, width: number, cell: (column: LaneColumn) => Cell): string {
  const cells = blank(width);
  for (const [at, column] of shown(state, width)) cells[at] = cell(column);
  return joined(cells);
}

/** The newest columns and where they stand. */
function shown({ lanes }: ScreenState, width: number): [at: number, column: LaneColumn][] {
  const visible = lanes.slice(-width);
  return visible.map((column, index) => [width - visible.length + index, column]);
}

function blank(width: number): Cell[] {
  return Array.from({ length: Math.max(0, width) }, (): Cell => [' ']);
}

/** Writes text into a row, cut off at both ends of it. */
function put(cells: Cell[], at: number, text: string, colour: Colour): void {
  for (const [index, letter] of [...text].entries()) {
    if (at + index >= 0 && at + index < cells.length) cells[at + index] = [letter, colour];
  }
}

function joined(cells: readonly Cell[]): string {
  let text = '';
  for (let at = 0; at < cells.length; ) {
    const colour = cells[at]![1];
    let run = '';
    while (at < cells.length && cells[at]![1] === colour) run += cells[at++]![0];
    text += colour ? colour(run) : run;
  }
  return text;
}

function blockOf(dbov: number): string {
  const share = (dbov - QUIET_DBOV) / (LOUD_DBOV - QUIET_DBOV);
  const index = Math.max(0, Math.min(BLOCKS.length - 1, Math.ceil(share * (BLOCKS.length - 1))));
  return BLOCKS[index] as string;
}
