import { describe, expect, it } from 'vitest';
import { callDocument, formatDocument } from '../../../src/cli/simulate/document.js';
import type { FinishedCall } from '../../../src/cli/simulate/finished-call.js';
import { judgeCall } from '../../../src/cli/simulate/report.js';
import { summaryLines } from '../../../src/cli/simulate/summary.js';
import { Measures } from '../../../src/measure/metrics.js';
import type { CallRecord } from '../../../src/simulator/phone/events.js';
import type { LintFinding } from '../../../src/simulator/phone/lint.js';

const same = (text: string): string => text;
const PLAIN = { bold: same, dim: same, red: same, green: same, yellow: same };

const RECORD: CallRecord = {
  url: 'ws://127.0.0.1:8080/media-stream',
  callSid: 'CA1',
  streamSid: 'MZ1',
  startedAtMs: 1000,
  endedAtMs: 22_940,
  endReason: 'hangup',
  callerLane: new Uint8Array(),
  heardLane: new Uint8Array(),
  received: new Uint8Array(160),
  receivedChunks: [],
  heard: [],
  speech: [],
  events: [],
  lint: [],
  pacing: { frames: 1, lateMs: new Float64Array([0.2]), bunched: 0 },
  files: { directory: '/home/me/calls/1', wav: '/home/me/calls/1/call.wav', events: '/home/me/calls/1/events.jsonl' },
};

function finding(rule: string, level: LintFinding['level'], code?: number): LintFinding {
  return { rule, level, message: 'what was wrong', twilio: 'what Twilio does', atMs: 1500, ...(code && { code }) };
}

function finished(record: Partial<CallRecord> = {}, measured: Partial<FinishedCall['measured']> = {}): FinishedCall {
  const whole = { ...RECORD, ...record };
  return {
    caller: 'samples/interrupt',
    name: 'interrupt',
    endpoint: { url: RECORD.url, kind: 'embedded' },
    record: whole,
    measured: { measures: new Measures(), turns: [], bargeIns: [], truncations: [], notes: [], ...measured },
    host: { reliable: true, reasons: [] },
    verdict: judgeCall(whole),
  };
}

const EXPECTATIONS: NonNullable<CallRecord['expectations']> = [
  { step: 0, expected: 'the agent speaks within 800 ms', found: 'it spoke after 623 ms', ok: true, atMs: 2000 },
  {
    step: 4,
    line: 12,
    expected: 'the agent stops within 300 ms',
    found: 'it was still speaking after 310 ms',
    ok: false,
    atMs: 9000,
  },
];

const CONVERSATION: Partial<FinishedCall['measured']> = {
  greetingMs: 467.4,
  turns: [
    { step: 1, endMs: 8000, playoutMs: 923.2, text: 'Hello, my brakes squeak. Can I bring the bike in this week?' },
    { step: 3, endMs: 12_000, playoutMs: 902, answerMs: 2251, text: 'What does it cost?' },
    { step: 5, endMs: 15_000, playoutMs: -120 },
    { step: 7, endMs: 18_000 },
  ],
  bargeIns: [
    { step: 3, startMs: 9000, intoMs: 1197, outcome: 'stopped', stopMs: 231, clearMs: 120, leakMs: 0, recovered: true },
    { step: 4, startMs: 9500, intoMs: 500, outcome: 'stopped', stopMs: 300, recovered: true },
    { step: 5, startMs: 10_000, intoMs: 800, outcome: 'missed', stopMs: Number.POSITIVE_INFINITY, recovered: false },
  ],
  truncations: [
    { itemId: 'item_1', totalMs: 4902, playedMs: 1220.6, toldMs: 1220.3, errorMs: -0.3, verdict: 'told' },
    { itemId: 'item_2', totalMs: 3000, playedMs: 900, verdict: 'missing' },
    { itemId: 'item_3', totalMs: 900, playedMs: 900, toldMs: 900, errorMs: 0, verdict: 'needless' },
  ],
};

