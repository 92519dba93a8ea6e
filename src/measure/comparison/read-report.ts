import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { z } from 'zod';
import { VoicebridgeError } from '../../errors.js';
import type { Report } from '../report-json.js';
import type { NamedReport } from './compare-reports.js';

/** Only what a comparison looks at: a report of another version may have more. */
const numbers = z.array(z.number().nullable());
const count = z.object({ count: z.number(), of: z.number() });
const SHAPE = z.object({
  schema: z.literal('voicebridge-report/1'),
  tool: z.object({ version: z.string() }),
  host: z.object({ node: z.string(), cpus: z.number(), cpu: z.string().optional() }),
  endpoint: z.object({ kind: z.string() }),
  scenarios: z.array(z.string()),
  concurrency: z.number(),
  seed: z.number(),
  network: z.object({ toServerMs: z.number(), toPhoneMs: z.number(), jitterMs: z.number() }),
  reliable: z.boolean(),
  metrics: z.record(z.string(), z.object({ unit: z.enum(['ms', 'kB', 'count']), version: z.number().optional() })),
  calls: z.array(
    z.object({
      scenario: z.string(),
      kept: z.object({ samples: z.record(z.string(), numbers), counts: z.record(z.string(), count) }).optional(),
    }),
  ),
});

/**
 * Reads what `bench --json FILE` wrote.
 *
 * @param folder where a relative path begins
 * @throws VoicebridgeError `file-missing`, `file-unreadable`
 */
export async function readReport(path: string, folder = '.'): Promise<NamedReport> {
  const hint = 'a report is what a bench leaves: voicebridge bench --json report.json';
  let text: string;
  try {
    text = await readFile(resolve(folder, path), 'utf8');
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    if (reason === 'ENOENT') throw new VoicebridgeError('file-missing', { path, hint });
    throw new VoicebridgeError('file-unreadable', { path, reason, hint });
  }
  const unreadable = (reason: string): VoicebridgeError =>
    new VoicebridgeError('file-unreadable', { path, reason, hint });
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw unreadable('it is not JSON');
  }
  const { success, error } = SHAPE.safeParse(content);
  if (!success) {
    const [issue] = error.issues;
    throw unreadable(`it is no report of a bench (${issue!.path.join('.') || 'document'}: ${issue!.message})`);
  }
  return { name: basename(path), report: content as Report };
}
