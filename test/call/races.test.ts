import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BargeInCause, decideBargeIn } from '../../src/call/barge-in.js';
import { Responses } from '../../src/call/responses.js';
import { seededRandom } from '../../src/random.js';
import { AgentLine, type AgentLineOptions } from '../helpers/agent-line.js';
import { CarrierTwin } from '../helpers/carrier-twin.js';

/** What a session joins of an interruption, and nothing else: the voice, the responses, the decision. */
class Neighbours {
  readonly line: AgentLine;
  readonly responses = new Responses();
  /** What the model was told, without truncations, which stand in `line.told`. */
  readonly said: string[] = [];
  callerSpeaks = false;

  constructor(options: AgentLineOptions = {}) {
    this.line = new AgentLine({ reversible: false, ...options });
    this.line.advance(500);
  }

  started(responseId: string): void {
    this.responses.started(responseId);
    if (this.callerSpeaks) this.interrupt('late-response');
  }

  audio(responseId: string, itemId: string, ms: number): void {
    if (this.responses.isDead(responseId)) return this.responses.dropped(responseId, itemId);
    this.responses.sent(responseId, itemId);
    this.line.say(itemId, ms, responseId);
  }

  itemDone(responseId: string, itemId: string): void {
    if (!this.responses.isDead(responseId)) this.line.agent.itemDone(itemId);
  }

  done(responseId: string): void {
    for (const itemId of this.responses.done(responseId)) this.said.push(`truncate ${itemId} 0`);
  }

  answer(responseId: string, itemId: string, ms: number): void {
    this.started(responseId);
    this.audio(responseId, itemId, ms);
    this.itemDone(responseId, itemId);
    this.done(responseId);
  }

  speech(): void {
    this.callerSpeaks = true;
    this.interrupt('speech');
  }

  silence(): void {
    this.callerSpeaks = false;
    this.line.agent.settleNow();
  }

  interrupt(cause: BargeInCause): void {
    const { agent } = this.line;
    const situation = {
      cause,
      unheard: agent.hasUnheard,
      activeResponseId: this.responses.active,
      interruption: 'client',
      modelCancelsOnSpeech: true,
    } as const;
    for (const step of decideBargeIn(situation)) {
      if (step.type === 'clear') this.responses.kill(agent.clear());
      else if (step.type === 'cancel') this.said.push(`cancel ${step.responseId}`);
      else this.responses.killActive();
    }
  }
}

