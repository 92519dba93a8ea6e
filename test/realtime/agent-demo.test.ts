import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type RunningProgram, startProgram } from '../helpers/program.js';

const ROOT = new URL('../../', import.meta.url).pathname;

/** The commands of the README's demonstration, as they stand there. */
const commands = /<!-- tools:demo -->\n```\n(.*?)```/s
  .exec(readFileSync(`${ROOT}README.md`, 'utf8'))![1]!
  .trim()
  .split('\n')
  .map((line) => line.replace('node bin/voicebridge.js ', '').split(' '));

describe("the README's agent with tools", () => {
  it('books what the caller asks for, says goodbye and hangs up', async () => {
    const [model, serve, simulate] = commands as [string[], string[], string[]];
    const running: RunningProgram[] = [];
    const start = (args: readonly string[]): RunningProgram => {
      const program = startProgram(args, { cwd: ROOT });
      running.push(program);
      return program;
    };
    try {
      const brain = start(model);
      await brain.said('listening on ws://127.0.0.1:8082/v1/realtime');
      const relay = start(serve);
      await relay.said('listening on http://127.0.0.1:8080');
      const { code, out, err } = await start([...simulate, '--no-record', '--json']).ended;
      expect(err).toContain('calling the relay that runs on port 8080');
      expect(code).toBe(0);
      const call = JSON.parse(out);
      expect(call.turns).toHaveLength(3);
      expect(call.expectations.map(({ ok }: { ok: boolean }) => ok)).toEqual([true, true, true]);
      // The agent had the last word, and all of it was heard.
      expect(call.call.endReason).toBe('server-closed');
      expect(call.lint).toEqual([]);
      for (const program of [relay, brain]) program.process.kill('SIGTERM');
      const [{ err: log }, { err: story }] = await Promise.all([relay.ended, brain.ended]);
      const tools = [...log.matchAll(/tool finished .*tool=(\w+) outcome=(\w+)/g)].map(([, name, how]) => [name, how]);
      expect(tools).toEqual([
        ['free_times', 'ok'],
        ['book', 'ok'],
        ['hang_up', 'ok'],
      ]);
      expect(story).toContain('book answers: {"booked":"2026-03-05T09:30","reminder":"none"}');
      expect(story).not.toContain('cannot follow the script');
    } finally {
      for (const program of running) program.process.kill('SIGKILL');
    }
  });
});
