import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { lineLog } from '../../src/log.js';
import { Calls, type LiveCall } from '../../src/relay/calls.js';
import { type OperatorOptions, operatorApi } from '../../src/relay/operator/operator.js';
import { RecordingControl } from './recording-control.js';
import { VirtualClock } from './virtual-clock.js';

export const TOKEN = 'a-token-of-the-operator';

/** The operator's API of a relay without calls, on a real socket; time stands still. */
export class OperatorServer {
  readonly clock = new VirtualClock();
  readonly calls = new Calls(100);
  url = '';
  written = '';
  #server: Server | undefined;

  async start(options: Partial<OperatorOptions> = {}): Promise<this> {
    const { calls, clock } = this;
    const log = lineLog((line) => {
      this.written += line;
    });
    const api = operatorApi({ ...{ calls, clock, log, token: TOKEN }, ...options });
    this.#server = createServer((request, response) => {
      const path = (request.url ?? '').split('?', 1)[0]!;
      if (api.handles(path)) void api.answer(request, response, path);
      else response.writeHead(404).end();
    });
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return this;
  }

  async stop(): Promise<void> {
    this.#server?.closeAllConnections();
    this.#server?.close();
  }

  /** A call that goes on, with an agent that has one of its two tools. */
  addCall(callSid: string, changes: Partial<LiveCall> = {}): { control: RecordingControl; live: LiveCall } {
    const control = new RecordingControl(callSid, this.clock);
    const tools = ['transfer', 'look_up'].map((name) => ({ name, description: name, parameters: { type: 'object' } }));
    const live: LiveCall = {
      ...{ callSid, end: () => {}, control, state: 'talking', agent: 'desk', startedAt: '2026-01-02T03:04:05.000Z' },
      ...{ session: { instructions: 'Be kind.', tools: tools.slice(0, 1) }, tools },
      ...changes,
    };
    this.calls.add(live);
    return { control, live };
  }

  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { Authorization: `Bearer ${TOKEN}`, ...(init.headers as Record<string, string>) };
    return fetch(`${this.url}${path}`, { ...init, headers });
  }

  post(path: string, body: unknown): Promise<Response> {
    const headers = { 'Content-Type': 'application/json' };
    return this.fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
  }

  /** The status and the sentence of a refusal. */
  async refusal(response: Promise<Response>): Promise<string> {
    const answer = await response;
    const body = await answer.text();
    if (answer.headers.get('content-type') !== 'application/problem+json')
      return `${answer.status} is no problem: ${body}`;
    const { status, code, detail } = JSON.parse(body);
    return `${answer.status === status ? status : `${answer.status}/${status}`} ${code}: ${detail}`;
  }
}
