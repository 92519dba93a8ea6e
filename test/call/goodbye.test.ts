import { describe, expect, it } from 'vitest';
import { Goodbye, type GoodbyeOutcome } from '../../src/call/goodbye.js';
import { seededRandom } from '../../src/random.js';
import { AgentLine } from '../helpers/agent-line.js';
import { CarrierTwin } from '../helpers/carrier-twin.js';
import { VirtualClock } from '../helpers/virtual-clock.js';

describe('the goodbye', () => {
  it('is over when the mark behind its last byte comes back, and not before', () => {
    const line = new AgentLine({ toCarrierMs: 40, toRelayMs: 60 });
    line.answer('bye', 1500);
    line.whenPlayed();
    line.advance(1599);
    expect(line.outcomes).toEqual([]);
    line.advance(1);
    expect(line.outcomes).toEqual(['played']);
    expect(line.faults('bye').missingMs).toBe(0);
  });

  it('is over at once, but not in the same call, when everything has been played', () => {
    const line = new AgentLine();
    line.answer('bye', 300);
    line.advance(400);
    line.whenPlayed();
    expect(line.outcomes).toEqual([]);
    line.advance(0);
    expect(line.outcomes).toEqual(['played']);
  });

  it('waits for what is said while it waits, also when the item is never said to be complete', () => {
    const line = new AgentLine();
    line.answer('bye', 900);
    line.whenPlayed();
    line.advance(500);
    line.say('and thank you', 600);
    line.advance(999);
    expect(line.outcomes).toEqual([]);
    line.advance(1);
    expect(line.outcomes).toEqual(['played']);
    expect(line.faults('and thank you').missingMs).toBe(0);
  });

  it('does not hold the call when the carrier sends no marks back', () => {
    const line = new AgentLine({ deaf: true });
    line.answer('bye', 1500);
    line.whenPlayed(1000);
    line.advance(1000);
    line.answer('bye again', 1500);
    line.advance(2999);
    expect(line.outcomes).toEqual([]);
    line.advance(1);
    expect(line.outcomes).toEqual(['unconfirmed']);
    expect(line.heardMs('bye again')).toBe(1500);
  });

  it('gives the floor back to a caller who interrupts it', () => {
    const line = new AgentLine();
    line.answer('bye', 1500);
    line.whenPlayed();
    line.advance(700);
    line.agent.clear();
    expect(line.outcomes).toEqual(['interrupted']);
    line.advance(5000);
    expect(line.outcomes).toEqual(['interrupted']);
  });

  it('outlasts a sound that was no interruption', () => {
    const line = new AgentLine();
    line.answer('bye', 1500);
    line.whenPlayed();
    line.advance(600);
    line.agent.hold();
    line.advance(4000);
    expect(line.outcomes).toEqual([]);
    line.agent.resume();
    line.advance(899);
    expect(line.outcomes).toEqual([]);
    line.advance(2);
    expect(line.outcomes).toEqual(['played']);
    expect(line.faults('bye').missingMs).toBe(0);
  });

  it('ends as interrupted when the sound was one after all', () => {
    const line = new AgentLine();
    line.answer('bye', 1500);
    line.whenPlayed();
    line.advance(600);
    line.agent.hold();
    line.agent.clear();
    expect(line.outcomes).toEqual(['interrupted']);
  });

  it('may be given up, and is with the end of the call', () => {
    const line = new AgentLine();
    line.answer('bye', 300);
    const giveUp = line.agent.whenPlayed(1000, (outcome) => line.outcomes.push(outcome));
    line.whenPlayed();
    giveUp();
    line.agent.stop();
    line.advance(5000);
    expect(line.outcomes).toEqual([]);
  });

  it('is played to its last sample in 100 of 100 calls, with marks up to 300 ms late', () => {
    for (let seed = 1; seed <= 100; seed++) {
      const random = seededRandom(seed);
      const line = new AgentLine({ toCarrierMs: 40, toRelayMs: 150 + 150 * random(), jitterMs: 20, random });
      line.advance(400);
      const total = 600 + 3 * Math.floor(random() * 1000);
      line.say('bye', total);
      line.advance(random() * 200);
      line.agent.itemDone('bye');
      line.whenPlayed();
      while (line.outcomes.length === 0) line.advance(1);
      expect(line.outcomes).toEqual(['played']);
      expect(line.faults('bye').missingMs).toBe(0);
      const last = line.heard.at(-1)!;
      // No later than the mark: the way back at its slowest.
      expect(line.clock.now() - (last.atMs + last.bytes / 8)).toBeLessThanOrEqual(321);
    }
  });

  it('is played to its last sample on the line of the ledger’s own twin, too', () => {
    for (let seed = 1; seed <= 100; seed++) {
      const random = seededRandom(seed);
      const toRelayMs = 20 + 280 * random();
      const twin = new CarrierTwin({ toCarrierMs: 30, toRelayMs, jitterMs: 20, random });
      const clock = new VirtualClock();
      let outcome: GoodbyeOutcome | undefined;
      for (let sent = 0; sent < 12_000; sent += 800) twin.audio('bye', 800);
      twin.itemDone('bye');
      const voice = {
        get playedOut() {
          return twin.playback.allAcknowledged;
        },
        get unheardMs() {
          return twin.playback.unheardMs(twin.nowMs);
        },
      };
      const goodbye = new Goodbye({ clock, voice, graceMs: 1000, onEnd: (how) => (outcome = how) });
      while (outcome === undefined) {
        twin.advance(5);
        clock.advanceTo(twin.nowMs);
        goodbye.check();
      }
      expect(outcome).toBe('played');
      expect(twin.heardBytes('bye')).toBe(12_000);
    }
  });

  it('would cut the last words off if it trusted the clock alone', () => {
    // A check of the check: the carrier plays 250 ms later than the ledger can know.
    const line = new AgentLine({ toCarrierMs: 250, deaf: true });
    line.answer('bye', 1500);
    line.whenPlayed(0);
    while (line.outcomes.length === 0) line.advance(1);
    line.agent.stop();
    expect(line.outcomes).toEqual(['unconfirmed']);
    expect(line.faults('bye').missingMs).toBeGreaterThan(200);
  });
});
