import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { callDocument } from '../../../src/cli/simulate/document.js';
import type { FinishedCall } from '../../../src/cli/simulate/finished-call.js';
import { leaveBehind } from '../../../src/cli/simulate/leave.js';
import { judgeCall } from '../../../src/cli/simulate/report.js';
import { summaryLines } from '../../../src/cli/simulate/summary.js';
import { analyseCall } from '../../../src/measure/analyse.js';
import { compareCalls } from '../../../src/measure/compare.js';
import { loud, RecordBuilder } from '../../helpers/call-records.js';

const same = (text: string): string => text;
const PLAIN = { bold: same, dim: same, red: same, green: same, yellow: same };

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'voicebridge-leave-'));
});
afterEach(() => rm(directory, { recursive: true }));

function finished(folder?: string): FinishedCall {
  const built = new RecordBuilder().says(1000, 2000).hears(3000, loud(1000)).clear(3500).ends(5000);
  const events = [...built.events, { type: 'dtmf', atMs: 5000, digit: '5' } as const];
  const files = folder && { directory: folder, wav: join(folder, 'call.wav'), events: join(folder, 'events.jsonl') };
  const record = { ...built, events, ...(files && { files }) };
  return {
    caller: 'caller.wav',
    name: 'caller',
    endpoint: { url: record.url, kind: 'given' },
    record,
    measured: analyseCall(record),
    host: { reliable: true, reasons: [] },
    verdict: judgeCall(record),
  };
}

describe('what a call leaves behind', () => {
  it('is its document and its page, beside the recording', async () => {
    const left = await leaveBehind({ call: finished(directory), page: true, version: '1.2.3' });
    expect((await readdir(directory)).sort()).toEqual(['call.html', 'summary.json']);
    const document = JSON.parse(await readFile(join(directory, 'summary.json'), 'utf8'));
    expect(document).toEqual(JSON.parse(JSON.stringify(callDocument(left, '1.2.3'))));
    expect(document.files).toMatchObject({
      summary: join(directory, 'summary.json'),
      page: join(directory, 'call.html'),
    });
    expect(await readFile(join(directory, 'call.html'), 'utf8')).toContain('<h1>caller</h1>');
    const lines = summaryLines(left, directory, Number.POSITIVE_INFINITY, PLAIN);
    expect(lines).toContain('  page          call.html (open it in a browser)');
    expect(lines).toContain('  summary       summary.json');
  });

  it('is no page when none is wanted, and nothing when nothing is recorded', async () => {
    const left = await leaveBehind({ call: finished(directory), page: false, version: '1.2.3' });
    expect(await readdir(directory)).toEqual(['summary.json']);
    expect(left.files).not.toHaveProperty('page');
    const bare = finished();
    expect(await leaveBehind({ call: bare, page: true, version: '1.2.3' })).toBe(bare);
  });

  it('says which file could not be written', async () => {
    const call = finished(join(directory, 'gone'));
    await expect(leaveBehind({ call, page: true, version: '1' })).rejects.toMatchObject({
      code: 'file-unwritable',
      message: expect.stringContaining('summary.json'),
    });
  });
});

describe('the document of a call', () => {
  it('holds what a replay needs, in milliseconds of the call', () => {
    const { speech, digits, clears, replay } = callDocument(finished(), '1');
    expect(speech).toEqual([{ startMs: 1000, endMs: 2000, interrupts: false }]);
    expect(digits).toEqual([{ atMs: 4000, digit: '5' }]);
    expect(clears).toEqual([{ atMs: 3500, droppedMs: 500 }]);
    expect(replay).toBeUndefined();
  });

  it('says what changed, and so does the summary as a table', () => {
    const before = { greetingMs: 400, turns: [{}], interruptions: [], truncations: [], lint: [{ rule: 'a/b' }] };
    const after = { greetingMs: 700, turns: [{ playoutMs: 900 }], interruptions: [], truncations: [], lint: [] };
    const changes = compareCalls(before, after);
    const call = { ...finished(), replayOf: '/calls/1', changes };
    expect(callDocument(call, '1').replay).toEqual({ of: '/calls/1', changes });
    const lines = summaryLines(call, '/', Number.POSITIVE_INFINITY, PLAIN);
    expect(lines.slice(lines.findIndex((line) => line.includes('then')))).toEqual([
      '             then             now      change',
      '  greeting   400 ms           700 ms   +300 ms',
      '  turn 1     never answered   900 ms   better',
      '  lint a/b   1                0        −1',
    ]);
  });
});
