import type { CallControl, DigitRequest, TransferTarget } from '../../src/call/control.js';
import type { CallInfo } from '../../src/call/plan.js';

export const CALL: CallInfo = {
  callSid: 'CA0123456789abcdef0123456789abcdef',
  streamSid: 'MZ0123456789abcdef0123456789abcdef',
  accountSid: 'AC0123456789abcdef0123456789abcdef',
  parameters: { shop: 'north' },
  from: '+15550001111',
  to: '+15550002222',
};

export interface FakeControl extends CallControl {
  /** What was asked for, in order: the method and its arguments. */
  readonly asked: (readonly unknown[])[];
}

export interface FakeControlAnswers {
  readonly info?: CallInfo;
  readonly transfer?: (target: TransferTarget) => Promise<void>;
  readonly collectDigits?: (request: DigitRequest) => Promise<string>;
}

/** A call that does nothing but write down what it was asked to do. */
export function fakeControl(answers: FakeControlAnswers = {}): FakeControl {
  const asked: (readonly unknown[])[] = [];
  const write =
    (method: string) =>
    (...args: unknown[]): void => {
      asked.push([method, ...args]);
    };
  return {
    asked,
    info: answers.info ?? CALL,
    update: write('update'),
    setVoice: write('setVoice'),
    say: write('say'),
    inject: write('inject'),
    interrupt: write('interrupt'),
    mute: write('mute'),
    hangUp: write('hangUp'),
    collectDigits(request) {
      asked.push(['collectDigits', request]);
      return answers.collectDigits?.(request) ?? Promise.resolve('');
    },
    transfer(target) {
      asked.push(['transfer', target]);
      return answers.transfer?.(target) ?? Promise.resolve();
    },
    listen: () => () => {},
  };
}