describe('the races of an interruption', () => {
  it('late deltas: what comes of an interrupted response is dropped, before its end and after', () => {
    const call = new Neighbours();
    call.started('r1');
    call.audio('r1', 'a', 900);
    call.line.advance(300);
    call.speech();
    call.audio('r1', 'a', 900);
    call.done('r1');
    call.audio('r1', 'a', 900);
    call.line.advance(3000);
    expect(call.line.heardMs('a')).toBe(300);
    expect(call.line.told).toEqual(['truncate a 300']);
    expect(call.said).toEqual([]);
  });

  it('two speech_started in a row: one clear, one truncation', () => {
    const call = new Neighbours();
    call.answer('r1', 'a', 3000);
    call.line.advance(600);
    call.speech();
    call.speech();
    call.line.advance(1);
    call.speech();
    call.line.advance(1000);
    expect(call.line.sent.filter((one) => one === 'clear')).toEqual(['clear']);
    expect(call.line.told).toEqual(['truncate a 600']);
  });

  it('response.created of the previous turn: it is cancelled, and the model told that nothing of it was heard', () => {
    const call = new Neighbours();
    call.speech();
    call.started('late');
    call.audio('late', 'a', 900);
    call.line.advance(500);
    call.done('late');
    expect(call.said).toEqual(['cancel late', 'truncate a 0']);
    expect(call.line.sent).toEqual([]);
  });

  it('several items in one response: each is judged for itself', () => {
    const call = new Neighbours();
    call.started('r1');
    for (const item of ['a', 'b', 'c', 'd']) {
      call.audio('r1', item, 600);
      if (item !== 'd') call.itemDone('r1', item);
    }
    call.line.advance(1500);
    call.speech();
    call.line.advance(10);
    expect(call.line.told).toEqual(['played a', 'played b', 'truncate c 300', 'truncate d 0']);
    expect(call.line.items.map(({ itemId, heardMs, audioMs }) => [itemId, heardMs, audioMs])).toEqual([
      ['c', 300, 600],
      ['d', 0, 600],
    ]);
  });

  it('function-call items between messages: they are nothing to truncate', () => {
    const call = new Neighbours();
    call.started('r1');
    call.audio('r1', 'a', 600);
    call.itemDone('r1', 'a');
    call.itemDone('r1', 'function-call');
    call.audio('r1', 'b', 600);
    call.itemDone('r1', 'b');
    call.itemDone('r1', 'another-function-call');
    call.done('r1');
    call.line.advance(900);
    call.speech();
    call.line.advance(10);
    expect(call.line.told).toEqual(['played a', 'truncate b 300']);
  });

  it('tool output while the caller speaks: the answer to it is stopped, and its late audio is no needless truncation of another', () => {
    const call = new Neighbours();
    call.answer('r1', 'a', 900);
    call.line.advance(1000);
    call.speech();
    // The tool has finished; whoever asked now is too early.
    call.responses.requested();
    call.started('r2');
    call.audio('r2', 'b', 600);
    call.done('r2');
    call.line.advance(1000);
    expect(call.line.told).toEqual(['played a']);
    expect(call.said).toEqual(['cancel r2', 'truncate b 0']);
    expect(call.line.heardMs('b')).toBe(0);
  });

  it('a digit: the response is cancelled by us, and what was heard is told as ever', () => {
    const call = new Neighbours();
    call.started('r1');
    call.audio('r1', 'a', 1500);
    call.line.advance(600);
    call.interrupt('digit');
    call.interrupt('digit');
    call.line.advance(10);
    expect(call.said).toEqual(['cancel r1']);
    expect(call.line.told).toEqual(['truncate a 600']);
  });

  it('marks of an old stream after a reconnect: they are nobody’s', () => {
    const old = new AgentLine({ name: 'vb.1' });
    old.answer('a', 3000);
    const call = new Neighbours({ name: 'vb.2' });
    call.answer('r1', 'a', 3000);
    call.line.advance(600);
    for (const name of [...old.marks, 'vb.1:1:cleared']) call.line.agent.markEchoed(name);
    call.speech();
    for (const name of old.marks) call.line.agent.markEchoed(name);
    call.line.advance(10);
    expect(call.line.told).toEqual(['truncate a 600']);
  });

  it.each([100, 50, 21, 10, 4])('in the last %i ms: what was heard is told to a millisecond', (leftMs) => {
    const call = new Neighbours({ toCarrierMs: 40, toRelayMs: 40 });
    call.answer('r1', 'a', 3000);
    call.line.advance(3000 - leftMs);
    call.speech();
    call.line.advance(500);
    const { told, truncations } = call.line;
    expect(told).toHaveLength(1);
    expect(Math.abs(truncations[0]!.audioEndMs - call.line.heardMs('a'))).toBeLessThanOrEqual(1);
  });

  it.each([3, 1, 0, -30, -79])('with %i ms left, or the last mark on its way: nothing is truncated', (leftMs) => {
    const call = new Neighbours({ toCarrierMs: 40, toRelayMs: 40 });
    call.answer('r1', 'a', 3000);
    call.line.advance(3000 - leftMs);
    call.speech();
    call.line.advance(500);
    expect(call.line.truncations).toEqual([]);
  });

  it.each([0, 5, 60, 119])(
    'before the first byte was played, %i ms after it was sent: nothing of it was heard',
    (ms) => {
      const call = new Neighbours({ toCarrierMs: 60, toRelayMs: 60 });
      call.answer('r1', 'a', 3000);
      call.line.advance(ms);
      call.speech();
      call.line.advance(500);
      expect(call.line.truncations).toHaveLength(1);
      expect(Math.abs(call.line.truncations[0]!.audioEndMs - call.line.heardMs('a'))).toBeLessThanOrEqual(1);
      if (ms === 0) expect(call.line.truncations[0]!.audioEndMs).toBe(0);
    },
  );

  it('a clear while a clear is settling: each is settled for itself', () => {
    const call = new Neighbours({ toCarrierMs: 60, toRelayMs: 60 });
    call.answer('r1', 'a', 3000);
    call.line.advance(1000);
    call.speech();
    call.line.advance(30);
    call.callerSpeaks = false;
    call.answer('r2', 'b', 3000);
    call.line.advance(30);
    call.speech();
    call.line.advance(500);
    expect(call.line.told).toEqual([
      `truncate a ${Math.floor(call.line.heardMs('a'))}`,
      `truncate b ${Math.floor(call.line.heardMs('b'))}`,
    ]);
    expect([call.line.heardMs('a'), call.line.heardMs('b')]).toEqual([1000, 30]);
  });

  it('item-done after the clear: it sends nothing, and the item stays truncated at what was heard', () => {
    const call = new Neighbours();
    call.started('r1');
    call.audio('r1', 'a', 900);
    call.line.advance(600);
    call.speech();
    const marks = call.line.marks.length;
    call.itemDone('r1', 'a');
    call.line.agent.itemDone('a');
    call.line.advance(500);
    expect(call.line.marks.length).toBe(marks);
    expect(call.line.told).toEqual(['truncate a 600']);
  });

  it('truncate beyond received: never more than what came, however late the interruption', () => {
    const call = new Neighbours();
    call.started('r1');
    call.audio('r1', 'a', 600);
    call.line.advance(5000);
    call.speech();
    call.line.advance(500);
    expect(call.line.told).toEqual(['truncate a 600']);
  });

  it('a switched model session: every response of the old one is dead', () => {
    const call = new Neighbours();
    call.answer('r1', 'a', 900);
    call.started('r2');
    call.audio('r2', 'b', 300);
    call.responses.requested();
    call.responses.killAll();
    expect(['r1', 'r2'].map((id) => call.responses.isDead(id))).toEqual([true, true]);
    expect([call.responses.busy, call.responses.active]).toEqual([false, undefined]);
    call.audio('r2', 'b', 3000);
    call.done('r2');
    expect(call.said).toEqual([]);
    call.answer('r3', 'c', 300);
    call.line.advance(3000);
    expect([call.line.heardMs('a'), call.line.heardMs('b'), call.line.heardMs('c')]).toEqual([900, 300, 300]);
  });

  it('the last mark of a run that dried up comes back when the next one has begun: it is no measure of that one', () => {
    const call = new Neighbours({ toCarrierMs: 30, toRelayMs: 30 });
    call.started('r1');
    call.audio('r1', 'a', 300);
    call.line.advance(312);
    call.audio('r1', 'a', 54);
    call.line.advance(48);
    call.speech();
    call.line.advance(500);
    expect(call.line.heardMs('a')).toBe(348);
    expect(call.line.told).toEqual(['truncate a 348']);
  });

  it('failing settle: the clock tells what was heard when the carrier does not, once', () => {
    const call = new Neighbours({ deaf: true });
    call.answer('r1', 'a', 3000);
    call.line.advance(600);
    call.speech();
    call.line.advance(399);
    expect(call.line.told).toEqual([]);
    call.line.advance(1);
    expect(call.line.told).toEqual(['truncate a 600']);
    call.silence();
    for (const name of call.line.marks) call.line.agent.markEchoed(name);
    call.line.advance(1000);
    expect(call.line.told).toEqual(['truncate a 600']);
  });
});

