import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/random.js';
import { AgentLine, type AgentLineOptions } from '../helpers/agent-line.js';

const WHOLE = { missingMs: 0, repeatedMs: 0, jumpMs: 0 };

describe('an interruption that is taken back', () => {
  it('silences the agent at once, and lets the caller hear the rest from where it was heard, with nothing told to anybody', () => {
    const line = new AgentLine();
    line.answer('a', 3000);
    line.advance(999);
    expect(line.agent.hold()).toBe(true);
    expect(line.sent.at(-1)).toBe('clear');
    line.advance(600);
    expect(line.heardMs('a')).toBe(999);
    expect(line.agent.resume()).toBe(2001);
    line.advance(2001);
    expect(line.faults('a')).toEqual(WHOLE);
    const last = line.heard.at(-1)!;
    expect(last.atMs + last.bytes / 8).toBeCloseTo(3600, 3);
    line.advance(500);
    expect(line.told).toEqual(['played a']);
    expect(line.agent.playedOut).toBe(true);
  });

  it('repeats less than a millisecond where base64 cannot be cut at the very byte', () => {
    const line = new AgentLine();
    line.answer('a', 3000);
    line.advance(1000);
    line.agent.hold();
    line.advance(300);
    line.agent.resume();
    line.advance(3000);
    expect(line.faults('a')).toEqual({ missingMs: 0, repeatedMs: 0.25, jumpMs: 0.25 });
  });

  it('keeps what the model goes on to say behind what was kept, in order', () => {
    const line = new AgentLine();
    line.say('a', 900);
    line.advance(300);
    line.agent.hold();
    line.say('a', 600);
    line.agent.itemDone('a');
    line.answer('b', 600);
    line.advance(500);
    expect(line.heardMs('a')).toBe(300);
    expect(line.agent.resume()).toBe(600 + 600 + 600);
    line.advance(3000);
    expect([line.faults('a'), line.faults('b')]).toEqual([WHOLE, WHOLE]);
    const order = line.heard.map(({ item }) => item).join('');
    expect(order).toMatch(/^a+b+$/);
    expect(line.told).toEqual(['played a', 'played b']);
  });

  it('counts on in the same item, so that a later interruption is truncated at the right place', () => {
    const line = new AgentLine();
    line.answer('a', 6000);
    line.advance(999);
    line.agent.hold();
    line.advance(700);
    line.agent.resume();
    line.advance(1500);
    expect(line.agent.clear()).toEqual(['r-a']);
    line.advance(10);
    expect(line.told).toEqual(['truncate a 2499']);
  });

  it('may happen twice in a row, and again while the rest of the rest is playing', () => {
    const line = new AgentLine();
    line.answer('a', 6000);
    for (const afterMs of [500, 0, 1200, 30, 900]) {
      line.advance(afterMs);
      line.agent.hold();
      line.advance(400);
      line.agent.resume();
    }
    line.advance(8000);
    const { missingMs, repeatedMs, jumpMs } = line.faults('a');
    expect(missingMs).toBe(0);
    expect(repeatedMs).toBeLessThanOrEqual(5 * 0.25);
    expect(jumpMs).toBeLessThanOrEqual(0.25);
    expect(line.told).toEqual(['played a']);
  });

  it('is decided before the carrier has answered the clear', () => {
    const line = new AgentLine({ toCarrierMs: 60, toRelayMs: 60 });
    line.advance(500);
    line.answer('a', 3000);
    line.advance(1000);
    line.agent.hold();
    line.advance(20);
    line.agent.resume();
    line.advance(4000);
    const { missingMs, repeatedMs } = line.faults('a');
    expect(missingMs).toBeLessThan(1);
    expect(repeatedMs).toBeLessThan(1);
    expect(line.told).toEqual(['played a']);
  });

  it('finds nothing to clear while the model thinks, and holds back what it then says', () => {
    const line = new AgentLine();
    line.agent.hold();
    line.answer('a', 600);
    line.advance(500);
    expect(line.sent).toEqual([]);
    expect(line.agent.hasUnheard).toBe(true);
    expect(line.agent.resume()).toBe(600);
    line.advance(1000);
    expect(line.faults('a')).toEqual(WHOLE);
    // The ledger goes on from here as always.
    line.answer('b', 3000);
    line.advance(600);
    line.agent.hold();
    line.advance(300);
    line.agent.resume();
    line.advance(3000);
    expect(line.faults('b')).toEqual(WHOLE);
  });

  it('knows all the while how much was heard', () => {
    const line = new AgentLine({ toCarrierMs: 30, toRelayMs: 30 });
    line.advance(300);
    const heard = (): (string | number)[][] =>
      line.agent.heard.map(({ itemId, heardMs, audioMs }) => [itemId, Math.round(heardMs), audioMs]);
    line.answer('a', 3000);
    line.advance(940);
    line.agent.hold();
    expect(heard()).toEqual([['a', 940, 3000]]);
    line.advance(200);
    expect(heard()).toEqual([['a', 940, 3000]]);
    line.agent.resume();
    line.advance(500);
    expect(heard()).toEqual([['a', 1440, 3000]]);
    line.agent.clear();
    expect(heard()).toEqual([['a', 1440, 3000]]);
    line.advance(200);
    expect(heard()).toEqual([]);
  });

  it('is refused where nothing is kept', () => {
    const line = new AgentLine({ reversible: false });
    line.answer('a', 3000);
    line.advance(500);
    expect(line.agent.hold()).toBe(false);
    expect(line.sent).not.toContain('clear');
    expect(line.agent.keptBytes).toBe(0);
    expect(line.agent.resume()).toBe(0);
  });
});

