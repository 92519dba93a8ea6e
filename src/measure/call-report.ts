import type { CallRecord } from '../simulator/phone/events.js';
import type { CallMeasures } from './analyse.js';
import type { CallReport } from './report-json.js';

/** What a report says of one call; every time of it counts from its start. */
export function callReport(record: CallRecord, measured: CallMeasures): Partial<CallReport> {
  const { greetingMs, turns, bargeIns, truncations, notes } = measured;
  return {
    callSid: record.callSid,
    endReason: record.endReason,
    ...(greetingMs !== undefined && { greetingMs }),
    turns: turns.map((turn) => ({ ...turn, endMs: turn.endMs - record.startedAtMs })),
    bargeIns: bargeIns.map((each) => ({ ...each, startMs: each.startMs - record.startedAtMs })),
    ...(measured.discrimination && { discrimination: measured.discrimination }),
    truncations,
    durationMs: record.endedAtMs - record.startedAtMs,
    speech: record.speech.map(({ startMs, endMs, interrupts }) => ({
      startMs: startMs - record.startedAtMs,
      endMs: endMs - record.startedAtMs,
      interrupts,
    })),
    answers: (measured.utterances ?? []).map(({ onsetMs, endMs }) => ({
      startMs: onsetMs - record.startedAtMs,
      endMs: endMs - record.startedAtMs,
    })),
    clears: record.events.flatMap((event) => (event.type === 'clear' ? [event.atMs - record.startedAtMs] : [])),
    ...(notes.length > 0 && { notes }),
    ...(record.files && { files: record.files }),
  };
}