const scheduled = fc.array(
  fc.record({
    waitMs: fc.integer({ min: 0, max: 900 }),
    act: fc.constantFrom(
      'audio',
      'audio',
      'audio',
      'new',
      'item-done',
      'done',
      'speech',
      'silence',
      'digit',
      'hold',
      'resume',
    ),
    ms: fc.integer({ min: 1, max: 300 }),
  }),
  { maxLength: 40 },
);

describe('any schedule of answers and interruptions', () => {
  it('plays nothing of a response that was killed, once the clear has reached the carrier', () => {
    fc.assert(
      fc.property(scheduled, fc.boolean(), (steps, reversible) => {
        const call = new Neighbours({ toCarrierMs: 30, toRelayMs: 30, reversible });
        const killedAtMs = new Map<string, number>();
        let number = 0;
        const items = ['i0 of r0'];
        call.started('r0');
        for (const { waitMs, act, ms } of steps) {
          call.line.advance(waitMs);
          const item = items.at(-1)!;
          const response = `r${number}`;
          if (act === 'audio') call.audio(response, item, ms * 3);
          else if (act === 'new') {
            call.done(response);
            number += 1;
            call.started(`r${number}`);
            items.push(`i${items.length} of r${number}`);
          } else if (act === 'item-done') {
            call.itemDone(response, item);
            // Nothing more comes of an item that the model has called complete.
            items.push(`i${items.length} of ${response}`);
          }
          if (act === 'done') call.done(response);
          else if (act === 'speech') call.speech();
          else if (act === 'silence') call.silence();
          else if (act === 'digit') call.interrupt('digit');
          else if (act === 'hold') call.line.agent.hold();
          else if (act === 'resume') call.line.agent.resume();
          // `done` makes a response dead for late deltas only: what was sent of it is heard.
          if (act === 'speech' || act === 'digit' || act === 'new') {
            for (let one = 0; one <= number; one++) {
              const dead = call.responses.isDead(`r${one}`) && !call.line.agent.hasUnheard;
              if (dead && !killedAtMs.has(`r${one}`)) killedAtMs.set(`r${one}`, call.line.clock.now());
            }
          }
        }
        call.line.agent.clear();
        call.line.advance(2000);
        for (const { item, atMs, bytes } of call.line.heard) {
          const killedMs = killedAtMs.get(item.split(' of ')[1]!);
          if (killedMs !== undefined) expect(atMs + bytes / 8).toBeLessThanOrEqual(killedMs + 30 + 0.001);
        }
        for (const { itemId, audioEndMs } of call.line.truncations) {
          expect(audioEndMs).toBeGreaterThanOrEqual(0);
          // Where the phone ran dry it first plays its frame of 20 ms to the end, which the relay cannot see.
          expect(Math.abs(audioEndMs - call.line.heardMs(itemId))).toBeLessThanOrEqual(20);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('is told of each item no more than was sent and no less than nothing, and near the truth', () => {
    const steps = fc.array(
      fc.record({
        act: fc.constantFrom('audio', 'audio', 'audio', 'next', 'done', 'clear', 'probe'),
        bytes: fc.integer({ min: 1, max: 800 }),
        waitMs: fc.integer({ min: 0, max: 400 }),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(steps, fc.nat(1000), fc.constantFrom(0, 20), (schedule, seed, jitterMs) => {
        const twin = new CarrierTwin({ toCarrierMs: 40, toRelayMs: 40, jitterMs, random: seededRandom(seed) });
        for (let i = 0; i < 4; i++) {
          twin.probe();
          twin.advance(150);
        }
        let number = 0;
        const epochOf = new Map<string, number>();
        let epoch = 0;
        for (const { act, bytes, waitMs } of schedule) {
          const item = `i${number}`;
          if (act === 'audio') {
            twin.audio(item, bytes);
            epochOf.set(item, epoch);
          } else if (act === 'next') number += 1;
          else if (act === 'done') {
            // Nothing more comes of an item that the model has called complete.
            twin.itemDone(item);
            number += 1;
          } else if (act === 'probe') twin.probe();
          else {
            twin.clear();
            epoch += 1;
            number += 1;
          }
          twin.advance(waitMs);
        }
        twin.clear();
        twin.advance(3000);
        expect(twin.outcomes).toHaveLength(epoch + 1);
        twin.outcomes.forEach(({ truncations, items, heardBytes, sentBytes }, which) => {
          for (const { itemId, audioMs, heardMs } of items) {
            expect(epochOf.get(itemId)).toBe(which);
            expect(audioMs).toBe(sentBytes.get(itemId)! / 8);
            expect(heardMs).toBeGreaterThanOrEqual(0);
            expect(heardMs).toBeLessThanOrEqual(audioMs);
          }
          const total = items.reduce(
            (sum, { itemId, heardMs }) => sum + heardMs - (heardBytes.get(itemId) ?? 0) / 8,
            0,
          );
          expect(Math.abs(total)).toBeLessThanOrEqual(jitterMs === 0 ? 4 : 80);
          for (const { itemId, audioEndMs } of truncations) {
            expect(Number.isInteger(audioEndMs) && audioEndMs >= 0).toBe(true);
            expect(audioEndMs).toBeLessThanOrEqual(sentBytes.get(itemId)! / 8);
          }
        });
      }),
      { numRuns: 150 },
    );
  });
});
