import { assemblePage, escapeHtml, jsonBlock } from '../page/assemble.js';
import type { Report } from '../report-json.js';
import { htmlData } from './html-data.js';

/** In the order in which they use each other. */
export const REPORT_SCRIPTS = [
  ...['elements', 'theme', 'report-tables', 'report-plots', 'report-calls', 'report-main'],
] as const;

/**
 * The whole report as one HTML file that needs no network: budgets, distributions, a timeline of every call with a link
 * to its own page where that was kept, findings, the machine. What a server sent is data in it and shown as text.
 *
 * @param path where it will lie; links to the pages of calls are relative to it
 */
export async function formatHtml(report: Report, path: string): Promise<Buffer> {
  const data = htmlData(report, path);
  return assemblePage({
    template: 'report.html',
    styles: ['theme', 'report'],
    scripts: REPORT_SCRIPTS,
    texts: { title: escapeHtml(data.title), heading: escapeHtml(data.title), data: jsonBlock(data) },
  });
}
