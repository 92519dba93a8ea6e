import { beforeEach, describe, expect, it } from 'vitest';
import { Ending } from '../../src/call/ending.js';
import type { GoodbyeOutcome } from '../../src/call/goodbye.js';

let busy: boolean;
let outcomes: ((outcome: GoodbyeOutcome) => void)[];
let done: string[];
let ending: Ending;

/** The carrier has answered the wait that is going on. */
function ends(outcome: GoodbyeOutcome): void {
  outcomes.shift()!(outcome);
}

function begin(name: string): void {
  ending.begin(
    () => done.push(name),
    (why) => done.push(`${name} ${why}`),
  );
}

beforeEach(() => {
  busy = false;
  outcomes = [];
  done = [];
  ending = new Ending({
    isBusy: () => busy,
    whenPlayed: (onEnd) => {
      outcomes.push(onEnd);
      return () => {
        outcomes = outcomes.filter((other) => other !== onEnd);
      };
    },
  });
});

describe('Ending', () => {
  it.each(['played', 'unconfirmed'] as const)('acts once the last words are %s', (outcome) => {
    begin('hang up');
    expect([ending.pending, done]).toEqual([true, []]);
    ends(outcome);
    expect([ending.pending, done]).toEqual([false, ['hang up']]);
    ending.proceed();
    expect(outcomes).toEqual([]);
  });

  it('waits until nobody is busy before it waits for the carrier', () => {
    busy = true;
    begin('hang up');
    ending.proceed();
    expect(outcomes).toHaveLength(0);
    busy = false;
    ending.proceed();
    ending.proceed();
    expect(outcomes).toHaveLength(1);
  });

  it('waits on when somebody has become busy meanwhile', () => {
    begin('hang up');
    busy = true;
    ends('played');
    expect(done).toEqual([]);
    busy = false;
    ending.proceed();
    ends('played');
    expect(done).toEqual(['hang up']);
  });

  it('is given up when it is interrupted, by the carrier’s word or ours', () => {
    begin('one');
    ends('interrupted');
    begin('two');
    ending.interrupted();
    ending.interrupted();
    expect(done).toEqual(['one interrupted', 'two interrupted']);
    expect(outcomes).toEqual([]);
  });

  it('gives way to another one', () => {
    begin('hang up');
    begin('transfer');
    ends('played');
    expect(done).toEqual(['hang up interrupted', 'transfer']);
  });

  it('is told when the call is over, and does nothing more', () => {
    begin('transfer');
    ending.stop();
    expect([done, outcomes, ending.pending]).toEqual([['transfer over'], [], false]);
  });
});
