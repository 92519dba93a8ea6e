import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { analyseCall } from '../../src/measure/analyse.js';
import type { PageCall } from '../../src/measure/page/data.js';
import { writeCallPage } from '../../src/measure/page/page.js';
import { openBrowser } from '../helpers/browser.js';
import { longCall } from '../helpers/long-call.js';

const HOSTILE = `</script><script>document.title = 'hacked'</script><img src=x onerror="document.title = 'hacked'">`;

let folder: string;
let browser: Browser;
let call: PageCall;
let page: Page | undefined;
const complaints: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'voicebridge-page-'));
  browser = await openBrowser();
  const record = await longCall(1);
  const lint = [
    {
      rule: 'message/not-json',
      level: 'warning' as const,
      message: HOSTILE,
      twilio: 'ignores it',
      excerpt: HOSTILE,
      atMs: 31_000,
    },
  ];
  const told = {
    ...record,
    lint,
    events: [...record.events, { type: 'mark', atMs: 2000, name: HOSTILE, streamOffset: 0 } as const],
  };
  call = {
    record: told,
    measured: analyseCall(record),
    title: HOSTILE,
    facts: [['called', HOSTILE]],
    problems: [HOSTILE],
  };
  await writeCallPage(join(folder, 'call.html'), call);
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

interface Look {
  readonly file?: string;
  readonly width?: number;
  readonly dark?: boolean;
}

/** Opens the page from disk. Whatever it asks the network for, and whatever the console says, fails the test. */
async function open({ file = 'call.html', width = 1280, dark = false }: Look = {}): Promise<Page> {
  const colorScheme = dark ? 'dark' : 'light';
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
  page = await context.newPage();
  page.on('request', (request) => {
    if (!/^(file|blob):/.test(request.url())) complaints.push(`request: ${request.url()}`);
  });
  page.on('console', (message) => void complaints.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => void complaints.push(String(error)));
  await page.goto(pathToFileURL(join(folder, file)).href);
  await page.waitForSelector('html[data-ready]');
  return page;
}

const clock = (opened: Page) => opened.textContent('#clock');
const cursorLeft = (opened: Page) =>
  opened.locator('#cursor').evaluate((cursor) => cursor.getBoundingClientRect().left);
/** What a canvas shows cannot be read off it; where an item lies can. */
const placeOf = (opened: Page, item: string) => opened.locator(item).first().boundingBox();

