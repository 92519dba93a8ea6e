import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { VoicebridgeError } from '../../errors.js';
import { type PageCall, pageData } from './data.js';
import { packLane } from './sound.js';

/** In the order in which they use each other. */
const SCRIPTS = ['elements', 'adpcm', 'sound', 'view', 'plots', 'strips', 'tables', 'log', 'player', 'main'] as const;

/** `src/measure/page/browser` in the source, copied beside this file when it is built. */
const BROWSER = new URL('./browser/', import.meta.url);

/**
 * The whole call as one HTML file: both lanes to see and to hear, what happened in them, and the log. It needs no
 * network and no other file, and lets itself do nothing: its content security policy names its own two scripts and its
 * style by their hashes. What the server sent is data in it, and is only ever shown as text.
 */
export async function callPage(call: PageCall): Promise<Buffer> {
  const { record } = call;
  const [template, css, plotCss, plotScript, script, caller, agent] = await Promise.all([
    readFile(new URL('call.html', BROWSER), 'utf8'),
    readFile(new URL('call.css', BROWSER), 'utf8'),
    readFile(library('uplot/dist/uPlot.min.css'), 'utf8'),
    readFile(library('uplot/dist/uPlot.iife.min.js'), 'utf8'),
    joinedScript(),
    packLane(record.callerLane),
    packLane(record.heardLane),
  ]);
  const style = `${plotCss}\n${css}`;
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(plotScript)} ${hashOf(script)}`,
    `style-src ${hashOf(style)}`,
    // The recording is unpacked in the page.
    'media-src blob:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const parts: Readonly<Record<string, string>> = {
    policy,
    title: escapeHtml(`${call.title} · voicebridge`),
    heading: escapeHtml(call.title),
    style,
    data: jsonBlock(pageData(call)),
    caller: caller.toString('base64'),
    agent: agent.toString('base64'),
    plot: plotScript,
    script,
  };
  const pieces = template.split(/\{\{(\w+)\}\}/);
  return Buffer.concat(pieces.map((piece, index) => Buffer.from(index % 2 === 0 ? piece : parts[piece]!)));
}

/** Rejects with VoicebridgeError file-unwritable. */
export async function writeCallPage(path: string, call: PageCall): Promise<void> {
  const page = await callPage(call);
  await writeFile(path, page).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new VoicebridgeError('file-unwritable', { path, reason }, { cause: error });
  });
}

/** The modules of the page as one script: a page that is one file can import nothing. */
export async function joinedScript(): Promise<string> {
  const modules = await Promise.all(SCRIPTS.map((name) => readFile(new URL(`${name}.js`, BROWSER), 'utf8')));
  return `(() => {\n'use strict';\n${modules.map(withoutModuleSyntax).join('\n')}})();\n`;
}

/** A module whose imports all stand before it in the same script. */
export function withoutModuleSyntax(source: string): string {
  return source
    .replace(/^import [^;]*? from '\.\/[\w-]+\.js';\n/gm, '')
    .replace(/^export (?=async |function |const |class )/gm, '');
}

/** JSON that no HTML parser takes for an end of its element, whatever is in it. */
export function jsonBlock(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

function library(path: string): string {
  return createRequire(import.meta.url).resolve(path);
}
