import { analyseCall } from '../../measure/analyse.js';
import { comparableCall, compareCalls } from '../../measure/compare.js';
import { judgeHost } from '../../measure/host.js';
import type { CallRecord } from '../../simulator/phone/events.js';
import { readVersion } from '../../version.js';
import type { Terminal } from '../terminal.js';
import type { World } from '../world.js';
import { callDocument, formatDocument } from './document.js';
import type { Endpoint } from './endpoint.js';
import type { CallVerdict, FinishedCall, Problem } from './finished-call.js';
import { leaveBehind } from './leave.js';
import { summaryLines } from './summary.js';

interface ReportOptions {
  readonly record: CallRecord;
  readonly endpoint: Endpoint;
  readonly caller: string;
  readonly name: string;
  /** What went wrong on this machine, not at the server. */
  readonly trouble?: Problem;
  /** The recorded call that was played again, and its document. */
  readonly recording?: { readonly directory: string; readonly summary: unknown };
  readonly page: boolean;
  readonly json: boolean;
  readonly terminal: Terminal;
  readonly world: World;
}

/**
 * Measures the call, leaves summary and page in its folder and prints it: for people, or with --json as one document.
 * Sets the exit code. Rejects with VoicebridgeError file-unwritable, after having printed all the same.
 */
export async function report(options: ReportOptions): Promise<void> {
  const { record, endpoint, caller, name, world } = options;
  const judged = judgeCall(record);
  const verdict: CallVerdict = options.trouble
    ? { exitCode: 2, problems: [options.trouble, ...judged.problems] }
    : judged;
  const call: FinishedCall = {
    caller,
    name,
    endpoint,
    record,
    measured: analyseCall(record, endpoint.modelTrace),
    host: judgeHost(record.pacing, undefined),
    verdict,
  };
  const version = readVersion();
  const print = (told: FinishedCall): void => {
    const text = options.json
      ? formatDocument(callDocument(told, version))
      : `${summaryLines(told, world.cwd, widthOf(world), options.terminal.out).join('\n')}\n`;
    world.stdout.write(text);
    world.setExitCode(verdict.exitCode);
  };
  const whole = compared(call, options.recording, version);
  const { modelTrace } = endpoint;
  const leave = { call: whole, page: options.page, version, ...(modelTrace && { modelTrace }) };
  const left = await leaveBehind(leave).catch((error: unknown) => {
    // With --json there is room for one document only, and the error is it.
    if (!options.json) print(whole);
    throw error;
  });
  print(left);
}

function compared(call: FinishedCall, recording: ReportOptions['recording'], version: string): FinishedCall {
  const before = recording && comparableCall(recording.summary);
  const after = comparableCall(JSON.parse(formatDocument(callDocument(call, version))));
  if (!recording || !before || !after) return call;
  return { ...call, replayOf: recording.directory, changes: compareCalls(before, after) };
}

/** 3 when the stream broke, 1 when callers would have suffered, else 0. What Twilio only warns of is told, not judged. */
export function judgeCall(record: CallRecord): CallVerdict {
  if (record.endReason === 'connection-lost') {
    const hint = "look at the server's own log: it gave the call up without a closing handshake";
    return { exitCode: 3, problems: [{ message: 'the connection broke', hint }] };
  }
  const errors = record.lint.filter(({ level }) => level === 'error').length;
  const problems: Problem[] = [];
  if (errors > 0) {
    const message = `the server made ${errors} mistake${errors === 1 ? '' : 's'} that callers would hear`;
    problems.push({ message, hint: 'the lint lines say what it sent and what Twilio makes of it' });
  }
  const unmet = (record.expectations ?? []).filter(({ ok }) => !ok).length;
  if (unmet > 0) {
    const message = `${unmet} of ${record.expectations!.length} expectations of the script ${unmet === 1 ? 'was' : 'were'} not met`;
    problems.push({
      message,
      hint: 'the lines "expected" say what the agent did instead, and where the script asks for it',
    });
  }
  if (record.received.length === 0) {
    const hint =
      record.lint.length > 0
        ? 'its messages were not understood: the lint lines say why'
        : 'send media messages with the streamSid of start and base64 µ-law at 8 kHz';
    problems.push({ message: 'the agent never sent any audio', hint });
  }
  if (record.endReason === 'max-duration') {
    problems.push({ message: 'the call never ended by itself', hint: 'end the script with `- hangup: true`' });
  }
  return { exitCode: problems.length > 0 ? 1 : 0, problems };
}

function widthOf({ stdout }: World): number {
  return stdout.isTTY === true ? (stdout.columns ?? 80) : Number.POSITIVE_INFINITY;
}
