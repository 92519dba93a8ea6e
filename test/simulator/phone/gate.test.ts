import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Gate } from '../../../src/simulator/phone/gate.js';

function gateTo(arrived: number[]) {
  const gate = new Gate();
  let next = 0;
  const send = (count = 1): void => {
    for (let i = 0; i < count; i++) {
      const number = next++;
      gate.pass(() => arrived.push(number));
    }
  };
  return { gate, send };
}

it('lets everything through at once while nothing is wrong', () => {
  const arrived: number[] = [];
  const { send } = gateTo(arrived);
  send(3);
  expect(arrived).toEqual([0, 1, 2]);
});

it('lets nothing through while it is shut, then all of it in order', () => {
  const arrived: number[] = [];
  const { gate, send } = gateTo(arrived);
  const open = gate.shut();
  send(3);
  expect(arrived).toEqual([]);
  open();
  expect(arrived).toEqual([0, 1, 2]);
  send();
  expect(arrived).toEqual([0, 1, 2, 3]);
});

it('stays shut until the last of several stalls is over; ending one twice does nothing', () => {
  const arrived: number[] = [];
  const { gate, send } = gateTo(arrived);
  const [first, second] = [gate.shut(), gate.shut()];
  send();
  first();
  first();
  expect(arrived).toEqual([]);
  second();
  expect(arrived).toEqual([0]);
});

it('bunches: five at a time, and lets the rest go when it ends', () => {
  const arrived: number[] = [];
  const { gate, send } = gateTo(arrived);
  const end = gate.bunch(5);
  send(4);
  expect(arrived).toEqual([]);
  send();
  expect(arrived).toEqual([0, 1, 2, 3, 4]);
  send(3);
  expect(arrived).toHaveLength(5);
  end();
  expect(arrived).toHaveLength(8);
});

it('does not let the last messages of a call wait for company', () => {
  const arrived: number[] = [];
  const { gate, send } = gateTo(arrived);
  const end = gate.bunch(5);
  send(2);
  gate.flush();
  send();
  end();
  expect(arrived).toEqual([0, 1, 2]);
});

it('never loses a message or lets one pass another, whatever happens to it', () => {
  const action = fc.constantFrom('send', 'shut', 'open', 'bunch', 'end', 'flush');
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const arrived: number[] = [];
      const { gate, send } = gateTo(arrived);
      const opens: (() => void)[] = [];
      const ends: (() => void)[] = [];
      let sent = 0;
      for (const each of actions) {
        if (each === 'send') {
          send();
          sent++;
        } else if (each === 'shut') opens.push(gate.shut());
        else if (each === 'open') opens.pop()?.();
        else if (each === 'bunch') ends.push(gate.bunch(3));
        else if (each === 'end') ends.pop()?.();
        else gate.flush();
      }
      for (const each of [...opens, ...ends]) each();
      expect(arrived).toEqual(Array.from({ length: sent }, (_, number) => number));
    }),
  );
});
