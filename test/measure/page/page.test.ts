import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import vm from 'node:vm';
import { describe, expect, it } from 'vitest';
import { analyseCall } from '../../../src/measure/analyse.js';
import { joinScripts, jsonBlock, withoutModuleSyntax } from '../../../src/measure/page/assemble.js';
import { pageData } from '../../../src/measure/page/data.js';
import { CALL_SCRIPTS, callPage, writeCallPage } from '../../../src/measure/page/page.js';
import { loud, RecordBuilder, TraceBuilder } from '../../helpers/call-records.js';

const HOSTILE = '</script><script>globalThis.hacked = true</script><!-- <img src=x onerror=hack()>';

function call(title = 'a call') {
  const built = new RecordBuilder()
    .says(1000, 2000, { step: 0 })
    .hears(3000, loud(2000))
    .says(3500, 4000, { step: 1, interrupts: true })
    .clear(3700)
    .hears(5000, loud(300))
    .ends(6000);
  const events = [...built.events, { type: 'mark', atMs: 1500, name: HOSTILE, streamOffset: 0 } as const];
  const record = { ...built, events };
  const modelTrace = new TraceBuilder().started(3600).events;
  return {
    record,
    modelTrace,
    measured: analyseCall(record),
    title,
    facts: [['endpoint', HOSTILE]] as const,
    problems: [],
  };
}

describe('the data of the page', () => {
  it('holds the parts of an interruption in milliseconds of the call', () => {
    const { interruptions, turns, clears, answers, durationMs } = pageData(call());
    expect(interruptions).toEqual([
      {
        startMs: 3500,
        intoMs: 500,
        outcome: 'stopped',
        recovered: true,
        speechStartedMs: 3600,
        clearMs: 3700,
        silentMs: 3700,
        leakMs: 0,
      },
    ]);
    expect(turns).toMatchObject([
      { endMs: 2000, onsetMs: 3000, latencyMs: 1000 },
      { endMs: 4000, onsetMs: 5000 },
    ]);
    expect(clears).toEqual([[3700, 1300]]);
    expect(answers.map(({ startMs }) => startMs)).toEqual([3000, 5000]);
    expect(durationMs).toBe(6000);
  });

  it('leaves out what nobody knows', () => {
    const { modelTrace: _, ...withoutModel } = call();
    expect(pageData(withoutModel).interruptions[0]).not.toHaveProperty('speechStartedMs');
    expect(
      pageData({ ...withoutModel, modelTrace: new TraceBuilder().started(9000).events }).interruptions[0],
    ).not.toHaveProperty('speechStartedMs');
  });
});

describe('the page of a call', () => {
  it('is one file that allows itself its own scripts and nothing else', async () => {
    const page = (await callPage(call())).toString();
    const policy = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(page)![1]!;
    const scripts = [...page.matchAll(/<script>([\s\S]*?)<\/script>/g)].map((match) => match[1]!);
    expect(scripts).toHaveLength(2);
    for (const script of scripts) {
      expect(policy).toContain(`'sha256-${createHash('sha256').update(script).digest('base64')}'`);
      new vm.Script(script);
    }
    expect(policy).toMatch(
      /^default-src 'none'; script-src '.*'; style-src '.*'; media-src blob:; base-uri 'none'; form-action 'none'$/,
    );
    expect(policy).not.toContain('unsafe');
  });

  it('keeps what a server sent from ending the element it is in', async () => {
    const page = (await callPage(call(HOSTILE))).toString();
    expect(page).not.toContain('<script>globalThis.hacked');
    expect(page).not.toContain('<img');
    const block = /<script type="text\/plain" id="data">([\s\S]*?)<\/script>/.exec(page)![1]!;
    const data = JSON.parse(block);
    expect(data.title).toBe(HOSTILE);
    expect(data.log).toContainEqual([500, 'mark', `mark “${HOSTILE}”`]);
  });

  it('is written beside the recording, or says why not', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'voicebridge-page-'));
    try {
      await writeCallPage(join(folder, 'call.html'), call());
      expect(await readFile(join(folder, 'call.html'), 'utf8')).toMatch(/^<!doctype html>/);
      await expect(writeCallPage(join(folder, 'none', 'call.html'), call())).rejects.toMatchObject({
        code: 'file-unwritable',
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('the one script of the page', () => {
  it('is all modules, their imports and exports taken out', async () => {
    const script = await joinScripts(CALL_SCRIPTS);
    new vm.Script(script);
    expect(script).not.toMatch(/^(import|export) /m);
  });

  it.each([
    ["import { a, b } from './x.js';\nexport function f() {}\n", 'function f() {}\n'],
    ["import {\n  a,\n  b,\n} from './long-name.js';\nexport const c = 1;\n", 'const c = 1;\n'],
    ['export class D {}\nexport async function e() {}\n', 'class D {}\nasync function e() {}\n'],
    ["const text = 'export const';\n", "const text = 'export const';\n"],
  ])('turns %j into a part of a script', (module, part) => {
    expect(withoutModuleSyntax(module)).toBe(part);
  });
});

describe('JSON in a page', () => {
  it('holds no sign that ends its element and reads back the same', () => {
    const value = { a: '</script> & <!--', b: '\u2028\u2029', c: [1, null] };
    expect(jsonBlock(value)).not.toMatch(/[<>&\u2028\u2029]/);
    expect(JSON.parse(jsonBlock(value))).toEqual(value);
  });
});
