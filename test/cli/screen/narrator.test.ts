import { describe, expect, it } from 'vitest';
import { Narrator } from '../../../src/cli/screen/narrator.js';
import type { PhoneEvent } from '../../../src/simulator/phone/events.js';

function tellAll(events: readonly PhoneEvent[]): string[] {
  const narrator = new Narrator();
  return events.flatMap((event) => narrator.tell(event)).map(({ who, text }) => `${who}: ${text}`);
}

const START: PhoneEvent = { type: 'start', atMs: 0, streamSid: 'MZ1', callSid: 'CA0123456789abcdef0123456789abcdef' };
const says = (atMs: number, text?: string, interrupts = false): PhoneEvent => ({
  type: 'caller-speech-start',
  atMs,
  step: 0,
  interrupts,
  ...(text !== undefined && { text }),
});

describe('the narrator', () => {
  it('tells a conversation with greeting, answer and goodbye', () => {
    expect(
      tellAll([
        START,
        { type: 'agent-starts', atMs: 300 },
        { type: 'agent-finishes', atMs: 2000 },
        says(2500, 'What are your opening hours?'),
        { type: 'caller-speech-end', atMs: 4000, step: 0 },
        { type: 'agent-starts', atMs: 4913 },
        { type: 'agent-finishes', atMs: 8000 },
        { type: 'stop', atMs: 8100 },
        { type: 'closed', atMs: 8101, code: 1000, by: 'phone' },
      ]),
    ).toEqual([
      'call: connected, call CA0123…cdef',
      'agent: greets',
      'agent: has finished',
      'caller: speaks "What are your opening hours?"',
      'agent: answers after about 910 ms',
      'agent: has finished',
      'caller: hangs up',
    ]);
  });

  it('tells how long an interrupted agent took to fall silent, and what the clear threw away', () => {
    expect(
      tellAll([
        { type: 'agent-starts', atMs: 1000 },
        says(2000, 'Stop', true),
        { type: 'playout-empty', atMs: 2233, streamOffset: 8 },
        { type: 'clear', atMs: 2233, droppedBytes: 24_800 },
        { type: 'agent-finishes', atMs: 2900 },
      ]),
    ).toEqual([
      'agent: greets',
      'caller: interrupts "Stop"',
      'agent: stops about 230 ms after the interruption, clear drops 3.1 s',
    ]);
  });

  it('calls it an interruption when a recording happens to speak over the agent', () => {
    expect(tellAll([{ type: 'agent-starts', atMs: 0 }, says(500)])).toEqual(['agent: greets', 'caller: interrupts']);
  });

  it('tells of an agent that runs out of audio after an interruption without a clear', () => {
    expect(
      tellAll([
        { type: 'agent-starts', atMs: 0 },
        says(1000),
        { type: 'playout-empty', atMs: 1900, streamOffset: 8 },
        { type: 'frame', atMs: 1920, dueMs: 1920, chunk: 96, bytes: 160 },
      ]).at(-1),
    ).toBe('agent: stops about 900 ms after the interruption');
  });

  it('does not claim to tell less than a frame apart', () => {
    expect(
      tellAll([{ type: 'agent-starts', atMs: 0 }, says(1003), { type: 'clear', atMs: 1001, droppedBytes: 8 }]).at(-1),
    ).toBe('agent: stops within 20 ms of the interruption, clear drops 0.0 s');
  });

  it('is silent about a buffer that runs empty while nobody interrupts', () => {
    expect(tellAll([{ type: 'playout-empty', atMs: 1900, streamOffset: 8 }])).toEqual([]);
  });

  it('tells every broken rule once', () => {
    const finding = {
      rule: 'message/not-json',
      code: 31950,
      level: 'error',
      message: 'not JSON',
      twilio: 'drops it',
      atMs: 1,
    } as const;
    expect(
      tellAll([
        { type: 'lint', atMs: 1, finding },
        { type: 'lint', atMs: 2, finding },
        { type: 'lint', atMs: 3, finding: { ...finding, rule: 'message/late' } },
      ]),
    ).toEqual(['lint: 31950 message/not-json: not JSON', 'lint: 31950 message/late: not JSON']);
  });

  it('tells when the server is the one to close', () => {
    expect(tellAll([{ type: 'closed', atMs: 1, code: 1011, by: 'server' }])).toEqual([
      'call: the server closed the stream (code 1011)',
    ]);
  });

  it('tells what else the caller does, and whether the script got what it expected', () => {
    const expectation = { type: 'expectation', step: 1, expected: 'the agent stays silent', atMs: 5 } as const;
    expect(
      tellAll([
        { type: 'caller-sound', atMs: 1, step: 0, kind: 'cough', endMs: 2 },
        { type: 'caller-sound', atMs: 2, step: 0, kind: 'backchannel', endMs: 3 },
        { type: 'dtmf', atMs: 3, digit: '#' },
        { type: 'wait-timeout', atMs: 4, step: 0 },
        { ...expectation, found: 'it did', ok: true },
        { ...expectation, found: 'it spoke', ok: false },
        { type: 'drop', atMs: 6 },
        { type: 'reconnect', atMs: 7, streamSid: 'MZ', laneSample: 0 },
      ]),
    ).toEqual([
      'caller: coughs',
      'caller: hums along, which is no interruption',
      'caller: presses #',
      'caller: has waited in vain, and goes on',
      'call: expected that the agent stays silent: it did',
      'call: expected that the agent stays silent: it spoke',
      'call: the script cuts the connection',
      'call: connected again, on a new stream of the same call',
    ]);
  });

  it('measures the waiting coarsely, from its beginning', () => {
    const narrator = new Narrator();
    const latencies = (
      [
        START,
        { type: 'agent-starts', atMs: 300 },
        says(1000),
        { type: 'clear', atMs: 1250, droppedBytes: 800 },
        { type: 'caller-speech-end', atMs: 2000, step: 0 },
        { type: 'agent-starts', atMs: 2900 },
      ] as const
    )
      .flatMap((event) => narrator.tell(event))
      .map(({ latency }) => latency);
    expect(latencies).toEqual([
      undefined,
      { kind: 'greeting', fromMs: 0, ms: 300 },
      undefined,
      { kind: 'stop', fromMs: 1000, ms: 250 },
      { kind: 'answer', fromMs: 2000, ms: 900 },
    ]);
  });

  it('says nothing about frames and marks', () => {
    expect(
      tellAll([
        { type: 'frame', atMs: 1, dueMs: 1, chunk: 1, bytes: 160 },
        { type: 'media', atMs: 1, bytes: 160, streamOffset: 0, bufferedMs: 20 },
        { type: 'mark', atMs: 1, name: 'a', streamOffset: 160 },
        { type: 'mark-echo', atMs: 21, name: 'a', cleared: false },
      ]),
    ).toEqual([]);
  });
});
