import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mistakesIn, parseConfig } from '../../src/config/read.js';
import { PROGRAM } from '../helpers/program.js';

/** `script` of util-linux gives a program a terminal of its own; the one of BSD and macOS takes other words. */
const hasScript = (() => {
  try {
    return execFileSync('script', ['--version'], { encoding: 'utf8', stdio: 'pipe' }).includes('util-linux');
  } catch {
    return false;
  }
})();

const ENTER = '\r';
const DOWN = '\x1b[B';
const CTRL_C = '\x03';

let folder: string;
let running: ChildProcess | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'voicebridge-init-'));
});
afterEach(async () => {
  running?.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

/** `voicebridge init` on a terminal: each answer is typed when its question stands there. */
async function onTerminal(answers: readonly (readonly [question: string, keys: string])[]): Promise<string> {
  const { PATH = '', HOME = '' } = process.env;
  const command = `stty cols 100 rows 30; '${process.execPath}' '${PROGRAM}' init; echo "ended with $?"`;
  running = spawn('script', ['-qfc', command, '/dev/null'], {
    cwd: folder,
    env: { PATH, HOME, TERM: 'xterm-256color', SHELL: '/bin/sh' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let text = '';
  let asked = 0;
  let from = 0;
  running.stdout!.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    const next = answers[asked];
    const at = next ? text.indexOf(next[0], from) : -1;
    if (!next || at < 0) return;
    asked++;
    from = at + next[0].length;
    running!.stdin!.write(next[1]);
  });
  await new Promise((resolve) => running!.on('close', resolve));
  expect(asked, text).toBe(answers.length);
  return text;
}

describe.skipIf(!hasScript)('voicebridge init on a terminal', () => {
  it('asks, and writes what was answered', { timeout: 30_000 }, async () => {
    const text = await onTerminal([
      ['Which model speaks?', `${DOWN}${ENTER}`],
      ['A name for the agent?', `sales${ENTER}`],
      ['What is it for?', `You sell bicycles.${ENTER}`],
      ['Voice', `marin${ENTER}`],
      ['Who speaks first?', `${DOWN}${ENTER}`],
      ['What does it say?', `Good morning!${ENTER}`],
      ['What can it do', `${DOWN} ${ENTER}`],
    ]);
    expect(text).toContain('next: OPENAI_API_KEY=… voicebridge serve');
    expect(text).toContain('ended with 0');
    const written = await readFile(join(folder, 'voicebridge.yaml'), 'utf8');
    expect(mistakesIn(written, 'voicebridge.yaml')).toEqual([]);
    const { config, warnings } = parseConfig(written, 'voicebridge.yaml');
    expect(warnings).toEqual([]);
    expect(config.models).toEqual({ main: { provider: 'openai', keyEnv: 'OPENAI_API_KEY' } });
    expect(config.agents.sales).toMatchObject({
      voice: 'marin',
      greeting: { instructions: 'Say: Good morning!' },
      tools: [{ type: 'hang_up' }, { type: 'wait' }],
    });
    expect(config.agents.sales?.instructions).toContain('You sell bicycles.');
  });

  it('writes nothing when the person leaves with Ctrl-C', { timeout: 30_000 }, async () => {
    const text = await onTerminal([['Which model speaks?', CTRL_C]]);
    expect(text).toContain('nothing was written');
    expect(text).toContain('ended with 130');
    await expect(readFile(join(folder, 'voicebridge.yaml'))).rejects.toThrow('ENOENT');
  });
});
