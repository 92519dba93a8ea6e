import { describe, expect, it } from 'vitest';
import { type CallerScript, loadCaller, type Step } from '../../src/simulator/phone/script.js';
import { type AgentCall, Agents, pause, WatchedModel } from '../helpers/agents.js';

const question = new URL('../../samples/booking/goodbye.wav', import.meta.url).pathname;

/** Bytes of the goodbye that the model sent and the caller did not hear. */
function unheardBytes({ record, trace }: AgentCall): number {
  const heard = Buffer.concat(
    record.heard.map(({ streamOffset, bytes }) => record.received.subarray(streamOffset, streamOffset + bytes)),
  );
  const said = Buffer.concat(
    trace.flatMap((event) => (event.type === 'delta' ? [Buffer.from(event.audio, 'base64')] : [])),
  );
  expect(said.length).toBeGreaterThan(8000);
  return heard.includes(said) ? 0 : said.length;
}

function hangUpAfter(ms: number): Step[] {
  return [{ type: 'pause', ms }, { type: 'hangup' }];
}

describe('an agent that hangs up', () => {
  it('has its goodbye heard to the last sample in 100 of 100 calls, with marks up to 300 ms late', async () => {
    const model = await WatchedModel.serve({ script: 'goodbye.model.yaml', thinkMs: 0 });
    const agents = await Agents.serve('goodbye.yaml', [model]);
    try {
      const { steps, ...rest } = await loadCaller(question);
      // Who hangs up first is the agent, or nobody for a long time.
      const caller: CallerScript = { ...rest, steps: [...steps, ...hangUpAfter(20_000)] };
      const delays = [0, 30, 75, 150, 300];
      const calls = Array.from({ length: 100 }, async (_, index) => {
        // Not all at the same moment: a telephone exchange does not do that either.
        await pause(index * 60);
        const toServerMs = delays[index % delays.length]!;
        const network = { toServerMs, toPhoneMs: index % 3 === 0 ? 0 : 40, jitterMs: toServerMs / 2 };
        return agents.call('goodbye', { caller, seed: index, network });
      });
      const done = await Promise.all(calls);
      const cut = await agents.call('goodbye', { caller: { ...rest, steps: [...steps, ...hangUpAfter(1500)] } });
      expect(unheardBytes(cut)).toBeGreaterThan(0);
      expect(done.filter((call) => unheardBytes(call) > 0).map(({ record }) => record.endReason)).toEqual([]);
      expect(done.map(({ record }) => record.endReason)).toEqual(done.map(() => 'server-closed'));
      // Not a moment later than it takes to hear of it.
      for (const { record } of done) {
        const last = record.heard.at(-1)!;
        const silentMs = record.endedAtMs - (last.playedAtMs + last.bytes / 8);
        expect(silentMs).toBeGreaterThanOrEqual(0);
        expect(silentMs).toBeLessThan(1000);
      }
    } finally {
      await agents.close();
    }
  });
});
