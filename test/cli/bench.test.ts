import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocketServer } from 'ws';
import { main } from '../../src/cli/main.js';
import type { Report } from '../../src/measure/report-json.js';
import { testWorld } from '../helpers/world.js';

async function bench(argv: string[], cwd?: string, env: Record<string, string> = {}) {
  const world = testWorld({ argv: ['bench', ...argv], env, ...(cwd !== undefined && { cwd }) });
  await main(world);
  return { out: world.out(), err: world.err(), code: world.exitCode() ?? 0 };
}

describe('voicebridge bench, before it calls', () => {
  it.each([
    [['--budget', 'bargein.stop_ms p95'], 'the budget "bargein.stop_ms p95" is not understood'],
    [['--budget', 'nowhere.txt'], 'there is no file nowhere.txt'],
    [['--runs', '0'], '--runs 0 is not a whole number from 1 to 10000'],
    [['--calls', 'many'], '--calls many is not a whole number from 1 to 500'],
    [['--network', '40'], '--network 40 is not three times in milliseconds'],
    [['--network', '40,40,-1'], 'is not three times in milliseconds'],
    [['--url', 'http://127.0.0.1/'], '--url http://127.0.0.1/ is not a ws:// or wss:// address'],
    [['no-such-call'], 'there is no file no-such-call'],
    [['--calibrate', '--url', 'ws://127.0.0.1:1'], '--url and --calibrate cannot be used together'],
    [['--dialect', 'xai', '--url', 'ws://127.0.0.1:1'], '--dialect and --url cannot be used together'],
    [['--audio', 'pcm', '--url', 'ws://127.0.0.1:1'], '--audio and --url cannot be used together'],
    [['--calibrate', 'samples/greeting'], 'cannot be used together'],
  ])('refuses %j', async (argv, sentence) => {
    const { err, out, code } = await bench(argv);
    expect(err).toContain(sentence);
    expect(err).toContain('hint: ');
    expect(out).toBe('');
    expect(code).toBe(2);
  });
});

describe("voicebridge bench at a stranger's server", () => {
  let folder: string;
  let server: WebSocketServer;
  let url: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'bench-'));
    await writeFile(join(folder, 'call.yaml'), 'name: short\nsteps:\n  - wait: 150ms\n  - hangup: true\n');
    server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
    server.on('connection', (socket) => socket.on('message', () => {}));
    await once(server, 'listening');
    url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });

  afterEach(async () => {
    server.close();
    await rm(folder, { recursive: true });
  });

  it('prints one JSON document and nothing else on stdout', async () => {
    const { out, code } = await bench([folder, '--url', url, '--runs', '2', '--json']);
    const report = JSON.parse(out) as Report;
    expect(report).toMatchObject({ endpoint: { url, kind: 'foreign' }, scenarios: ['short'], lint: [] });
    expect(report.attempted).toBeGreaterThanOrEqual(2);
    expect(report.metrics).not.toHaveProperty(['truncation.missing']);
    expect([0, 4]).toContain(code);
  });

  it('keeps the report in a file and the table on stdout', async () => {
    const { out } = await bench([folder, '--url', url, '--runs', '1', '--json', 'report.json'], folder);
    expect(out).toContain('host.pacing_ms');
    expect(JSON.parse(await readFile(join(folder, 'report.json'), 'utf8'))).toMatchObject({
      schema: 'voicebridge-report/1',
    });
  });

  it('leaves every kind of report where it was asked to, in folders that it makes', async () => {
    const files = ['--junit', 'r/junit.xml', '--markdown', 'r/r.md', '--html', 'r/r.html', '--mrl', 'r/mrl.json'];
    const { code } = await bench([folder, '--url', url, '--runs', '1', '--out', 'r/calls', ...files], folder);
    const read = (name: string) => readFile(join(folder, 'r', name), 'utf8');
    expect(await read('junit.xml')).toMatch(/^<\?xml version="1.0" encoding="UTF-8"\?>\n<testsuites /);
    expect(await read('r.md')).toMatch(/^## .+ voicebridge bench: /);
    expect(JSON.parse(await read('mrl.json'))).toMatchObject({ schema: 'mrl-report/1' });
    expect(await read('r.html')).toContain('"page":"calls/short-1/call.html"');
    expect(await read('calls/short-1/call.html')).toMatch(/^<!doctype html>/);
    expect([0, 4]).toContain(code);
  });

  it('leaves the summary of a step in a GitHub workflow, and annotations', async () => {
    const summary = join(folder, 'summary.md');
    await writeFile(summary, 'before\n');
    const env = { GITHUB_STEP_SUMMARY: summary, GITHUB_ACTIONS: 'true' };
    const budget = ['--budget', 'warn greeting_ms max < 1'];
    const { out, code } = await bench([folder, '--url', url, '--runs', '1', ...budget], folder, env);
    expect(await readFile(summary, 'utf8')).toMatch(/^before\n## .+ voicebridge bench: /);
    expect(out).toMatch(
      /^::warning title=voicebridge%3A budget::greeting_ms max < 1 \(greeting_ms was not measured\)$/m,
    );
    expect([0, 4]).toContain(code);
    const { err } = await bench([folder, '--url', url, '--runs', '1'], folder, { GITHUB_STEP_SUMMARY: folder });
    expect(err).toContain(`warning: the step summary ${folder} cannot be written: EISDIR`);
  });

  it('does not write two reports into one file', async () => {
    const { err, code } = await bench([folder, '--url', url, '--json', 'r', '--junit', 'r'], folder);
    expect(err).toContain('--json r and --junit r cannot be used together');
    expect(code).toBe(2);
  });

  it('ends with 3 when nobody is there', async () => {
    server.close();
    const { err, code } = await bench([folder, '--url', url]);
    expect(err).toContain('refused the connection');
    expect(code).toBe(3);
  });
});
