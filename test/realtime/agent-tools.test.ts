import { describe, expect, it } from 'vitest';
import { findUtterances } from '../../src/measure/utterances.js';
import { type CallerScript, type Clip, loadCaller, type Step } from '../../src/simulator/phone/script.js';
import { type AgentCall, Agents, type Told, WatchedModel } from '../helpers/agents.js';

const booking = new URL('../../samples/booking', import.meta.url).pathname;

async function clips(): Promise<Clip[]> {
  const { steps } = await loadCaller(booking);
  return steps.flatMap((step) => (step.type === 'say' ? [step.clip] : []));
}

/** Asks for something that takes three seconds; `meanwhile` speaks again so long afterwards. */
async function asking(meanwhileMs?: number): Promise<CallerScript> {
  const [, question, more] = await clips(); // the last is short
  const meanwhile: Step[] =
    meanwhileMs === undefined
      ? []
      : [
          { type: 'pause', ms: meanwhileMs },
          { type: 'say', clip: more! },
        ];
  return {
    ...{ name: 'asking', path: 'asking' },
    steps: [
      { type: 'pause', ms: 300 },
      { type: 'say', clip: question! },
      ...meanwhile,
      // The tool, what is said meanwhile, and the answer.
      { type: 'pause', ms: 7_500 - (meanwhileMs ?? 0) },
      { type: 'hangup' },
    ],
  };
}

/** When the caller heard something, from the call of the tool on, in ms. */
function heardAfterCall(call: AgentCall): number[] {
  const calledMs = call.trace.find(({ type }) => type === 'tool-called')!.atMs;
  return findUtterances(call.record).map(({ onsetMs }) => onsetMs - calledMs);
}

const said = ({ events }: AgentCall): string[] =>
  events.flatMap((event) => (event.type === 'agent-said' && !event.interrupted ? [event.text] : []));
const count = ({ trace }: AgentCall, type: string): number => trace.filter((event) => event.type === type).length;

describe('a tool that takes three seconds', () => {
  it('is filled within a second, spoken over, and answered once', async () => {
    const model = await WatchedModel.serve({ script: 'tools.model.yaml' });
    const agents = await Agents.serve('tools.yaml', [model]);
    try {
      const [says, tones, plain, spokenTo, spokenToWithTones, spokenToAtOnce] = await Promise.all([
        agents.call('says', { caller: await asking(), seed: 1 }),
        agents.call('tones', { caller: await asking(), seed: 2 }),
        agents.call('plain', { caller: await asking(), seed: 3 }),
        agents.call('says', { caller: await asking(1_900), seed: 4 }),
        agents.call('tones', { caller: await asking(1_900), seed: 5 }),
        agents.call('says', { caller: await asking(800), seed: 6 }),
      ]);
      for (const call of [says, tones, spokenTo, spokenToWithTones]) {
        expect(heardAfterCall(call)[0]).toBeGreaterThan(400);
        expect(heardAfterCall(call)[0]).toBeLessThan(1000);
      }
      // Without a filler the caller waits for the answer.
      expect(heardAfterCall(plain)[0]).toBeGreaterThan(3000);
      expect(said(plain)).toEqual(['It is the answer.']);
      expect(said(says)).toEqual(['One moment, I am looking it up.', 'It is the answer.']);
      expect(said(tones)).toEqual(['It is the answer.']);
      // Soft tones, again and again, until the answer comes.
      const [filler] = findUtterances(tones.record);
      expect(filler!.endMs - filler!.onsetMs).toBeGreaterThan(1500);
      // What the caller says is answered while the tool runs, and the result afterwards, once.
      for (const call of [spokenTo, spokenToWithTones, spokenToAtOnce]) {
        expect(said(call).filter((line) => !line.startsWith('One moment'))).toEqual([
          'I am still here.',
          'It is the answer.',
        ]);
      }
      for (const call of [says, tones, plain, spokenTo, spokenToWithTones, spokenToAtOnce]) {
        expect(call.events.filter(({ type }) => type === 'tool-finished')).toMatchObject([{ outcome: 'ok' }]);
        const [result] = call.events.filter(({ type }) => type === 'tool-finished') as Told<'tool-finished'>[];
        expect(result!.tookMs).toBeLessThan(3300);
        expect(count(call, 'tool-called')).toBe(1);
      }
      // The call of the tool, the filler where the model says it, the answer, and what was said meanwhile.
      expect([says, tones, plain, spokenTo, spokenToWithTones].map((call) => count(call, 'response-done'))).toEqual([
        3, 2, 2, 4, 3,
      ]);
    } finally {
      await agents.close();
    }
  });
});