describe('an interruption that stands', () => {
  it('counts from when the agent was silenced, and is told behind the cancel', () => {
    const line = new AgentLine();
    line.answer('a', 3000);
    line.advance(1000);
    line.agent.hold();
    line.advance(600);
    expect(line.agent.clear()).toEqual(['r-a']);
    expect(line.sent.filter((one) => one === 'clear')).toEqual(['clear']);
    expect(line.told).toEqual([]);
    line.advance(0);
    expect(line.told).toEqual(['truncate a 1000']);
    expect(line.agent.keptBytes).toBe(0);
  });

  it('is told at once when there is no time', () => {
    const line = new AgentLine();
    line.answer('a', 3000);
    line.advance(1000);
    line.agent.hold();
    line.agent.settleNow();
    expect(line.told).toEqual([]);
    line.agent.clear();
    line.agent.settleNow();
    expect(line.told).toEqual(['truncate a 1000']);
    line.advance(1000);
    expect(line.told).toEqual(['truncate a 1000']);
  });

  it('drops what came meanwhile, names its response, and tells the model that nothing of it was heard', () => {
    const line = new AgentLine();
    line.say('a', 600);
    line.advance(300);
    line.agent.hold();
    line.say('a', 300);
    line.agent.itemDone('a');
    line.answer('b', 300);
    line.advance(100);
    expect(line.agent.clear()).toEqual(['r-a', 'r-b']);
    line.advance(1000);
    expect(line.heardMs('a')).toBe(300);
    expect(line.heardMs('b')).toBe(0);
    expect(line.told).toEqual(['truncate a 300', 'truncate b 0']);
    expect(line.items.map(({ itemId, heardMs, audioMs }) => [itemId, heardMs, audioMs])).toEqual([
      ['a', 300, 900],
      ['b', 0, 300],
    ]);
  });

  it('truncates nothing of an item that was heard to its end and of which only the end was held back', () => {
    const line = new AgentLine();
    line.say('a', 600);
    line.advance(700);
    line.agent.hold();
    line.agent.itemDone('a');
    line.advance(300);
    line.agent.clear();
    line.advance(1000);
    expect(line.told).toEqual([]);
    expect(line.items).toMatchObject([{ itemId: 'a', heardMs: 600, audioMs: 600, done: true }]);
  });

  it('of words that nobody has heard begins yet leaves them at nothing', () => {
    const line = new AgentLine();
    line.agent.hold();
    line.answer('a', 600);
    expect(line.agent.clear()).toEqual(['r-a']);
    line.agent.settleNow();
    expect(line.told).toEqual(['truncate a 0']);
  });
});