describe('the page of a call in a real browser', () => {
  it.each([
    { width: 1600, dark: false },
    { width: 1600, dark: true },
    { width: 400, dark: false },
    { width: 400, dark: true },
  ])('opens from disk without a network, an error or a sideways scroll bar: %j', async (look) => {
    const opened = await open(look);
    expect(await opened.locator('.uplot canvas').count()).toBe(3);
    expect(await opened.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(look.width);
  });

  it('shows what a server sent as text and runs none of it', async () => {
    const opened = await open();
    expect(await opened.title()).toContain('<script>');
    expect(await opened.textContent('h1')).toBe(HOSTILE);
    expect(await opened.locator('#log-rows').textContent()).toContain(HOSTILE);
    expect(await opened.locator('.finding pre').textContent()).toBe(HOSTILE);
    expect(await opened.locator('img').count()).toBe(0);
  });

  it('plays, moves the cursor, and stops', async () => {
    const opened = await open();
    const before = await cursorLeft(opened);
    await opened.click('#play');
    await expect.poll(() => clock(opened), { timeout: 10_000 }).toMatch(/^0:0[1-9]/);
    expect(await opened.getAttribute('#play', 'aria-label')).toBe('Pause');
    expect(await cursorLeft(opened)).toBeGreaterThan(before);
    await opened.click('#play');
    await opened.waitForSelector('#play[aria-label="Play"]');
    const stopped = await clock(opened);
    await opened.waitForTimeout(300);
    expect(await clock(opened)).toBe(stopped);
  });

  it('zooms with its buttons, the wheel, the mouse and the keyboard, and back', async () => {
    const opened = await open();
    const widthOf = async (): Promise<number> => (await placeOf(opened, '#conversation .turn'))!.width;
    const whole = await widthOf();
    await opened.click('#zoom-in');
    expect(await widthOf()).toBeCloseTo(2 * whole, 0);
    await opened.click('#zoom-fit');
    expect(await widthOf()).toBeCloseTo(whole, 0);
    const stage = (await opened.locator('#stage').boundingBox())!;
    await opened.mouse.move(stage.x + 40, stage.y + 80);
    await opened.mouse.wheel(0, -400);
    await expect.poll(widthOf, { timeout: 10_000 }).toBeGreaterThan(1.5 * whole);
    await opened.keyboard.press('0');
    expect(await widthOf()).toBeCloseTo(whole, 0);
    await opened.mouse.down();
    await opened.mouse.move(stage.x + 40 + stage.width / 4, stage.y + 80, { steps: 5 });
    await opened.mouse.up();
    expect(await widthOf()).toBeGreaterThan(3.5 * whole);
    expect(await clock(opened)).toBe('0:00.0');
  });

  it('goes where one clicks: into a lane, at an event, at an interruption', async () => {
    const opened = await open();
    const stage = (await opened.locator('#stage').boundingBox())!;
    await opened.mouse.click(stage.x + stage.width / 2, stage.y + 80);
    expect(await clock(opened)).toBe('0:30.0');
    expect(await cursorLeft(opened)).toBeCloseTo(stage.x + stage.width / 2, -1);
    await opened.fill('#log-filter', 'words number 4');
    expect(await opened.locator('#log-rows tr:visible').count()).toBe(1);
    await opened.click('#log-rows tr:visible');
    expect(await clock(opened)).toBe('0:30.0');
    await opened.fill('#log-filter', 'clear: 3000 ms');
    await opened.locator('#log-rows tr:visible .jump').first().click();
    expect(await clock(opened)).toBe('0:16.8');
    expect(await opened.locator('#log-rows tr.current').textContent()).toContain('clear');
    await opened.locator('#conversation .stop').first().click();
    // At 0:16.5 the caller speaks into a pause of the agent: the first interruption is the next one.
    expect(await clock(opened)).toBe('0:36.5');
  });

  it('can be used with the keyboard alone', async () => {
    const opened = await open();
    await opened.locator('#cursor').focus();
    await opened.keyboard.press('ArrowRight');
    await opened.keyboard.press('Shift+ArrowRight');
    expect(await clock(opened)).toBe('0:06.0');
    expect(await opened.getAttribute('#cursor', 'aria-valuetext')).toBe('0:06.0');
    await opened.locator('#log-rows .jump').first().focus();
    await opened.keyboard.press('ArrowDown');
    await opened.keyboard.press('ArrowDown');
    await opened.keyboard.press('Enter');
    const third = await opened.locator('#log-rows .jump').nth(2).textContent();
    expect(await clock(opened)).toBe(third);
    await opened.keyboard.press('1');
    expect(await opened.getAttribute('.lane-switch.caller', 'aria-pressed')).toBe('false');
  });

  it('opens five minutes of a call within two seconds, from less than 3 MB', async () => {
    const record = await longCall(5);
    const long = { record, measured: analyseCall(record), title: 'five minutes', facts: [], problems: [] };
    await writeCallPage(join(folder, 'long.html'), long);
    expect((await stat(join(folder, 'long.html'))).size).toBeLessThan(3_000_000);
    const times: number[] = [];
    for (let run = 0; run < 3; run++) {
      await page?.context().close();
      const opened = await open({ file: 'long.html' });
      times.push(await opened.evaluate('performance.now()'));
    }
    // The best of three is what the page needs; the others are what the machine did meanwhile.
    expect(Math.min(...times)).toBeLessThan(2_000);
  });
});
