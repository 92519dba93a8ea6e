import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { main } from '../../../src/cli/main.js';
import type { Report } from '../../../src/measure/report-json.js';
import { testWorld } from '../../helpers/world.js';

const fixture = (name: string) => fileURLToPath(new URL(`../../fixtures/heard-relays/${name}.mjs`, import.meta.url));
const URL_HERE = 'ws://127.0.0.1:{port}/';

async function bench(argv: string[], cwd?: string) {
  const world = testWorld({ argv: ['bench', ...argv], ...(cwd !== undefined && { cwd }) });
  await main(world);
  return { out: world.out(), err: world.err(), code: world.exitCode() ?? 0 };
}

describe('the sandwich, before it is made', () => {
  it.each([
    [['--start', 'x'], '--start needs --url'],
    [['--model-port', '8082'], '--model-port needs --url'],
    [['--env', 'A=b'], '--env sets the environment of a relay that --start starts'],
    [['--url', 'ws://127.0.0.1:1/', '--model-port', '1', '--env', 'A=b'], '--env sets the environment'],
    [['--url', URL_HERE, '--model-port', '1'], '{port} in --url is for a relay that --start starts'],
    [['--url', URL_HERE, '--start', 'x', '--env', 'A'], '--env A is not NAME=value'],
    [['--url', 'http://127.0.0.1/voice', '--start', 'x'], 'is not a ws:// or wss:// address'],
  ])('is refused with %j', async (argv, sentence) => {
    const { err, code } = await bench(argv);
    expect(err).toContain(sentence);
    expect(code).toBe(2);
  });
});

describe('the sandwich', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sandwich-'));
    await writeFile(join(folder, 'call.yaml'), 'name: short\nsteps:\n  - wait: 900ms\n  - hangup: true\n');
  });

  afterEach(() => rm(folder, { recursive: true }));

  it('measures the share of a relay that it has started itself, and keeps what it printed', async () => {
    const start = `echo relay on $PORT, model at $MODEL; exec "${process.execPath}" "${fixture('wall-clock')}"`;
    const { out } = await bench(
      [folder, '--url', URL_HERE, '--start', start, '--env', 'MODEL={model}', '--runs', '1', '--json', '--out', 'kept'],
      folder,
    );
    const report = JSON.parse(out) as Report;
    const { url, kind, log } = report.endpoint;
    expect(kind).toBe('sandwich');
    // A call that this machine spoilt is not counted.
    if (report.reliable) expect(report.metrics['relay.ready_ms']).toBeDefined();
    expect(report.modelFindings).toEqual([]);
    expect(log).toBe(join(folder, 'kept', 'relay.log'));
    expect(await readFile(log!, 'utf8')).toMatch(
      new RegExp(`^relay on ${new globalThis.URL(url).port}, model at ws://127.0.0.1:\\d+/v1/realtime\n$`),
    );
  });

  it('tells of a relay that does not find the model', async () => {
    const deaf = `exec "${process.execPath}" -e "new (require('ws').WebSocketServer)({ port: +process.env.PORT, host: '127.0.0.1' })"`;
    const { out, code } = await bench([folder, '--url', URL_HERE, '--start', deaf, '--runs', '1', '--json']);
    const report = JSON.parse(out) as Report;
    expect(report.modelFindings).toMatchObject([{ code: 'never-connected', level: 'error', count: report.attempted }]);
    expect([1, 4]).toContain(code);
  });

  it('ends with 3 and the last words of a relay that does not start', async () => {
    const { err, code } = await bench([folder, '--url', URL_HERE, '--start', 'echo no such module; exit 1']);
    expect(err).toContain('ended with code 1; it printed last:\n    no such module');
    expect(code).toBe(3);
  });
});
