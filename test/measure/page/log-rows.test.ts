import { describe, expect, it } from 'vitest';
import { logRows } from '../../../src/measure/page/log-rows.js';
import type { PhoneEvent } from '../../../src/simulator/phone/events.js';

function media(atMs: number, bytes: number, bufferedMs: number): PhoneEvent {
  return { type: 'media', atMs, bytes, streamOffset: 0, bufferedMs };
}

describe('the log of the page', () => {
  it('tells a run of media as one line and leaves out the frames of the caller', () => {
    const events: PhoneEvent[] = [
      { type: 'start', atMs: 1000, streamSid: 'MZ1', callSid: 'CA1' },
      { type: 'frame', atMs: 1020, dueMs: 1020, chunk: 1, bytes: 160 },
      media(1100, 800, 100),
      media(1150, 800, 150),
      media(1900, 160, 20),
    ];
    expect(logRows(events, 1000)).toEqual({
      rows: [
        [0, 'call', 'start sent, MZ1'],
        [100, 'media', '2 messages, 200 ms of audio within 50 ms, buffer up to 150 ms'],
        [900, 'media', '1 message, 20 ms of audio, buffer up to 20 ms'],
      ],
      leftOut: 0,
    });
  });

  it('joins a mark with its way back, the first of a name with the first that returns', () => {
    const events: PhoneEvent[] = [
      { type: 'mark', atMs: 1000, name: 'm', streamOffset: 0 },
      { type: 'mark', atMs: 1010, name: 'm', streamOffset: 0 },
      { type: 'mark-echo', atMs: 1300, name: 'm', cleared: false },
      { type: 'mark-echo', atMs: 1400, name: 'm', cleared: true },
      { type: 'mark', atMs: 1500, name: 'lost', streamOffset: 0 },
    ];
    expect(logRows(events, 1000).rows.map(([, , text]) => text)).toEqual([
      'mark “m”, played after 300 ms',
      'mark “m”, flushed by a clear after 390 ms',
      'mark “lost”',
    ]);
  });

  it('says what happened to the call itself', () => {
    const events: PhoneEvent[] = [
      { type: 'caller-sound', atMs: 1, step: 0, kind: 'cough', endMs: 2 },
      { type: 'expectation', atMs: 2, step: 0, expected: 'it stops', found: 'it did not', ok: false },
      { type: 'fault', atMs: 3, fault: 'stall', phase: 'begins' },
      { type: 'drop', atMs: 4 },
      { type: 'reconnect', atMs: 5, streamSid: 'MZ2', laneSample: 0 },
      { type: 'wait-timeout', atMs: 6, step: 1 },
      { type: 'closed', atMs: 7, code: 1000, by: 'server' },
    ];
    expect(logRows(events, 0).rows).toEqual([
      [1, 'caller', 'the caller is heard with a cough, not meant for the agent'],
      [2, 'call', 'not as expected: it stops; it did not'],
      [3, 'call', 'fault stall begins'],
      [4, 'call', 'the caller loses the connection'],
      [5, 'call', 'a new stream of the call, MZ2'],
      [6, 'call', 'step 2 waited in vain'],
      [7, 'call', 'the server closed the stream, code 1000'],
    ]);
  });

  it('sorts what was told late to where it happened', () => {
    const events: PhoneEvent[] = [
      { type: 'caller-speech-start', atMs: 1500, step: 0, interrupts: true, text: 'wait' },
      { type: 'agent-finishes', atMs: 1450 },
    ];
    expect(logRows(events, 1000).rows).toEqual([
      [450, 'agent', 'the agent is silent'],
      [500, 'caller', 'the caller interrupts: “wait”'],
    ]);
  });

  it('ends for a server that never does, and counts the rest', () => {
    const events = Array.from(
      { length: 6000 },
      (_, n): PhoneEvent => ({ type: 'mark', atMs: n, name: String(n), streamOffset: 0 }),
    );
    const { rows, leftOut } = logRows(events, 0);
    expect([rows.length, leftOut]).toEqual([5000, 1000]);
  });
});
