import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CallEvent } from '../../src/call/events.js';
import { SAMPLES_DIRECTORY } from '../../src/samples.js';
import type { ModelTraceEvent } from '../../src/simulator/model/events.js';
import type { MemoryItem } from '../../src/simulator/model/memory.js';
import { type SimulatedModel, type SimulatedModelOptions, serveModel } from '../../src/simulator/model/server.js';
import { type Call, type DialOptions, dial } from '../../src/simulator/phone/call.js';
import type { CallRecord } from '../../src/simulator/phone/events.js';
import { startProgram } from './program.js';

export const AGENTS = fileURLToPath(new URL('../fixtures/agents/', import.meta.url));
const TOKEN = 'a-token-of-the-operator';

/** The type of one kind of event of a call. */
export type Told<Type extends CallEvent['type']> = CallEvent & { type: Type };

/** What one call left at all of its ends. */
export interface AgentCall {
  readonly callSid: string;
  readonly record: CallRecord;
  /** What an operator was told, over HTTP. */
  readonly events: readonly CallEvent[];
  /** Of all its sessions, in order. */
  readonly trace: readonly ModelTraceEvent[];
  /** What each of its sessions remembered in the end. */
  readonly memories: readonly (readonly MemoryItem[])[];
}

/** A model that knows which of its sessions belong to which call: the agents' instructions say {{callSid}}. */
export class WatchedModel {
  readonly trace: ModelTraceEvent[] = [];
  readonly #model: SimulatedModel;

  static async serve(options: SimulatedModelOptions = {}): Promise<WatchedModel> {
    const script = typeof options.script === 'string' ? join(AGENTS, options.script) : options.script;
    return new WatchedModel(await serveModel({ ...options, ...(script && { script }) }));
  }

  private constructor(model: SimulatedModel) {
    this.#model = model;
    model.listen((event) => void this.trace.push(event));
  }

  get url(): string {
    return this.#model.url;
  }

  get sessionsOpen(): number {
    return this.#model.sessions.length;
  }

  sessionsOf(callSid: string): string[] {
    const told = this.trace.filter((event) => event.type === 'session-updated' && event.instructions.includes(callSid));
    return [...new Set(told.map(({ sessionId }) => sessionId))];
  }

  memories(sessionIds: readonly string[]): (readonly MemoryItem[])[] {
    return sessionIds.map((id) => this.#model.allSessions.find((session) => session.id === id)!.memory());
  }

  close(): Promise<void> {
    return this.#model.close();
  }
}

/** `voicebridge serve --config`, as a process, with an operator at its API. */
export class Agents {
  readonly url: string;
  readonly streamUrl: string;
  readonly folder: string;
  readonly #program: ReturnType<typeof startProgram>;
  readonly #models: readonly WatchedModel[];
  #log = '';

  /** The n-th model takes the place of the one that the file has on port 8082 + n. */
  static async serve(file: string, models: readonly (WatchedModel | string)[]): Promise<Agents> {
    const folder = await mkdtemp(join(tmpdir(), 'voicebridge-agents-'));
    await cp(AGENTS, folder, { recursive: true });
    await cp(join(SAMPLES_DIRECTORY, 'agent', 'anything-else.wav'), join(folder, 'apology.wav'));
    let text = await readFile(join(folder, file), 'utf8');
    for (const [index, model] of models.entries()) {
      text = text.replaceAll(
        `ws://127.0.0.1:${8082 + index}/v1/realtime`,
        typeof model === 'string' ? model : model.url,
      );
    }
    await writeFile(join(folder, file), text);
    const env = { VOICEBRIDGE_OPERATOR_TOKEN: TOKEN };
    const program = startProgram(['serve', '--config', join(folder, file), '--port', '0', '--json'], { env });
    const watched = models.filter((model) => typeof model !== 'string');
    const line = await firstLine(program).catch(async (error) => {
      await rm(folder, { recursive: true });
      throw error;
    });
    return new Agents(folder, program, watched, JSON.parse(line));
  }

  private constructor(
    folder: string,
    program: ReturnType<typeof startProgram>,
    models: readonly WatchedModel[],
    { url, streamUrl }: { url: string; streamUrl: string },
  ) {
    this.folder = folder;
    this.#program = program;
    this.#models = models;
    this.url = url;
    this.streamUrl = streamUrl;
    program.process.stderr?.on('data', (text: string) => {
      this.#log += text;
    });
  }

  /** What the relay has logged of a call, without the callSid. */
  logOf(callSid: string): string[] {
    return this.#log
      .split('\n')
      .filter((line) => line.includes(callSid))
      .map((line) => line.replace(/\s+/g, ' ').replace(` callSid=${callSid}`, ''));
  }

  get log(): string {
    return this.#log;
  }

  ask(path: string, body?: object): Promise<Response> {
    const headers = { Authorization: `Bearer ${TOKEN}`, 'Content-Type': 'application/json' };
    return fetch(`${this.url}${path}`, body ? { method: 'POST', headers, body: JSON.stringify(body) } : { headers });
  }

  /** Calls an agent, and watches the call to its end. `during` is told as soon as the operator knows of it. */
  async call(
    agent: string,
    options: Omit<DialOptions, 'url'>,
    during: (callSid: string, call: Call) => void = () => {},
  ): Promise<AgentCall> {
    const call = dial({ ...options, url: this.streamUrl, parameters: { agent, ...options.parameters } });
    const callSid = await new Promise<string>((resolve, reject) => {
      call.on((event) => event.type === 'start' && resolve(event.callSid));
      call.done.catch(reject);
    });
    const watched = this.#watch(callSid);
    during(callSid, call);
    const record = await call.done;
    const events = await watched;
    await this.#untilOver();
    const model = this.#models.filter((each) => each.sessionsOf(callSid).length > 0);
    const sessionIds = model.flatMap((each) => each.sessionsOf(callSid));
    const trace = model.flatMap((each) => each.trace.filter(({ sessionId }) => sessionIds.includes(sessionId)));
    const memories = model.flatMap((each) => each.memories(each.sessionsOf(callSid)));
    return { callSid, record, events, trace, memories };
  }

  /** Reads the configuration again. */
  async reload(): Promise<void> {
    const before = this.#log.length;
    this.#program.process.kill('SIGHUP');
    while (!/reloaded/.test(this.#log.slice(before))) await pause(5);
  }

  async close(): Promise<void> {
    this.#program.process.kill('SIGTERM');
    await this.#program.ended;
    await rm(this.folder, { recursive: true });
    for (const model of this.#models) await model.close();
  }

  /** Server-sent events up to the end of the call, from its first moment whenever it is asked. */
  async #watch(callSid: string): Promise<CallEvent[]> {
    for (;;) {
      const answer = await this.ask(`/calls/${callSid}/events`);
      const text = await answer.text();
      if (answer.ok) return [...text.matchAll(/^data: (.*)$/gm)].map(([, json]) => JSON.parse(json!) as CallEvent);
      await pause(5);
    }
  }

  /** A model hears of the end of a call after the phone. Sessions of other calls may stay. */
  async #untilOver(): Promise<void> {
    await pause(100);
  }
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Rejects with what it said when it ends before. */
function firstLine(program: ReturnType<typeof startProgram>): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    program.process.stdout?.on('data', (chunk: string) => {
      text += chunk;
      if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')));
    });
    program.ended.then(({ err }) => reject(new Error(err)), reject);
  });
}
