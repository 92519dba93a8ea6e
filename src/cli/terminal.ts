import { Chalk, type ColorSupportLevel } from 'chalk';
import type { Output, World } from './world.js';

/** Paints text for one stream; does nothing where colours are not wanted. */
export type Painter = Readonly<
  Record<'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan' | 'magenta' | 'inverse', (text: string) => string>
>;

/** A line that says that something takes its time. */
export interface Waiting {
  /** Takes the line away, leaving nothing. */
  stop(): void;
}

/** A block of lines at the bottom of the terminal that is drawn over in place. */
export interface Screen {
  /** @param above lines that are written once, over the block, and stay */
  draw(lines: readonly string[], above?: readonly string[]): void;
  /** Takes the block away and gives the cursor back. May be called twice. */
  close(): void;
}

/** What a command knows about the terminal. This file alone knows chalk, ora and escape sequences. */
export interface Terminal {
  /** Progress can be drawn in place: stderr is a terminal that can move its cursor. */
  readonly live: boolean;
  columns(): number;
  rows(): number;
  readonly out: Painter;
  readonly err: Painter;
  /** Prints one line of progress on stderr. */
  say(line: string): void;
  /** Shows a spinner while `live`, nothing otherwise. */
  waiting(text: string): Promise<Waiting>;
  screen(): Screen;
}

export function openTerminal(world: World): Terminal {
  const { stdout, stderr, env } = world;
  const live = stderr.isTTY === true && env.TERM !== 'dumb' && !env.CI;
  return {
    live,
    columns: () => stderr.columns || 80,
    rows: () => stderr.rows || 24,
    out: painterFor(stdout, env),
    err: painterFor(stderr, env),
    say: (line) => void stderr.write(`${line}\n`),
    waiting: async (text) => {
      // ora clears lines for ever on a terminal that says it has no columns, as those of containers do.
      if (!live || stderr.columns === 0) return { stop: () => {} };
      const { default: ora } = await import('ora');
      // Signals stay with the command, and the keyboard with the shell.
      const spinner = ora({
        text,
        stream: stderr,
        discardStdin: false,
        color: colourLevel(stderr, env) ? 'cyan' : false,
      }).start();
      return { stop: () => void spinner.stop() };
    },
    screen: () => openScreen(stderr),
  };
}

export function painterFor(stream: Output, env: World['env']): Painter {
  return new Chalk({ level: colourLevel(stream, env) });
}

/** chalk 5 itself ignores NO_COLOR (no-color.org) and looks at the process, not at the stream that is written to. */
export function colourLevel(stream: Output, env: World['env']): ColorSupportLevel {
  if (env.NO_COLOR) return 0;
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR === '0' ? 0 : 1;
  return stream.isTTY === true && env.TERM !== 'dumb' ? 1 : 0;
}

const HIDE_CURSOR = '\x1b[?25l';
const SHOW_CURSOR = '\x1b[?25h';
const ERASE_DOWN = '\x1b[J';
const ERASE_LINE_END = '\x1b[K';
/** Between these a terminal that knows them shows nothing half drawn; the others ignore them. */
const BEGIN_PICTURE = '\x1b[?2026h';
const END_PICTURE = '\x1b[?2026l';

/**
 * Draws over the last block without erasing it first, which would flicker. The cursor rests on the line below the
 * block, where the shell's prompt and a typed ^C belong.
 */
function openScreen(stream: Output): Screen {
  let widths: number[] = [];
  let open = false;
  /** What stands on the terminal, and for how many columns it was drawn. */
  let drawn = '';
  let drawnColumns = 0;
  const home = (): string => {
    // A terminal that has become narrower has wrapped the lines of the last block.
    const columns = stream.columns || 80;
    const rows = widths.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0);
    return rows > 0 ? `\r\x1b[${rows}A` : '\r';
  };
  return {
    draw(lines, above = []) {
      const block = lines.join('\n');
      const columns = stream.columns || 80;
      if (open && above.length === 0 && block === drawn && columns === drawnColumns) return;
      const text = [...above, ...lines].map((line) => `${line}${ERASE_LINE_END}\n`).join('');
      stream.write(`${open ? '' : HIDE_CURSOR}${BEGIN_PICTURE}${home()}${text}${ERASE_DOWN}${END_PICTURE}`);
      open = true;
      drawn = block;
      drawnColumns = columns;
      widths = lines.map(visibleWidth);
    },
    close() {
      if (!open) return;
      stream.write(`${home()}${ERASE_DOWN}${SHOW_CURSOR}`);
      open = false;
      widths = [];
    },
  };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colour sequences begin with the escape character
const COLOUR = /\x1b\[[0-9;]*m/g;

/** Columns a line takes, colours not counted. The screen writes no wide characters. */
export function visibleWidth(line: string): number {
  return [...line.replace(COLOUR, '')].length;
}
