import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { SharedClock } from '../simulator/phone/shared-clock.js';
import { type Act, ReferenceCall } from './calibration/agent.js';
import { AGENTS, type AgentName, isAgentName, type ReferenceAgent } from './calibration/agents.js';
import { sharedMinusLocal } from './shared-time.js';

export { sharedNow } from './shared-time.js';

/** What the agent did in one call, times on the clock that all processes of this machine share. */
export interface ActsOfCall {
  readonly streamSid: string;
  readonly acts: readonly Act[];
}

/** Custom parameters of a call: which agent it wants, and whether the model's side is of interest. */
export interface AgentParameters {
  readonly agent: AgentName;
  readonly trace: 'yes' | 'no';
}

/**
 * Serves reference agents until the process ends, each call the one that it asks for. What they did is kept until
 * somebody asks with `GET /acts`: telling it meanwhile would disturb what is being measured.
 */
export async function serveReferenceAgents(fallback: AgentName): Promise<void> {
  const calls: { streamSid: string; acts: Act[] }[] = [];
  const clock = new SharedClock();
  const sharedMinusLocalMs = sharedMinusLocal(clock);
  const http = createServer((_request, response) => tellActs(calls.splice(0), response));
  const server = new WebSocketServer({ server: http, perMessageDeflate: false });
  server.on('connection', (socket) => {
    let call: ReferenceCall | undefined;
    socket.on('message', (data: Buffer) => {
      const text = String(data);
      call ??= begin(text, socket);
      call?.receive(text);
    });
    socket.on('close', () => call?.end());
  });

  function begin(text: string, socket: WebSocket): ReferenceCall | undefined {
    const { start } = JSON.parse(text) as {
      start?: { streamSid: string; customParameters?: Partial<AgentParameters> };
    };
    if (!start) return undefined;
    const { agent, trace = 'yes' } = start.customParameters ?? {};
    const { behaviour }: ReferenceAgent = AGENTS[isAgentName(agent) ? agent : fallback];
    const kept = { streamSid: start.streamSid, acts: [] as Act[] };
    calls.push(kept);
    return new ReferenceCall({
      behaviour,
      clock,
      send: (message) => socket.send(message),
      close: () => socket.close(),
      tell: (act) => {
        if (trace === 'yes' || !OF_THE_MODEL.has(act.act)) kept.acts.push(inSharedTime(act, sharedMinusLocalMs));
      },
    });
  }

  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const streamUrl = `ws://127.0.0.1:${(http.address() as AddressInfo).port}/`;
  process.stdout.write(`${JSON.stringify({ event: 'listening', streamUrl })}\n`);
}

const OF_THE_MODEL: ReadonlySet<Act['act']> = new Set(['trace', 'passed', 'spoilt']);

/** The same act with its times on another clock, `addMs` ahead. */
export function inSharedTime(act: Act, addMs: number): Act {
  const moved = { ...act, atMs: act.atMs + addMs };
  if (moved.act === 'trace') return { ...moved, event: { ...moved.event, atMs: moved.event.atMs + addMs } };
  return moved.act === 'passed' ? { ...moved, arrivedMs: moved.arrivedMs + addMs } : moved;
}

function tellActs(calls: readonly ActsOfCall[], response: ServerResponse): void {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(calls));
}
