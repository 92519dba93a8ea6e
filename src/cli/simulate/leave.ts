import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VoicebridgeError } from '../../errors.js';
import { changeTexts } from '../../measure/compare.js';
import type { PageCall } from '../../measure/page/data.js';
import type { ModelTraceEvent } from '../../simulator/model/events.js';
import { SUMMARY_FILE } from '../../simulator/phone/recording.js';
import { seconds } from '../screen/text.js';
import { callDocument, formatDocument } from './document.js';
import type { CallFilePaths, FinishedCall } from './finished-call.js';
import { ENDINGS } from './summary.js';

const PAGE_FILE = 'call.html';

interface LeaveOptions {
  readonly call: FinishedCall;
  readonly page: boolean;
  readonly version: string;
  readonly modelTrace?: readonly ModelTraceEvent[];
}

/**
 * Puts `summary.json` and `call.html` beside the recording. Returns the call with all its files; rejects with
 * VoicebridgeError file-unwritable.
 */
export async function leaveBehind(options: LeaveOptions): Promise<FinishedCall> {
  const { call, page, version } = options;
  const { files } = call.record;
  if (!files) return call;
  const paths: CallFilePaths = {
    ...files,
    summary: join(files.directory, SUMMARY_FILE),
    ...(page && { page: join(files.directory, PAGE_FILE) }),
  };
  const left: FinishedCall = { ...call, files: paths };
  await write(paths.summary!, formatDocument(callDocument(left, version)));
  if (paths.page !== undefined) {
    const { writeCallPage } = await import('../../measure/page/page.js');
    await writeCallPage(paths.page, pageOf(options));
  }
  return left;
}

function pageOf({ call, version, modelTrace }: LeaveOptions): PageCall {
  const { record, measured, host, verdict, endpoint, changes } = call;
  const kinds = { given: '', running: ' (the relay on this machine)', embedded: ' (embedded)' } as const;
  return {
    record,
    measured: { ...measured, notes: [...measured.notes, ...host.reasons.map(({ sentence }) => sentence)] },
    title: call.name,
    facts: [
      ['called', `${endpoint.url}${kinds[endpoint.kind]}`],
      ['lasted', seconds(record.endedAtMs - record.startedAtMs)],
      ['ended', ENDINGS[record.endReason]],
      ['call', record.callSid],
      ['by', `voicebridge ${version}`],
    ],
    problems: verdict.problems.map(({ message }) => message),
    ...(modelTrace && { modelTrace }),
    ...(changes && {
      changes: changes.map((change) => {
        const [before, after, difference] = changeTexts(change);
        return { what: change.what, before, after, change: difference, verdict: change.verdict };
      }),
    }),
  };
}

async function write(path: string, text: string): Promise<void> {
  await writeFile(path, text).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new VoicebridgeError('file-unwritable', { path, reason }, { cause: error });
  });
}
