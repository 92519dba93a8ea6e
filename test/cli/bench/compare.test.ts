import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../../../src/cli/main.js';
import type { Comparison } from '../../../src/measure/comparison/comparison.js';
import { formatJson } from '../../../src/measure/report-json.js';
import { simulatedReport } from '../../helpers/simulated-reports.js';
import { testWorld } from '../../helpers/world.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'compare-'));
  const reports = {
    'main.json': simulatedReport(40, 1),
    'again.json': simulatedReport(40, 2),
    'slower.json': simulatedReport(40, 3, { slowerMs: 60 }),
    'few.json': simulatedReport(4, 4),
    'otherwise.json': simulatedReport(40, 5, {}, { seed: 2 }),
  };
  for (const [name, report] of Object.entries(reports)) await writeFile(join(folder, name), formatJson(report));
  await writeFile(join(folder, 'no.json'), '{"schema":"voicebridge-report/1","tool":{}}');
  await writeFile(join(folder, 'broken.json'), '{');
});

afterAll(() => rm(folder, { recursive: true }));

async function compare(...argv: string[]) {
  const world = testWorld({ argv: ['bench', 'compare', ...argv], cwd: folder });
  await main(world);
  return { out: world.out(), err: world.err(), code: world.exitCode() ?? 0 };
}

describe('voicebridge bench compare', () => {
  it('ends with 0 when nothing got worse', async () => {
    const { out, code } = await compare('main.json', 'again.json');
    expect(out).toContain('before: main.json (40 calls)\nafter:  again.json (40 calls)');
    expect(out).toMatch(/^no difference/m);
    expect(code).toBe(0);
  });

  it('ends with 1 when something did, and says what and by how much', async () => {
    const { out, code } = await compare('main.json', 'slower.json');
    expect(out).toMatch(
      /^✗ turn\.playout_ms +calls +\d+\.\d ms +\d+\.\d ms +\+\d+\.\d ms +\+\d+\.\d ms … \+\d+\.\d ms +worse$/m,
    );
    expect(out).toMatch(/^worse: turn\.playout_ms \(\+\d+\.\d ms\)/m);
    expect(code).toBe(1);
  });

  it('lets a difference pass that does not matter', async () => {
    const { out, code } = await compare('main.json', 'slower.json', '--matters', '200');
    expect(out).toMatch(/^no difference/m);
    expect(code).toBe(0);
  });

  it('ends with 4 when there is too little to tell', async () => {
    const { out, code } = await compare('few.json', 'few.json');
    expect(out).toContain('cannot tell: 2 calls are too few');
    expect(code).toBe(4);
  });

  it('prints one JSON document, or keeps it in a file', async () => {
    const { out } = await compare('main.json', 'slower.json', '--json');
    expect(JSON.parse(out) as Comparison).toMatchObject({ schema: 'voicebridge-comparison/1', outcome: 'worse' });
    await compare('main.json', 'slower.json', '--json', 'kept.json');
    expect(await readFile(join(folder, 'kept.json'), 'utf8')).toBe(out);
  });

  it('refuses what was measured in another way, unless it is forced to', async () => {
    const { err, code } = await compare('main.json', 'otherwise.json');
    expect(err).toContain('main.json and otherwise.json cannot be compared: they were drawn from other seeds: 1 and 2');
    expect(code).toBe(2);
    const forced = await compare('main.json', 'otherwise.json', '--force');
    expect(forced.out).toContain('warning: compared although they were drawn from other seeds: 1 and 2');
    expect(forced.code).toBe(0);
  });

  it.each([
    [['main.json', 'nowhere.json'], 'there is no file nowhere.json'],
    [['main.json', 'broken.json'], 'broken.json cannot be read: it is not JSON'],
    [['main.json', 'no.json'], 'no.json cannot be read: it is no report of a bench (tool.version:'],
    [['main.json', 'again.json', '--matters', 'much'], '--matters much is not a number above 0'],
    [['main.json'], "missing required argument 'after'"],
  ])('refuses %j', async (argv, sentence) => {
    const { err, code } = await compare(...argv);
    expect(err).toContain(sentence);
    expect(code).toBe(2);
  });
});

describe('voicebridge bench --baseline', () => {
  it('refuses a baseline that cannot be read before it calls anybody', async () => {
    const world = testWorld({
      argv: ['bench', '--baseline', 'broken.json', '--url', 'ws://127.0.0.1:1/'],
      cwd: folder,
    });
    await main(world);
    expect(world.err()).toContain('broken.json cannot be read: it is not JSON');
    expect(world.exitCode()).toBe(2);
  });
});
