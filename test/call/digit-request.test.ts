import { beforeEach, describe, expect, it } from 'vitest';
import type { DigitRequest } from '../../src/call/control.js';
import { DigitCollector } from '../../src/call/digit-request.js';
import { VirtualClock } from '../helpers/virtual-clock.js';

let clock: VirtualClock;
let prompting: boolean;
let collector: DigitCollector;
/** What was collected, as it came. */
let collected: (string | undefined)[];

beforeEach(() => {
  clock = new VirtualClock();
  prompting = false;
  collector = new DigitCollector(clock, () => prompting);
  collected = [];
});

function collect(request: Partial<DigitRequest> = {}): void {
  collector.collect({ maxDigits: 4, timeoutMs: 1_000, ...request }).then(
    (digits) => collected.push(digits),
    (error) => collected.push(error.code ?? error.message),
  );
}

async function pass(ms: number): Promise<(string | undefined)[]> {
  clock.advance(ms);
  await Promise.resolve();
  await Promise.resolve();
  return collected;
}

function press(keys: string): void {
  for (const key of keys) collector.press(key);
}

describe('DigitCollector', () => {
  it('has enough when it has as many as were asked for', async () => {
    collect();
    expect(collector.waiting).toBe(true);
    press('1234');
    expect(collector.waiting).toBe(false);
    expect(await pass(0)).toEqual(['1234']);
    expect(clock.pending).toBe(0);
  });

  it('ends at the terminator, which is no part of them; another key of that kind is', async () => {
    collect({ terminator: '#' });
    press('1*#');
    expect(await pass(0)).toEqual(['1*']);
  });

  it('gives each key its time, and then has those that came', async () => {
    collect();
    await pass(999);
    press('1');
    await pass(999);
    press('2');
    expect(await pass(999)).toEqual([]);
    expect(await pass(1)).toEqual(['12']);
  });

  it('has none when none came', async () => {
    collect();
    expect(await pass(1_000)).toEqual(['']);
  });

  it('begins with the time for the first key when the prompt is over', async () => {
    collect();
    prompting = true;
    await pass(5_500);
    prompting = false;
    collector.prompted();
    expect(await pass(999)).toEqual([]);
    expect(await pass(1)).toEqual(['']);
  });

  it('waits no longer for the second key because something was said', async () => {
    collect();
    press('1');
    prompting = true;
    await pass(500);
    collector.prompted();
    expect(await pass(500)).toEqual(['1']);
  });

  it('gives way to another request, and has what was pressed so far', async () => {
    collect();
    press('12');
    collect();
    press('3456');
    expect(await pass(0)).toEqual(['12', '3456']);
  });

  it('is given up when whoever asked does not want it any more', async () => {
    const abort = new AbortController();
    collect({ signal: abort.signal });
    press('1');
    abort.abort(new Error('not wanted'));
    expect(await pass(0)).toEqual(['not wanted']);
    collect({ signal: abort.signal });
    expect(await pass(0)).toEqual(['not wanted', 'not wanted']);
    expect(collector.waiting).toBe(false);
  });

  it('rejects when the call ends, and takes no key without a request', async () => {
    press('1');
    collector.prompted();
    collect();
    collector.stop();
    expect(await pass(0)).toEqual(['call-over']);
    expect(clock.pending).toBe(0);
  });
});
