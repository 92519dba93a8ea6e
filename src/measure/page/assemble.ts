import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

/** `src/measure/page/browser` in the source, copied beside this file when it is built. */
const BROWSER = new URL('./browser/', import.meta.url);

export interface PageParts {
  /** A file of `browser/` with places such as `{{title}}`. */
  readonly template: string;
  readonly styles: readonly string[];
  /** Modules, in the order in which they use each other. */
  readonly scripts: readonly string[];
  /** What else stands in the places of the template, as it is to stand there. */
  readonly texts: Readonly<Record<string, string>>;
  /** More that the page may do, such as `media-src blob:`. */
  readonly policy?: readonly string[];
}

/**
 * One HTML file that needs no network and no other file, and lets itself do nothing: its content security policy names
 * its own two scripts (the chart library and its modules) and its style by their hashes.
 */
export async function assemblePage({ template, styles, scripts, texts, policy = [] }: PageParts): Promise<Buffer> {
  const [html, plotCss, plotScript, script, ...css] = await Promise.all([
    readFile(new URL(template, BROWSER), 'utf8'),
    readFile(library('uplot/dist/uPlot.min.css'), 'utf8'),
    readFile(library('uplot/dist/uPlot.iife.min.js'), 'utf8'),
    joinScripts(scripts),
    ...styles.map((name) => readFile(new URL(`${name}.css`, BROWSER), 'utf8')),
  ]);
  const style = [plotCss, ...css].join('\n');
  const parts: Readonly<Record<string, string>> = {
    ...texts,
    policy: [
      "default-src 'none'",
      `script-src ${hashOf(plotScript)} ${hashOf(script)}`,
      `style-src ${hashOf(style)}`,
      ...policy,
      "base-uri 'none'",
      "form-action 'none'",
    ].join('; '),
    style,
    plot: plotScript,
    script,
  };
  const pieces = html.split(/\{\{(\w+)\}\}/);
  return Buffer.concat(pieces.map((piece, index) => Buffer.from(index % 2 === 0 ? piece : parts[piece]!)));
}

/** The modules of a page as one script: a page that is one file can import nothing. */
export async function joinScripts(names: readonly string[]): Promise<string> {
  const modules = await Promise.all(names.map((name) => readFile(new URL(`${name}.js`, BROWSER), 'utf8')));
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

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

function library(path: string): string {
  return createRequire(import.meta.url).resolve(path);
}