describe('the summary of a call', () => {
  it('tells turns, interruptions, truncations and files', () => {
    expect(summaryLines(finished({}, CONVERSATION), '/home/me', Number.POSITIVE_INFINITY, PLAIN)).toEqual([
      '',
      'interrupt: 21.9 s, 4 turns, 3 interruptions, the caller hung up',
      '',
      '  greeting      after 467 ms',
      '  turn 1        answered after 923 ms   "Hello, my brakes squeak. Can I bring the bike in this week?"',
      '  turn 2        answered after 902 ms, past a filler 2251 ms   "What does it cost?"',
      '  turn 3        talked over, 120 ms too early',
      '  turn 4        never answered',
      '  interruption  silent after 231 ms, 1.2 s into the answer, 0 ms leaked',
      '  interruption  silent after 300 ms, 0.5 s into the answer, without a clear',
      '  interruption  the agent went on speaking, 0.8 s into the answer',
      '  truncation    heard 1221 of 4902 ms, the model was told 1220 ms (−0.3 ms)',
      '  truncation    heard 900 of 3000 ms, the model was not told',
      '  truncation    heard all 900 ms, and truncated needlessly',
      '  lint          no findings',
      '',
      '  recording     calls/1/call.wav',
      '                left: the caller, right: what the caller heard',
      '  events        calls/1/events.jsonl',
    ]);
  });

  it('fits 80 columns, cutting only what the caller said', () => {
    const lines = summaryLines(finished({}, CONVERSATION), '/home/me', 80, PLAIN);
    for (const line of lines) expect([...line].length).toBeLessThanOrEqual(80);
    expect(lines[4]).toBe('  turn 1        answered after 923 ms   "Hello, my brakes squeak. Can I bring t…');
  });

  it('tells each broken rule once, and files elsewhere by their whole path', () => {
    const lint = [finding('message/not-json', 'warning', 31951), finding('message/not-json', 'warning', 31951)];
    const lines = summaryLines(finished({ lint }), '/srv', Number.POSITIVE_INFINITY, PLAIN);
    expect(lines).toContain('  lint warning  31951 message/not-json: what was wrong (2 times) what Twilio does');
    const taught = summaryLines(
      finished({ lint: [{ ...lint[0]!, instead: 'send JSON' }] }),
      '/srv',
      Number.POSITIVE_INFINITY,
      PLAIN,
    );
    expect(taught).toContain('                instead: send JSON');
    expect(lines).toContain('  recording     /home/me/calls/1/call.wav');
  });

  it('tells what the script expected, and what the agent did when the caller hummed or coughed', () => {
    const measured = {
      distractions: [
        { kind: 'backchannel', step: 2, startMs: 5000, intoMs: 1200, outcome: 'went-on' },
        { kind: 'cough', step: 3, startMs: 6000, intoMs: 2200, outcome: 'stopped', stopMs: 84.4 },
        { kind: 'noise', step: 4, startMs: 9000, intoMs: 300, outcome: 'finished', stopMs: 400 },
      ] as const,
    };
    const lines = summaryLines(
      finished({ expectations: EXPECTATIONS }, measured),
      '/',
      Number.POSITIVE_INFINITY,
      PLAIN,
    );
    expect(lines.slice(3, 9)).toEqual([
      '  backchannel   the agent went on, 1.2 s into the answer',
      '  cough         the agent stopped for it after 84 ms, 2.2 s into the answer',
      '  noise         the agent was silent 400 ms later, without a clear, 0.3 s into the answer',
      '  expected      the agent speaks within 800 ms: it spoke after 623 ms (met)',
      '  expected      the agent stops within 300 ms: it was still speaking after 310 ms (NOT met, line 12)',
      '  lint          no findings',
    ]);
  });

  it('says when the machine was too busy for the numbers', () => {
    const busy = { reliable: false, reasons: [{ code: 'pacing' as const, sentence: 'frames were late' }] };
    const lines = summaryLines({ ...finished(), host: busy }, '/', 80, PLAIN);
    expect(lines).toContain('  unreliable    frames were late');
  });

  it('ends with what was wrong and what to do', () => {
    const lines = summaryLines(finished({ received: new Uint8Array() }), '/', 80, PLAIN);
    expect(lines.slice(-2)).toEqual([
      'error: the agent never sent any audio',
      'hint: send media messages with the streamSid of start and base64 µ-law at 8 kHz',
    ]);
  });
});

describe('the verdict on a call', () => {
  it.each<[string, Partial<CallRecord>, number]>([
    ['a good call', {}, 0],
    ['a warning of the carrier', { lint: [finding('message/not-json', 'warning', 31951)] }, 0],
    ['an error of the carrier', { lint: [finding('media/wav-header', 'error')] }, 1],
    ['an agent that was never heard', { received: new Uint8Array() }, 1],
    ['a call that never ended', { endReason: 'max-duration' }, 1],
    ['a server that hung up', { endReason: 'server-closed' }, 0],
    ['a call the user ended', { endReason: 'aborted' }, 0],
    ['expectations that were met', { expectations: EXPECTATIONS.slice(0, 1) }, 0],
    ['one that was not', { expectations: EXPECTATIONS }, 1],
    ['a lost connection', { endReason: 'connection-lost' }, 3],
  ])('%s', (_, record, exitCode) => {
    const verdict = judgeCall({ ...RECORD, ...record });
    expect(verdict.exitCode).toBe(exitCode);
    expect(verdict.problems.length > 0).toBe(exitCode !== 0);
  });
});

describe('the JSON document of a call', () => {
  it('counts times from the start of the call, to the microsecond, and leaves out what is not known', () => {
    const call = finished({ lint: [finding('media/wav-header', 'error')] }, CONVERSATION);
    call.measured.measures.add('turn.playout_ms', 923.20049, 902);
    call.measured.measures.count('bargein.missed', 1, 3);
    const text = formatDocument(callDocument(call, '1.2.3'));
    expect(text.endsWith('}\n')).toBe(true);
    const document = JSON.parse(text);
    expect(document).toMatchObject({
      schema: 'voicebridge-call/1',
      tool: { name: 'voicebridge', version: '1.2.3' },
      caller: 'samples/interrupt',
      endpoint: { url: RECORD.url, kind: 'embedded' },
      call: { callSid: 'CA1', streamSid: 'MZ1', durationMs: 21_940, endReason: 'hangup' },
      exitCode: 1,
      reliable: true,
      greetingMs: 467.4,
      files: RECORD.files,
    });
    expect(document.call).not.toHaveProperty('streamSids');
    expect(document.turns[0]).toMatchObject({ endMs: 7000, playoutMs: 923.2 });
    expect(document.turns[3]).toEqual({ step: 7, endMs: 17_000 });
    expect(document.interruptions[2]).toEqual({
      step: 5,
      startMs: 9000,
      intoMs: 800,
      outcome: 'missed',
      recovered: false,
    });
    expect(document.metrics['turn.playout_ms']).toMatchObject({ unit: 'ms', n: 2, min: 902, max: 923.2 });
    expect(document.metrics['bargein.missed']).toEqual({ unit: 'count', count: 1, of: 3 });
    expect(document.metrics).not.toHaveProperty('greeting_ms');
    expect(document.lint).toMatchObject([{ rule: 'media/wav-header', level: 'error', atMs: 500 }]);
  });
});
