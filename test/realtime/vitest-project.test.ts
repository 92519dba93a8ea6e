import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let folder: string;
/** The package as it is published, unpacked. */
let published: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'voicebridge-project-'));
  const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], {
    cwd: ROOT,
  });
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
  await run('tar', ['-xzf', join(folder, filename), '-C', folder]);
  published = join(folder, 'package');
}, 120_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A project that has installed the published package; everything else comes from where this project has it. */
async function project(name: string): Promise<string> {
  const path = join(folder, name);
  const modules = join(path, 'node_modules');
  await mkdir(modules, { recursive: true });
  for (const entry of await readdir(join(ROOT, 'node_modules'))) {
    await symlink(join(ROOT, 'node_modules', entry), join(modules, entry));
  }
  await cp(published, join(modules, 'voicebridge'), { recursive: true });
  return path;
}

async function sampleProject(name: string): Promise<string> {
  const path = await project(name);
  await cp(join(published, 'samples', 'vitest-project'), path, { recursive: true });
  return path;
}

interface Report {
  readonly numPassedTests: number;
  readonly testResults: { assertionResults: { title: string; status: string; failureMessages: string[] }[] }[];
}

/** Runs the project's own tests as its package.json says, and reads what came of them. */
async function runTests(path: string, ...args: string[]) {
  const { scripts } = JSON.parse(await readFile(join(path, 'package.json'), 'utf8'));
  expect(scripts.test).toBe('vitest run');
  const vitest = join(path, 'node_modules', 'vitest', 'vitest.mjs');
  const report = join(path, 'report.json');
  const words = [vitest, 'run', '--reporter=json', `--outputFile=${report}`, ...args];
  const { PATH, HOME } = process.env;
  const ended = await run(process.execPath, words, { cwd: path, env: { PATH, HOME } }).catch((failed) => failed);
  const { numPassedTests, testResults } = JSON.parse(await readFile(report, 'utf8')) as Report;
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const failures = tests.filter(({ status }) => status === 'failed');
  return { numPassedTests, failures, stderr: String(ended.stderr) };
}

describe('the project under samples/vitest-project', () => {
  it('passes its own tests with the published package', async () => {
    const { numPassedTests, failures, stderr } = await runTests(await sampleProject('as-it-is'), '--retry=1');
    // On a machine that is busy with other things the matchers say that its numbers do not count: then they do not.
    const busy = failures.filter(({ failureMessages }) => failureMessages.join('\n').includes('\nunreliable: '));
    expect(failures.filter((failure) => !busy.includes(failure))).toEqual([]);
    expect(numPassedTests + busy.length).toBe(6);
    expect(numPassedTests).toBeGreaterThan(0);
    expect(stderr).toBe('');
  });

  it('fails when its relay never clears, and is told where and why', async () => {
    const path = await sampleProject('never-clears');
    const relay = await readFile(join(path, 'relay.js'), 'utf8');
    const broken = relay.replace("      toPhone({ event: 'clear' });\n", '');
    expect(broken).not.toBe(relay);
    await writeFile(join(path, 'relay.js'), broken);
    const { failures } = await runTests(path, '-t', 'stops when it is interrupted');
    expect(failures.map(({ title }) => title)).toEqual([
      'stops when it is interrupted, and tells the model how much was heard',
    ]);
    expect(failures[0]!.failureMessages.join('\n')).toMatch(
      /expected the agent to stop within 300 ms of every interruption\n\n {2}✗ interruption 1 {2}at 0:\d\d\.\d {2}it went on speaking for \d+ ms, \d+ ms into its answer\n {6}the server sent no `clear`/,
    );
  });
});

/** What a team might write; every line that must not compile says so. */
const CONSUMER = `
import { expect } from 'vitest';
import { bench, type CallRecord, dial, loadCaller, type MadeCall, makeCall, type Report, serveModel } from 'voicebridge';
import 'voicebridge/vitest';
import { callMatchers, type CallMatchers } from 'voicebridge/vitest';

export async function test(): Promise<CallMatchers | undefined> {
  await using model = await serveModel({ thinkMs: 100 });
  const call: MadeCall = await makeCall({ url: 'ws://127.0.0.1:1', caller: 'samples/greeting', model });
  const record: CallRecord = await dial({ url: 'ws://127.0.0.1:1', caller: await loadCaller('call.yaml') }).done;
  expect(call).toAnswerWithin(1500);
  expect(record).not.toStopWithin(300);
  expect(call, 'the call').toHaveTurns(2);
  await expect(Promise.resolve(call)).resolves.toBeReliable();
  expect.soft(call).toKeepBudget('gap_ms max < 60');
  const report: Report = await bench({ url: 'ws://127.0.0.1:1', scenarios: ['samples/greeting'], runs: 2, budgets: ['good'] });
  const p50: number | undefined = report.metrics['turn.playout_ms']?.unit === 'ms' ? 1 : undefined;
  expect(report.verdict.exitCode, String(p50)).toBe(0);
  expect(report).toMeetBudget('turn.playout_ms p50 <= 800');
  // @ts-expect-error a run is a number
  await bench({ runs: 'two' });
  // @ts-expect-error there is no such metric
  report.metrics['turn.playout'];
  expect.extend(callMatchers);
  // @ts-expect-error a limit is a number
  expect(call).toAnswerWithin('1500');
  // @ts-expect-error a limit must be given
  expect(call).toGreetWithin();
  // @ts-expect-error there is no such matcher
  expect(call).toAnswerSoon(1500);
  return undefined;
}
`;

describe('the types of the published package', () => {
  it.each([
    ['nodenext', ['--module', 'nodenext'], 'consumer.ts'],
    ['nodenext from CommonJS', ['--module', 'nodenext'], 'consumer.cts'],
    ['a bundler', ['--module', 'preserve', '--moduleResolution', 'bundler'], 'consumer.ts'],
  ])('resolve with %s, its declarations checked too', async (name, options, file) => {
    const path = await project(`types of ${name}`.replaceAll(' ', '-'));
    await writeFile(join(path, 'package.json'), '{ "type": "module" }');
    await writeFile(join(path, file), CONSUMER);
    const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    const strict = ['--noEmit', '--strict', '--target', 'es2022', '--types', 'node', '--skipLibCheck', 'false'];
    const { stdout } = await run(process.execPath, [tsc, ...strict, ...options, file], { cwd: path }).catch(
      (failed) => failed,
    );
    // Declarations of others are not ours to mend.
    expect(stdout.split('\n').filter((line: string) => /^(consumer|node_modules\/voicebridge)/.test(line))).toEqual([]);
    expect(stdout).not.toContain('consumer');
  });
});

describe('a program in CommonJS', () => {
  it('can require the published package', async () => {
    const path = await project('commonjs');
    await writeFile(join(path, 'program.cjs'), "console.log(typeof require('voicebridge').makeCall)");
    const { stdout, stderr } = await run(process.execPath, ['program.cjs'], { cwd: path });
    expect(stdout).toBe('function\n');
    expect(stderr).toBe('');
  });
});
