import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** Quiet: no first-run page, no updates, nothing fetched that a test did not ask for. */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

/** A real Chromium: $VOICEBRIDGE_CHROMIUM, or where systems install it. Throws a sentence that says what to install. */
export function openBrowser(): Promise<Browser> {
  const executablePath = [process.env.VOICEBRIDGE_CHROMIUM, ...PLACES].find((path) => path && existsSync(path));
  if (executablePath === undefined) {
    throw new Error(
      'the page of a call is looked at in a real Chromium and there is none: apt-get install -y chromium, ' +
        'or set VOICEBRIDGE_CHROMIUM to the path of a Chrome or Chromium',
    );
  }
  return chromium.launch({ executablePath, headless: true, args: ARGUMENTS });
}
