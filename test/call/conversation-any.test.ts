import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type BargeInPolicy, DEFAULT_BARGE_IN } from '../../src/call/plan.js';
import { HonestModel, type HonestResponse } from '../helpers/honest-model.js';
import { VirtualClock } from '../helpers/virtual-clock.js';
import { slowTool, WholeCall } from '../helpers/whole-call.js';

const POLICIES: Partial<BargeInPolicy>[] = [
  {},
  { minSpeechMs: 300 },
  { speech: 'reversible' },
  { speech: 'off' },
  { digits: 'none' },
];

const ACTIONS = [
  'speech',
  'cough',
  'digit',
  'say',
  'inject',
  'fact',
  'update',
  'interrupt',
  'mute',
  'break',
  'voice',
] as const;
type Action = (typeof ACTIONS)[number];

/** What follows the script. */
const ANSWER = { audioMs: 300, thinkMs: 200, tool: undefined };

const response = fc.record({
  audioMs: fc.constantFrom(300, 900, 3_000),
  thinkMs: fc.constantFrom(0, 200, 1_700),
  tool: fc.constantFrom(undefined, undefined, 'quick', 'slow'),
  fails: fc.constantFrom(false, false, false, false, true),
});
const step = fc.record({ action: fc.constantFrom(...ACTIONS), thenMs: fc.constantFrom(0, 30, 200, 700, 1_500, 4_000) });
const course = fc.record({
  policy: fc.constantFrom(...POLICIES),
  filler: fc.constantFrom('tone' as const, { say: 'One moment.' }),
  lineMs: fc.constantFrom(0, 40),
  responses: fc.array(response, { minLength: 1, maxLength: 12 }),
  steps: fc.array(step, { maxLength: 12 }),
});

async function act(call: WholeCall, model: HonestModel, action: Action): Promise<void> {
  const { operator } = call;
  call.media('AAAA');
  switch (action) {
    case 'speech':
    case 'cough':
      model.hearsSpeech();
      await call.pass(action === 'speech' ? 1_800 : 600);
      return model.hearsSilence();
    case 'digit':
      return call.press('1');
    case 'say':
      return operator.say('We close.');
    case 'inject':
      return operator.inject('A fact.', { respond: true });
    case 'fact':
      return operator.inject('A fact.');
    case 'update':
      return operator.update({ instructions: 'Be long.' });
    case 'interrupt':
      return operator.interrupt();
    case 'mute':
      operator.mute('agent', true);
      await call.pass(500);
      return operator.mute('agent', false);
    case 'break':
      return model.breaksOff();
    case 'voice':
      return operator.setVoice('cedar');
  }
}

it('whatever happens in a call, the caller is answered once in the end, the model knows what was heard, and nothing is left', async () => {
  await fc.assert(
    fc.asyncProperty(course, async ({ policy, filler, lineMs, responses, steps }) => {
      const clock = new VirtualClock(5_000);
      let isOver = false;
      const rule = (number: number): HonestResponse => {
        const { tool, ...rest } = (isOver ? undefined : responses[number - 1]) ?? ANSWER;
        return { ...rest, ...(tool && { tool }) };
      };
      const model = new HonestModel(clock, rule);
      const call = new WholeCall({
        ...{ clock, models: [model.open], delayMs: [lineMs, lineMs] },
        greeting: { by: 'model', interruptible: true },
        bargeIn: { ...DEFAULT_BARGE_IN, ...policy },
        tools: [
          slowTool(clock, 'quick', 100),
          slowTool(clock, 'slow', 3_000, { filler: { afterMs: 800, play: filler } }),
        ],
      }).start();
      const heard = new Map<string, number>();
      const listen = (): number => {
        let ms = 0;
        for (const run of call.ear()) {
          const [name, many] = run.split(' ') as [string, string];
          heard.set(name, (heard.get(name) ?? 0) + Number(many));
          if (name !== 'tone') ms += Number(many);
        }
        return ms;
      };
      call.media('AAAA');
      await call.pass(1_000);
      let breaks = 0;
      for (const { action, thenMs } of steps) {
        // A model that breaks off three times as soon as it is ready is lost.
        if (action === 'break') breaks += 1;
        if (action === 'break' && breaks > 2) continue;
        await act(call, model, action);
        await call.pass(thenMs);
      }
      // Until all that was to be said has been.
      await call.pass(20_000);
      isOver = true;
      await call.pass(10_000);
      listen();
      expect(call.ends).toEqual([]);
      const { begun } = model;
      await act(call, model, 'speech');
      await call.pass(12_000);
      expect(listen()).toBe(ANSWER.audioMs);
      expect(model.begun).toBe(begun + 1);
      expect(model.mistakes).toEqual([]);
      for (const [itemId, believedMs] of model.memory) {
        expect(Math.abs((heard.get(itemId) ?? 0) - believedMs), itemId).toBeLessThanOrEqual(5);
      }
      call.stops();
      await call.pass(5_000);
      expect(clock.pending).toBe(0);
    }),
    { numRuns: 40 },
  );
});