describe('what is kept for taking back', () => {
  it('is no more than what is unheard, however long the call', () => {
    const line = new AgentLine();
    for (let i = 0; i < 20; i++) {
      line.answer(`item-${i}`, 2100);
      expect(line.agent.keptBytes).toBeLessThanOrEqual(2100 * 8);
      line.advance(2200);
    }
    expect(line.agent.keptBytes).toBe(0);
  });

  it('is bounded by the clock when the carrier sends no marks back', () => {
    const line = new AgentLine({ deaf: true });
    for (let i = 0; i < 100; i++) {
      line.answer(`item-${i}`, 300);
      line.advance(300);
    }
    expect(line.agent.keptBytes).toBeLessThan(3000 * 8);
  });
});

/** Reverses `calls` answers twice each, at random places, and returns the widest jump in each, sorted. */
function reversals(options: AgentLineOptions, calls: number): { faultsMs: number[]; errorsMs: number[] } {
  const faultsMs: number[] = [];
  const errorsMs: number[] = [];
  for (let seed = 1; seed <= calls; seed++) {
    const random = seededRandom(seed);
    const line = new AgentLine({ ...options, random });
    line.advance(600);
    for (const item of ['a', 'b', 'c']) {
      let leftMs = 9000;
      const say = (untilMs: number): void => {
        while (leftMs > untilMs) {
          const ms = Math.min(leftMs, 60 + 3 * Math.floor(random() * 100));
          line.say(item, ms);
          leftMs -= ms;
          line.advance(ms / (3 + 2 * random()));
        }
      };
      say(3000 + 3000 * random());
      line.advance(random() * 800);
      line.agent.hold();
      line.advance(50 + 100 * random());
      say(2000 * random());
      line.advance(200 + 600 * random());
      line.agent.resume();
      line.advance(random() * 900);
      line.agent.hold();
      line.advance(100 + 600 * random());
      line.agent.resume();
      say(0);
      line.agent.itemDone(item);
      if (item === 'c') {
        line.advance(500 + 1500 * random());
        line.agent.clear();
        line.advance(1000);
        const told = line.truncations.find(({ itemId }) => itemId === item);
        errorsMs.push(Math.abs((told?.audioEndMs ?? 9000) - line.heardMs(item)));
      } else {
        line.advance(12_000);
        const { missingMs, repeatedMs, jumpMs } = line.faults(item);
        expect(jumpMs).toBeLessThanOrEqual(missingMs + repeatedMs);
        faultsMs.push(jumpMs);
      }
      line.agent.probe();
      line.advance(500);
    }
    expect(line.truncations.filter(({ itemId }) => itemId !== 'c')).toEqual([]);
    expect(line.played.map(({ itemId }) => itemId)).toEqual(['a', 'b']);
  }
  return { faultsMs: faultsMs.sort((x, y) => x - y), errorsMs: errorsMs.sort((x, y) => x - y) };
}

describe('two reversals in one answer, at the ear of the phone', () => {
  it('lose and repeat less than a millisecond on a line without jitter', () => {
    for (const delayMs of [0, 60]) {
      const { faultsMs, errorsMs } = reversals({ toCarrierMs: delayMs, toRelayMs: delayMs }, 8);
      expect(faultsMs.at(-1)).toBeLessThan(1);
      expect(errorsMs.at(-1)).toBeLessThan(3);
    }
  });

  it('lose and repeat less than 60 ms, and cost the next truncation nothing, with ±20 ms of jitter', () => {
    const { faultsMs, errorsMs } = reversals({ toCarrierMs: 50, toRelayMs: 50, jitterMs: 20 }, 20);
    expect(faultsMs.at(-1)).toBeLessThan(60);
    expect(errorsMs.at(-1)).toBeLessThan(60);
    expect(errorsMs[Math.floor(errorsMs.length / 2)]).toBeLessThan(20);
  });
});
