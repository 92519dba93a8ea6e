import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Measures } from '../../src/measure/metrics.js';
import { formatHtml } from '../../src/measure/report/html.js';
import { openBrowser } from '../helpers/browser.js';
import { callOf, reportOf } from '../helpers/reports.js';

const HOSTILE = `</script><script>document.title = 'hacked'</script><img src=x onerror="document.title = 'hacked'">`;

let folder: string;
let browser: Browser;
let page: Page | undefined;
const complaints: string[] = [];

/** 120 calls, one of them kept, of which the last broke with words of a hostile server. */
function report() {
  const calls = Array.from({ length: 120 }, (_, index) =>
    callOf({
      run: index + 1,
      ...(index === 119 && { failed: HOSTILE }),
      ...(index === 0 && {
        files: { directory: '', wav: '', events: '', page: join(folder, 'calls', 'greeting 1', 'call.html') },
      }),
      speech: [
        { startMs: 1_000, endMs: 2_000, interrupts: false },
        { startMs: 4_000, endMs: 4_800, interrupts: true },
      ],
      answers: [{ startMs: 2_700, endMs: 4_300 }],
      turns: [{ step: 1, endMs: 2_000, playoutMs: 700 }],
      bargeIns: [{ step: 2, startMs: 4_000, intoMs: 1_300, outcome: 'stopped', stopMs: 300, recovered: true }],
      clears: [4_290],
    }),
  );
  return reportOf({
    result: { calls, scenarios: ['greeting'] },
    fill: (measures: Measures) => {
      for (let index = 0; index < 300; index++) measures.add('turn.playout_ms', 700 + (index % 37) * 3);
      measures.add('bargein.stop_ms', 250, 300, Number.POSITIVE_INFINITY);
      measures.count('bargein.missed', 1, 3);
    },
    budgets: ['turn.playout_ms p50 <= 800', 'bargein.missed == 0', 'warn turn.playout_ms max < 750'],
  });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'voicebridge-report-'));
  browser = await openBrowser();
  await mkdir(join(folder, 'calls', 'greeting 1'), { recursive: true });
  await writeFile(join(folder, 'calls', 'greeting 1', 'call.html'), '<!doctype html><title>that call</title>');
  await writeFile(join(folder, 'report.html'), await formatHtml(report(), join(folder, 'report.html')));
});
afterAll(async () => {
  await browser?.close();
  await rm(folder, { recursive: true });
});
afterEach(async () => {
  await page?.context().close();
  page = undefined;
  expect(complaints.splice(0)).toEqual([]);
});

/** Opens the page from disk. Whatever it asks the network for, and whatever the console says, fails the test. */
async function open(width = 1280, dark = false): Promise<Page> {
  const colorScheme = dark ? 'dark' : 'light';
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
  page = await context.newPage();
  page.on('request', (request) => {
    if (!/^file:/.test(request.url())) complaints.push(`request: ${request.url()}`);
  });
  page.on('console', (message) => void complaints.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => void complaints.push(String(error)));
  await page.goto(pathToFileURL(join(folder, 'report.html')).href);
  await page.waitForSelector('html[data-ready]');
  return page;
}

describe('the page of a report in a real browser', () => {
  it.each([
    [1600, false],
    [1600, true],
    [400, false],
    [400, true],
  ])('opens from disk without a network, an error or a sideways scroll bar: %i wide, dark %s', async (width, dark) => {
    const opened = await open(width, dark);
    expect(await opened.locator('.uplot canvas').count()).toBe(2);
    expect(await opened.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    for (const chart of await opened.locator('.uplot').all()) {
      const inside = (await chart.boundingBox())!;
      const card = (await chart.locator('xpath=..').boundingBox())!;
      expect(inside.width).toBeLessThanOrEqual(card.width + 1);
    }
  });

  it('says the verdict first, and of every budget whether it was kept', async () => {
    const opened = await open();
    expect(await opened.textContent('#verdict')).toBe('calls broke');
    const budgets = await opened.locator('#budgets tr').allTextContents();
    expect(budgets.map((each) => each.slice(0, 28))).toEqual([
      '✓turn.playout_ms p50 <= 8007',
      '✗bargein.missed == 01.00',
      '!turn.playout_ms max < 75080',
    ]);
    expect(await opened.locator('.distribution').last().textContent()).toContain('never1');
  });

  it('shows what a server sent as text and runs none of it', async () => {
    const opened = await open();
    expect(await opened.title()).toBe('voicebridge bench · our own relay');
    expect(await opened.locator('#problems').textContent()).toContain(HOSTILE);
    expect(await opened.locator('img').count()).toBe(0);
  });

  it('has a row for every call, a hundred at once, with each voice in its place', async () => {
    const opened = await open();
    expect(await opened.locator('.call').count()).toBe(100);
    await opened.click('#more-calls');
    expect(await opened.locator('.call').count()).toBe(120);
    expect(await opened.locator('#more-calls').isVisible()).toBe(false);
    const lanes = (await opened.locator('.lanes').first().boundingBox())!;
    const over = (await opened.locator('.lanes .over').first().boundingBox())!;
    expect((over.x - lanes.x) / lanes.width).toBeCloseTo(0.4, 2);
    expect(over.width / lanes.width).toBeCloseTo(0.08, 2);
    expect(await opened.locator('.call').first().textContent()).toContain('answered after 700 ms, silent after 300 ms');
  });

  it('goes to the page of a call with one click, where it was kept', async () => {
    const opened = await open();
    expect(await opened.locator('.call a').count()).toBe(1);
    await opened.click('.call a');
    await expect.poll(() => opened.title()).toBe('that call');
  });
});
