import { z } from 'zod';
import type { CallEvent } from '../../call/events.js';
import type { SteerableCall } from './commands.js';

const ms = z.int().describe('Milliseconds since the start of the stream.');

/** One line of either side, as it stands now. */
export const LINE = z.object({
  side: z.enum(['caller', 'agent']),
  text: z.string().describe('Of the agent: what was heard.'),
  startMs: ms.optional(),
  endMs: ms.optional(),
  final: z.boolean().optional().describe('Of the caller: nothing more of it is to come.'),
  interrupted: z.boolean().optional(),
  estimated: z.boolean().optional().describe('The words are estimated from the share of the audio that was heard.'),
  unheard: z.string().optional().describe('What the agent had meant to say and nobody heard.'),
});

export const OVERVIEW = z.object({
  callSid: z.string(),
  streamSid: z.string(),
  state: z.enum(['connecting', 'talking', 'ending']).optional(),
  agent: z.string().optional(),
  startedAt: z.iso.datetime().optional(),
  turns: z.object({ caller: z.int(), agent: z.int() }).describe('Lines of each side so far.'),
});

export const CALLS = z.object({ calls: z.array(OVERVIEW) });
export const CALL = OVERVIEW.extend({
  from: z.string().optional(),
  to: z.string().optional(),
  tools: z.array(z.string()).optional().describe('The tools that the agent has now.'),
  lines: z.array(LINE),
});
export const TRANSCRIPT = z.object({ callSid: z.string(), lines: z.array(LINE) });

export type Line = z.infer<typeof LINE>;

export function overview(call: SteerableCall): z.infer<typeof OVERVIEW> {
  return describe(call, linesOf(eventsOf(call)));
}

export function details(call: SteerableCall): z.infer<typeof CALL> {
  const lines = linesOf(eventsOf(call));
  const { from, to } = call.control.info;
  const tools = call.live.session?.tools.map(({ name }) => name);
  return { ...describe(call, lines), from, to, tools, lines };
}

export function transcript(call: SteerableCall): z.infer<typeof TRANSCRIPT> {
  return { callSid: call.live.callSid, lines: linesOf(eventsOf(call)) };
}

/** A transcript for people: one line of text for each line. */
export function asText(lines: readonly Line[]): string {
  return lines
    .map(({ side, text, startMs, interrupted, unheard }) => {
      const at = startMs === undefined ? '' : `${minutes(startMs)}  `;
      const cut = interrupted ? ` — [interrupted${unheard ? `; not heard: ${unheard}` : ''}]` : '';
      return `${at}${side.padEnd(6)}  ${text.replace(/\s+/g, ' ')}${cut}\n`;
    })
    .join('');
}

/** The lines among the events: of each item the last word, in the order in which they were spoken. */
export function linesOf(events: readonly CallEvent[]): Line[] {
  const lines = new Map<string, { line: Line; placeMs: number }>();
  for (const event of events) {
    if (event.type !== 'caller-said' && event.type !== 'agent-said') continue;
    const { type, itemId, atMs, ...rest } = event;
    const side = type === 'caller-said' ? 'caller' : 'agent';
    lines.set(`${side} ${itemId}`, { line: { side, ...rest }, placeMs: event.startMs ?? atMs });
  }
  return [...lines.values()]
    .sort((a, b) => a.placeMs - b.placeMs)
    .map(({ line }) => line)
    .filter(({ text }) => text !== '');
}

function eventsOf({ control }: SteerableCall): CallEvent[] {
  const events: CallEvent[] = [];
  control.listen((event) => events.push(event))();
  return events;
}

function describe({ live, control }: SteerableCall, lines: readonly Line[]): z.infer<typeof OVERVIEW> {
  const { callSid, state, agent, startedAt } = live;
  const count = (side: Line['side']): number => lines.filter((line) => line.side === side).length;
  const turns = { caller: count('caller'), agent: count('agent') };
  return { callSid, streamSid: control.info.streamSid, state, agent, startedAt, turns };
}

function minutes(ms: number): string {
  const seconds = ms / 1000;
  return `${Math.floor(seconds / 60)}:${(seconds % 60).toFixed(1).padStart(4, '0')}`;
}
