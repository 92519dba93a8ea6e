import { beforeEach, describe, expect, it } from 'vitest';
import { CallLog } from '../../src/call/call-log.js';
import type { CallEvent, CallEventBody } from '../../src/call/events.js';
import { lineLog } from '../../src/log.js';
import { VirtualClock } from '../helpers/virtual-clock.js';

const STARTED: CallEventBody = {
  ...{ type: 'started', callSid: 'CA1', streamSid: 'MZ1', agent: 'desk' },
  startedAt: '2026-01-02T03:04:05.000Z',
};
const said = (itemId: string, text: string, final = true): CallEventBody => ({
  ...{ type: 'caller-said', itemId, text, final },
});

let clock: VirtualClock;
let written: string;
let log: CallLog;

beforeEach(() => {
  clock = new VirtualClock(1000);
  written = '';
  log = open();
});

function open(eventsKept?: number): CallLog {
  const lines = lineLog((line) => {
    written += line;
  });
  return new CallLog({ clock, startedMs: 1000, callSid: 'CA1', log: lines, ...(eventsKept && { eventsKept }) });
}

describe('the events of a call', () => {
  it('carry the time since the start of the stream', () => {
    log.add(STARTED);
    clock.advance(1234.4);
    log.add({ type: 'digits', digits: '1#' });
    expect(log.events.map(({ atMs }) => atMs)).toEqual([0, 1234]);
  });

  it('are told to whoever listens: first what has happened, then what happens, with a number', () => {
    log.add(STARTED);
    const heard: string[] = [];
    const stop = log.listen((event, number) => heard.push(`${number} ${event.type}`));
    expect(heard).toEqual(['1 started']);
    log.add(said('c1', 'Hello'));
    stop();
    log.add({ type: 'ended', reason: 'caller' });
    expect(heard).toEqual(['1 started', '2 caller-said']);
  });

  it('are kept as lines for the whole call, and otherwise as many as fit', () => {
    log = open(2);
    log.add(STARTED);
    log.add(said('c1', 'Hello'));
    for (const digits of ['1', '2', '3']) log.add({ type: 'digits', digits });
    const kept: [number, string][] = [];
    log.listen((event, number) => kept.push([number, event.type]));
    expect(kept).toEqual([
      [1, 'started'],
      [2, 'caller-said'],
      [4, 'digits'],
      [5, 'digits'],
    ]);
  });

  it('keep the last word on a line only', () => {
    log.add(said('c1', 'what', false));
    log.add(said('c2', 'Hm'));
    log.add(said('c1', 'What does it cost?'));
    expect(log.events.map((event) => 'text' in event && event.text)).toEqual(['Hm', 'What does it cost?']);
  });

  it('reach the others when one who listens fails', () => {
    const heard: CallEvent[] = [];
    let calls = 0;
    log.listen(() => {
      calls += 1;
      throw new Error('not now');
    });
    log.listen((event) => heard.push(event));
    log.add(STARTED);
    log.add({ type: 'ended', reason: 'caller' });
    expect([calls, heard.length]).toEqual([1, 2]);
    expect(written).toContain('a listener of a call failed');
    expect(written).not.toContain('not now');
  });
});

describe('the relay’s log of a call', () => {
  it('says what happened, and nothing of what was said, pressed, asked or answered', () => {
    log.add(STARTED);
    log.add({ type: 'model', state: 'ready', tookMs: 210 });
    log.add(said('c1', 'my secret is swordfish'));
    log.add({
      ...{ type: 'agent-said', itemId: 'i1', text: 'swordfish it is', startMs: 0, endMs: 1 },
      ...{ interrupted: false, estimated: false },
    });
    log.add({ type: 'digits', digits: '4711' });
    log.add({ type: 'tool-started', callId: 'f1', name: 'look_up', args: '{"secret":"swordfish"}' });
    log.add({ type: 'tool-finished', callId: 'f1', name: 'look_up', outcome: 'ok', output: 'swordfish', tookMs: 7 });
    log.add({ type: 'tool-started', callId: 'f2', name: 'call +15550100001 swordfish', args: '' });
    log.add({ type: 'tool-started', callId: 'f3', name: 'call_15550100001', args: '' });
    log.add({ type: 'steered', by: 'operator', command: 'say', detail: 'swordfish' });
    log.add({ type: 'interrupted', cause: 'speech', unheardMs: 1200.4 });
    log.add({ type: 'response-done', responseId: 'r1', status: 'completed' });
    log.add({ type: 'response-done', responseId: 'r2', status: 'failed', reason: 'rate_limit_exceeded' });
    log.add({ type: 'ended', reason: 'caller' });
    expect(written.trim().split('\n')).toEqual([
      'info  call started callSid=CA1 streamSid=MZ1 agent=desk',
      'info  model ready callSid=CA1 tookMs=210',
      'info  digits entered callSid=CA1',
      'info  tool started callSid=CA1 tool=look_up',
      'info  tool finished callSid=CA1 tool=look_up outcome=ok tookMs=7',
      'info  tool started callSid=CA1 tool=unnamed',
      'info  tool started callSid=CA1 tool=unnamed',
      'info  steered callSid=CA1 by=operator command=say',
      'info  interrupted callSid=CA1 cause=speech unheardMs=1200',
      'warn  the model did not finish its response callSid=CA1 status=failed reason=rate_limit_exceeded',
      'info  call ended callSid=CA1 reason=caller',
    ]);
  });
});
