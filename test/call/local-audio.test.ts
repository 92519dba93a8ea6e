import { describe, expect, it } from 'vitest';
import { AgentLine } from '../helpers/agent-line.js';

describe('audio of the relay itself', () => {
  it('is played in its place between the model’s, and told when it was heard', () => {
    const line = new AgentLine();
    line.agent.sayLocal('greeting', line.audio('greeting', 600));
    line.answer('a', 600);
    line.agent.sayLocal('goodbye', line.audio('goodbye', 300));
    line.advance(2000);
    expect(line.heard.map(({ item }) => item).filter((item, i, all) => item !== all[i - 1])).toEqual([
      'greeting',
      'a',
      'goodbye',
    ]);
    expect(line.told).toEqual(['played greeting', 'played a', 'played goodbye']);
    expect(line.played.map(({ audioMs, heardMs, local }) => [audioMs, heardMs, local !== undefined])).toEqual([
      [600, 600, true],
      [600, 600, false],
      [300, 300, true],
    ]);
    expect(line.played[1]!.startedAtMs).toBeCloseTo(600, 0);
  });

  it('is never truncated in the model, nor its response named, but it is told how much of it was heard', () => {
    const line = new AgentLine();
    line.agent.sayLocal('greeting', line.audio('greeting', 900));
    line.answer('a', 600);
    line.advance(400);
    expect(line.agent.clear()).toEqual(['r-a']);
    line.advance(100);
    expect(line.told).toEqual(['truncate a 0']);
    expect(line.items.map(({ itemId, heardMs, audioMs }) => [itemId, heardMs, audioMs])).toEqual([
      ['greeting', 400, 900],
      ['a', 0, 600],
    ]);
  });

  it('comes back after an interruption that was none, and is counted to its end', () => {
    const line = new AgentLine();
    line.agent.sayLocal('greeting', line.audio('greeting', 900));
    line.advance(399);
    line.agent.hold();
    line.agent.sayLocal('more', line.audio('more', 300));
    line.advance(500);
    expect(line.agent.resume()).toBe(501 + 300);
    line.advance(2000);
    expect(line.faults('greeting')).toEqual({ missingMs: 0, repeatedMs: 0, jumpMs: 0 });
    expect(line.told).toEqual(['played greeting', 'played more']);
    expect(line.played[0]).toMatchObject({ audioMs: 900, heardMs: 900 });
  });

  it('may have one name twice', () => {
    const line = new AgentLine();
    line.agent.sayLocal('line', line.audio('line', 300));
    line.agent.sayLocal('line', line.audio('line', 300));
    line.advance(1000);
    expect(line.played.map(({ itemId, audioMs }) => [itemId, audioMs])).toEqual([
      ['line', 300],
      ['line', 300],
    ]);
  });
});

describe('a stretch that the caller cannot stop', () => {
  it('lasts until it has been played, whatever waits behind it', () => {
    const line = new AgentLine({ toCarrierMs: 30, toRelayMs: 30 });
    line.advance(200);
    line.agent.sayLocal('disclosure', line.audio('disclosure', 900), { interruptible: false });
    line.answer('a', 3000);
    line.advance(100);
    expect(line.agent.protectedMs).toBe(800);
    line.advance(790);
    expect(line.agent.protectedMs).toBeLessThanOrEqual(10);
    line.advance(10);
    expect(line.agent.protectedMs).toBe(0);
    line.agent.clear();
    line.advance(500);
    expect(line.heardMs('disclosure')).toBe(900);
    expect(line.heardMs('a')).toBeLessThanOrEqual(1);
  });

  it('ends with a session of the model, whichever response it was', () => {
    const line = new AgentLine();
    line.agent.protect('r-hello');
    line.agent.unprotect();
    expect(line.agent.protectedMs).toBe(0);
    line.agent.unprotect();
    line.answer('hello', 600);
    expect(line.agent.protectedMs).toBe(0);
  });

  it('may be a response of the model, from its request to its last byte', () => {
    const line = new AgentLine();
    line.agent.protect('r-hello');
    expect(line.agent.protectedMs).toBe(100);
    line.answer('hello', 600);
    expect(line.agent.protectedMs).toBe(600);
    line.advance(550);
    expect(line.agent.protectedMs).toBe(100);
    line.agent.unprotect('another');
    expect(line.agent.protectedMs).toBe(100);
    line.agent.unprotect('r-hello');
    expect(line.agent.protectedMs).toBe(50);
    line.answer('a', 600);
    expect(line.agent.protectedMs).toBe(50);
    line.advance(700);
    expect(line.agent.protectedMs).toBe(0);
  });

  it('ends with a clear, which an operator may send', () => {
    const line = new AgentLine();
    line.agent.sayLocal('disclosure', line.audio('disclosure', 900), { interruptible: false });
    line.agent.clear();
    expect(line.agent.protectedMs).toBe(0);
  });
});

describe('a filler', () => {
  it('is cut short without a trace when the model has something to say', () => {
    const line = new AgentLine();
    line.answer('a', 300);
    line.advance(400);
    line.agent.sayLocal('tone', line.audio('tone', 3000), { filler: true });
    line.advance(900);
    line.answer('b', 600);
    line.advance(1000);
    expect(line.heardMs('tone')).toBe(900);
    expect(line.faults('b')).toEqual({ missingMs: 0, repeatedMs: 0, jumpMs: 0 });
    expect(line.told).toEqual(['played a', 'played b']);
    expect(line.truncations).toEqual([]);
  });

  it('is left alone while words of the model are still to be heard before it', () => {
    const line = new AgentLine();
    line.answer('a', 900);
    line.agent.sayLocal('tone', line.audio('tone', 600), { filler: true });
    line.advance(300);
    line.answer('b', 300);
    line.advance(2000);
    expect(line.sent).not.toContain('clear');
    expect(line.told).toEqual(['played a', 'played tone', 'played b']);
  });

  it('that has been played is not cleared', () => {
    const line = new AgentLine();
    line.agent.sayLocal('tone', line.audio('tone', 300), { filler: true });
    line.advance(400);
    line.answer('b', 300);
    line.advance(1000);
    expect(line.sent).not.toContain('clear');
    expect(line.told).toEqual(['played tone', 'played b']);
  });

  it('does not take a waiting goodbye for interrupted', () => {
    const line = new AgentLine();
    line.agent.sayLocal('tone', line.audio('tone', 3000), { filler: true });
    line.whenPlayed();
    line.advance(300);
    line.answer('bye', 600);
    line.advance(1000);
    expect(line.outcomes).toEqual(['played']);
  });
});
