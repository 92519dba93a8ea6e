import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { main } from '../../src/cli/main.js';
import { dial } from '../../src/simulator/phone/call.js';
import { silentCaller } from '../helpers/phone.js';
import { serveStreams } from '../helpers/stream-server.js';
import { testWorld } from '../helpers/world.js';

const TRACES = fileURLToPath(new URL('../fixtures/traces/', import.meta.url));

async function lint(...argv: string[]) {
  const world = testWorld({ argv: ['lint', ...argv], cwd: TRACES });
  await main(world);
  return { out: world.out(), err: world.err(), exitCode: world.exitCode() ?? 0 };
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'voicebridge-lint-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('voicebridge lint', () => {
  it('groups what is wrong by rule, worst first, and says what to send instead', async () => {
    const { out, err, exitCode } = await lint('mistakes.jsonl');
    expect({ err, exitCode }).toEqual({ err: '', exitCode: 1 });
    expect(out).toMatch(
      /^mistakes\.jsonl: 0\.1 s, 7 messages of the server\n\nerror {4}close\/goodbye-cut 31921, at 0\.12 s\n/,
    );
    expect(out).toContain(
      [
        'warning  message/not-json 31951, 2 times, first at 0.05 s',
        '         the message is not JSON',
        'sent     ping',
        'Twilio   logs warning 31951 (Invalid Message) once per stream and ignores the message',
        'instead  send one JSON object in each message; WebSocket pings keep a connection alive, not words',
        'see      https://www.twilio.com/docs/api/errors/31951',
      ].join('\n'),
    );
  });

  it('says nothing of a stream without mistakes', async () => {
    expect(await lint('right.jsonl')).toEqual({
      out: 'right.jsonl: 0.3 s, 2 messages of the server\n\nno findings\n',
      err: '',
      exitCode: 0,
    });
  });

  it('prints one document with --json', async () => {
    const { out, exitCode } = await lint('mistakes.jsonl', '--json');
    const document = JSON.parse(out);
    expect(document).toMatchObject({
      schema: 'voicebridge-lint/1',
      file: 'mistakes.jsonl',
      kind: 'messages',
      exitCode,
    });
    expect(document.findings.map((each: { rule: string; count: number }) => [each.rule, each.count])).toEqual([
      ['close/goodbye-cut', 1],
      ['mark/unnamed', 1],
      ['message/not-json', 2],
      ['stream-sid/wrong', 1],
      ['message/binary', 1],
    ]);
  });

  it('reads the folder that a call has left', async () => {
    const server = await serveStreams({ onStart: ({ socket }) => socket.send('hello') });
    await dial({ url: server.url, caller: silentCaller(60), outDir: folder }).done.finally(() => server.close());
    const { out, exitCode } = await lint(folder);
    expect(exitCode).toBe(0);
    expect(out).toMatch(
      /events\.jsonl: 0\.1 s, 0 messages of the server\n\nwarning {2}message\/not-json 31951, at 0\.0/,
    );
  });

  it.each([
    ['no/such.jsonl', /^error: there is no file .*no\/such\.jsonl\n/],
    ['empty.jsonl', /empty\.jsonl, line 1: the file is empty/],
    ['words.jsonl', /words\.jsonl, line 1: this is not JSON/],
    ['half.jsonl', /half\.jsonl, line 2: from is neither "server" nor "phone"/],
  ])('refuses %s with one sentence and what a trace is', async (name, sentence) => {
    await writeFile(join(folder, 'empty.jsonl'), '\n');
    await writeFile(join(folder, 'words.jsonl'), 'hello\n{}\n');
    await writeFile(join(folder, 'half.jsonl'), '{"atMs":1,"from":"server","text":"{}"}\n{"atMs":2}\n');
    const { out, err, exitCode } = await lint(join(folder, name));
    expect({ out, exitCode }).toEqual({ out: '', exitCode: 2 });
    expect(err).toMatch(sentence);
    expect(err).toContain('voicebridge lint --help');
  });
});
