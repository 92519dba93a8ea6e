import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModuleConfig } from '../../../src/call/tools/config.js';
import { moduleTools } from '../../../src/call/tools/module.js';
import { ToolRunner } from '../../../src/call/tools/runner.js';
import { systemClock } from '../../../src/clock.js';
import { silentLog } from '../../../src/log.js';
import { CALL, fakeControl } from '../../helpers/fake-control.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

let baseDir: string;

beforeAll(async () => {
  baseDir = await mkdtemp(join(tmpdir(), 'voicebridge-module-'));
});
afterAll(() => rm(baseDir, { recursive: true }));

let files = 0;

/** Loads a module with this text. */
async function tools(source: string, more: Partial<ModuleConfig> = {}) {
  const path = `tools-${++files}.mjs`;
  await writeFile(join(baseDir, path), source);
  return moduleTools({ type: 'module', path, ...more }, { baseDir });
}

const context = {
  ...{ callId: 'c1', call: CALL, control: fakeControl(), log: silentLog },
  signal: new AbortController().signal,
};

describe('moduleTools', () => {
  it('runs a tool of the sample as a model would', async () => {
    const sample = await moduleTools({ type: 'module', path: 'samples/tools/appointments.js' }, { baseDir: ROOT });
    const outputs: string[] = [];
    const runner = new ToolRunner({
      ...{ tools: sample, call: CALL, control: fakeControl(), clock: systemClock, log: silentLog },
      onResults: (answers) => outputs.push(...answers.map(({ output }) => output)),
      onFiller() {},
      onEvent() {},
    });
    const ask = async (name: string, args: string) => {
      const responseId = `r${outputs.length}`;
      runner.called({ responseId, callId: responseId, name, args });
      runner.responseDone(responseId);
      const answered = outputs.length + 1;
      await expect.poll(() => outputs.length).toBe(answered);
      return outputs.at(-1);
    };
    expect(await ask('free_times', '{"day":"2026-03-02"}')).toBe(
      '{"day":"2026-03-02","free":["11:00","14:00","16:00"]}',
    );
    expect(await ask('free_times', '{"day":"Monday"}')).toBe(
      '{"error":"the arguments do not fit: day: Invalid ISO date"}',
    );
    expect(await ask('book', '{"day":"2026-03-02","time":"11:00","name":"Ada"}')).toBe(
      '{"booked":"2026-03-02T11:00","reminder":"goes to the number you call from"}',
    );
    expect(await ask('book', '{"day":"2026-03-02","time":"11:00","name":"Bob"}')).toBe(
      '{"error":"11:00 on 2026-03-02 is taken"}',
    );
    runner.end();
  });

  it.each([
    ['a list', 'export const tools = [{ name: "a", description: "x", run: () => 1 }];'],
    ['a default list', 'export default [{ name: "a", description: "x", run: () => 1 }];'],
    ['a function', 'export default async () => [{ name: "a", description: "x", run: () => 1 }];'],
  ])('takes %s', async (_what, source) => {
    const [tool] = await tools(source);
    expect(tool!.declaration).toEqual({
      name: 'a',
      description: 'x',
      parameters: { type: 'object', properties: {} },
    });
    expect(tool!.timeoutMs).toBe(10_000);
    expect(await tool!.run({}, context)).toEqual({ output: '1' });
  });

  it('gives a tool its own object, its arguments and the call', async () => {
    const [tool] = await tools(
      'export const tools = [{ name: "a", description: "x", word: "hello", run(args, { call }) { return [this.word, args.who, call.to].join(" "); } }];',
    );
    expect(await tool!.run({ who: 'Ada' }, context)).toEqual({ output: 'hello Ada +15550002222' });
  });

  it('takes those that are named, and times from the configuration before those of the module', async () => {
    const source = `const run = () => 1;
      export const tools = [{ name: "a", description: "x", run, timeoutMs: 100 }, { name: "b", description: "x", run }];`;
    expect((await tools(source, { names: ['b'] })).map((tool) => tool.declaration.name)).toEqual(['b']);
    expect((await tools(source)).map((tool) => tool.timeoutMs)).toEqual([100, 10_000]);
    expect((await tools(source, { timeout: 700 })).map((tool) => tool.timeoutMs)).toEqual([700, 700]);
    await expect(tools(source, { names: ['c'] })).rejects.toThrow(/tools-\d+\.mjs cannot be used: it has no tool c$/);
  });

  it('loads a file anew when it has changed', async () => {
    const path = join(baseDir, 'changing.mjs');
    const load = async (answer: number, at: Date) => {
      await writeFile(path, `export const tools = [{ name: "a", description: "x", run: () => ${answer} }];`);
      await utimes(path, at, at);
      const [tool] = await moduleTools({ type: 'module', path: 'changing.mjs' }, { baseDir });
      return (await tool!.run({}, context)).output;
    };
    expect(await load(1, new Date(1_700_000_000_000))).toBe('1');
    expect(await load(2, new Date(1_700_000_001_000))).toBe('2');
  });

  it.each([
    ['throw new Error("no calendar\\nat line 3");', 'no calendar'],
    ['export const tools = [', ''],
    ['import "./not-there.mjs";', 'Cannot find module'],
    ['export const x = 1;', 'it exports neither a list `tools` nor a default list or function that returns one'],
    ['export const tools = [];', 'it exports neither a list `tools`'],
    ['export default () => { throw new TypeError("no key"); };', 'no key'],
    ['export const tools = [1];', 'tool 1 is not an object'],
    ['export const tools = [{ run() {} }];', 'tool 1 has no name'],
    ['export const tools = [{ name: "a", run() {} }];', 'tool 1 (a) has no description'],
    ['export const tools = [{ name: "a", description: "x" }];', 'tool 1 (a) has no function run'],
    [
      'export const tools = [{ name: "a", description: "x", run() {}, timeoutMs: "soon" }];',
      'tool 1 (a) has a timeoutMs that is no time',
    ],
    [
      'export const tools = [{ name: "a", description: "x", run() {}, parameters: "day" }];',
      'tool 1 (a) has parameters that are no JSON Schema',
    ],
  ])('says in one sentence what is wrong with %s', async (source, reason) => {
    const error = await tools(source).catch((thrown: Error) => thrown as Error);
    expect((error as Error).message).toMatch(/^the module tools-\d+\.mjs cannot be used: [^\n]+$/);
    expect((error as Error).message).toContain(reason);
  });

  it('says how to find a mistake of syntax', async () => {
    await expect(tools('throw new SyntaxError("Unexpected identifier");')).rejects.toMatchObject({
      message: expect.stringContaining('cannot be used: Unexpected identifier'),
      hint: expect.stringMatching(/^node --check tools-\d+\.mjs shows the place$/),
    });
  });

  it('takes what CommonJS exports', async () => {
    await writeFile(
      join(baseDir, 'old.cjs'),
      'module.exports = { tools: [{ name: "a", description: "x", run: () => 1 }] };',
    );
    const [tool] = await moduleTools({ type: 'module', path: 'old.cjs' }, { baseDir });
    expect(tool?.declaration.name).toBe('a');
  });

  it('does not wait for ever for a module that waits', async () => {
    await writeFile(join(baseDir, 'waits.mjs'), 'await new Promise(() => {}); export const tools = [];');
    const config = { type: 'module', path: 'waits.mjs' } as const;
    await expect(moduleTools(config, { baseDir, readyWithinMs: 30 })).rejects.toThrow(
      'the module waits.mjs cannot be used: it has not loaded within 30 ms',
    );
  });

  it('says when there is no such file', async () => {
    await expect(moduleTools({ type: 'module', path: './gone.js' }, { baseDir })).rejects.toThrow(
      'the module ./gone.js cannot be used: there is no such file',
    );
  });
});
