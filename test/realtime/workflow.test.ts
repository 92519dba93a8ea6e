import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { junitMistakes, parseXml } from '../helpers/junit.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

interface Step {
  readonly run?: string;
  readonly uses?: string;
  readonly if?: string;
  readonly with?: { readonly path?: string };
}
interface Workflow {
  readonly env: Readonly<Record<string, string | number>>;
  readonly jobs: { readonly bench: { readonly steps: readonly Step[] } };
}

let folder: string;
let workflow: Workflow;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'voicebridge-workflow-'));
  workflow = parse(await readFile(join(ROOT, 'samples/ci/github-workflow.yml'), 'utf8')) as Workflow;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A checkout of somebody's agent, after `npm ci`; `npx voicebridge` is this build. */
async function checkout(): Promise<string> {
  const path = join(folder, 'checkout');
  await cp(join(ROOT, 'samples/vitest-project'), path, { recursive: true });
  await mkdir(join(path, 'node_modules'));
  await symlink(join(ROOT, 'node_modules/ws'), join(path, 'node_modules/ws'));
  await mkdir(join(folder, 'bin'));
  const npx = join(folder, 'bin', 'npx');
  const program = join(ROOT, 'bin/voicebridge.js');
  await writeFile(npx, `#!/bin/sh\n[ "$1" = voicebridge ] && shift && exec "${process.execPath}" "${program}" "$@"\n`);
  await chmod(npx, 0o755);
  return path;
}

/** Runs the step as the runner does, with a shorter measurement. */
function runStep(run: string, cwd: string, env: Record<string, string>): Promise<{ out: string; code: number }> {
  const path = `${join(folder, 'bin')}:${process.env.PATH}`;
  return new Promise((resolve) => {
    const words = ['--noprofile', '--norc', '-eo', 'pipefail', '-c', run];
    execFile('bash', words, { cwd, env: { HOME: folder, PATH: path, ...env } }, (error, stdout, stderr) => {
      resolve({ out: stdout + stderr, code: error ? Number(error.code) : 0 });
    });
  });
}

describe('samples/ci/github-workflow.yml', () => {
  it('leaves the summary, annotations, and all it uploads', async () => {
    const steps = workflow.jobs.bench.steps;
    const [ours] = steps.filter(({ run }) => run?.includes('npx voicebridge'));
    const cwd = await checkout();
    const summary = join(folder, 'summary.md');
    const asked = Object.fromEntries(Object.entries(workflow.env).map(([name, value]) => [name, String(value)]));
    const shorter = { CALLS: 'samples/greeting', RUNS: '1' };
    const actions = { CI: 'true', GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary };
    const { out, code } = await runStep(ours!.run!, cwd, { ...asked, ...shorter, ...actions });
    const report = JSON.parse(await readFile(join(cwd, 'bench/report.json'), 'utf8'));

    // A machine that is busy with other things says so, twice; whatever else there is, the agent did nothing wrong.
    expect(code).toBe(report.verdict.exitCode);
    expect(['good', 'unreliable']).toContain(report.verdict.outcome);
    expect(out).toContain('greeting 1/1 (0 of 1 done)');
    expect(out).toMatch(/^::warning title=voicebridge/m);
    expect(await readFile(summary, 'utf8')).toMatch(/^## .* voicebridge bench: /);

    const schema = JSON.parse(await readFile(join(ROOT, 'schemas/report.schema.json'), 'utf8'));
    const validate = new Ajv2020({ strict: true, strictRequired: false, formats: { 'date-time': true } }).compile(
      schema,
    );
    validate(report);
    expect(validate.errors ?? []).toEqual([]);
    expect(report.endpoint.kind).toBe('sandwich');
    expect(junitMistakes(parseXml(await readFile(join(cwd, 'bench/junit.xml'), 'utf8')))).toEqual([]);

    const upload = steps.find(({ uses }) => uses?.startsWith('actions/upload-artifact@'))!;
    expect([upload.if, upload.with?.path]).toEqual(['always()', 'bench/']);
    expect((await readdir(join(cwd, 'bench'))).sort()).toEqual(['calls', 'junit.xml', 'report.html', 'report.json']);
    const html = await readFile(join(cwd, 'bench/report.html'), 'utf8');
    const [, page] = /"page":"([^"]+)"/.exec(html)!;
    expect((await stat(join(cwd, 'bench', page!))).size).toBeGreaterThan(50_000);
  });

  it('runs nothing but what the test runs, npm ci, and actions of a stated version', () => {
    const steps = workflow.jobs.bench.steps;
    const others = steps.filter(({ run }) => run !== undefined && !run.includes('npx voicebridge'));
    expect(others.map(({ run }) => run)).toEqual(['npm ci']);
    for (const { uses } of steps) if (uses !== undefined) expect(uses).toMatch(/^actions\/[a-z-]+@v\d+$/);
  });
});
