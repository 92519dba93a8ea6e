import type { Clock } from '../../clock.js';
import type { PhoneEvent } from '../../simulator/phone/events.js';
import type { Painter, Terminal } from '../terminal.js';
import { renderFrame } from './frame.js';
import { type Line, Narrator } from './narrator.js';
import { firstState, type Levels, onEvent, onLine, onTick } from './state.js';
import { shorten, stamp } from './text.js';

/** What a call shows of itself while it lasts. */
export interface LiveCall {
  levels(): Levels;
  bufferedMs(): number;
}

export interface View {
  onPhoneEvent(event: PhoneEvent): void;
  /** Something the caller did that is no event of the phone. */
  note(text: string, mood?: Line['mood']): void;
  retitle(title: string): void;
  /** Takes the live block away; the lines above it stay. May be called twice. */
  close(): void;
}

/** Ten pictures a second: a picture takes well under a millisecond, so the phone's frames keep their time. */
const PICTURE_EVERY_MS = 100;

/**
 * Shows a call on stderr: one line for everything that happened, and under them, on a terminal, two lanes that move.
 */
export function openView(terminal: Terminal, title: string, call: LiveCall, clock: Clock): View {
  const narrator = new Narrator();
  let startedAtMs = clock.now();
  let state = firstState(title);
  const screen = terminal.live ? terminal.screen() : undefined;

  const drawPicture = (above: readonly string[] = []): void => {
    const size = { columns: terminal.columns(), rows: terminal.rows() };
    screen?.draw(renderFrame(state, size, terminal.err), above);
  };
  const timer = screen
    ? setInterval(() => {
        // Asking the phone lets it catch up, which may tell of events and so change the state.
        const bufferedMs = call.bufferedMs();
        const levels = call.levels();
        state = onTick(state, clock.now(), levels, bufferedMs);
        drawPicture();
      }, PICTURE_EVERY_MS)
    : undefined;

  const show = (lines: readonly Line[]): void => {
    if (lines.length === 0) return;
    for (const line of lines) state = onLine(state, line);
    const width = screen ? terminal.columns() - 1 : Number.POSITIVE_INFINITY;
    const rendered = lines.map((line) => renderLine(line, startedAtMs, terminal.err, width));
    if (screen) drawPicture(rendered);
    else for (const line of rendered) terminal.say(line);
  };

  return {
    onPhoneEvent(event) {
      if (event.type === 'start') startedAtMs = event.atMs;
      if (screen) state = onEvent(state, event);
      show(narrator.tell(event));
    },
    note: (text, mood) => show([{ atMs: clock.now(), who: 'caller', text, ...(mood && { mood }) }]),
    retitle(title) {
      state = { ...state, title };
    },
    close() {
      clearInterval(timer);
      screen?.close();
    },
  };
}

/** `  0:07.3  agent   answers after about 910 ms`, cut to `width` columns; a narrow terminal has room for less. */
export function renderLine(line: Line, startedAtMs: number, paint: Painter, width: number): string {
  const time = stamp(line.atMs - startedAtMs);
  const mood = line.mood === 'bad' ? paint.red : line.mood === 'warning' ? paint.yellow : (text: string) => text;
  if (width < NARROW) return mood(shorten(`${time} ${line.text}`, width));
  const colour = line.who === 'caller' ? paint.cyan : line.who === 'agent' ? paint.green : paint.bold;
  const text = shorten(line.text, width - PREFIX);
  return `${paint.dim(time.padStart(8))}  ${colour(line.who.padEnd(7))} ${mood(text)}`;
}

const PREFIX = '  0:07.3  caller  '.length;
const NARROW = 40;
