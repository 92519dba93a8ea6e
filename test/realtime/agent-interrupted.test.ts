import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { analyseCall, type CallMeasures } from '../../src/measure/analyse.js';
import { judgeHost } from '../../src/measure/host.js';
import { nearestRank } from '../../src/measure/percentile.js';
import { inPhoneFormat } from '../../src/measure/phone-format.js';
import { parseModelScript } from '../../src/simulator/model/script/file.js';
import { type AgentCall, Agents, pause, type Told, WatchedModel } from '../helpers/agents.js';
import { interruptingAfter } from '../helpers/embedded-call.js';

/** Where the words of the sample agent really end (scripts/make-word-times.mjs). */
const LINES: readonly { wav: string; text: string; audioMs: number; wordEndsMs: number[] }[] = JSON.parse(
  readFileSync(new URL('../fixtures/agent-words.json', import.meta.url), 'utf8'),
);

/** Whose model it is, and what it answers; the line `days` is that of operator.test.ts. */
const DIALECTS = [
  ['openai', 'price'],
  ['azure', 'directions'],
  ['xai', 'booked'],
] as const;
const FORMATS = ['pcmu', 'pcm'] as const;
/** Calls with each dialect, format and line. */
const CALLS = 2;
/** Each way, with jitter. */
const NETWORKS = [
  { toServerMs: 0, toPhoneMs: 0, jitterMs: 0 },
  { toServerMs: 50, toPhoneMs: 50, jitterMs: 20 },
];

interface Interrupted {
  readonly call: AgentCall;
  readonly measured: CallMeasures;
  readonly jittery: boolean;
  /** What the model says when it is interrupted. */
  readonly line: (typeof LINES)[number];
}

let calls: readonly Interrupted[];
let agents: Agents;

/** Every dialect and format, first on an even line and then on one with jitter. */
beforeAll(async () => {
  const models = await Promise.all(
    DIALECTS.map(([dialect, say]) =>
      WatchedModel.serve({ dialect, script: parseModelScript(`responses: [{say: ${say}}]`) }),
    ),
  );
  agents = await Agents.serve('dialects.yaml', models);
  const kinds = DIALECTS.flatMap(([dialect, say]) => FORMATS.map((format) => ({ agent: `${dialect}-${format}`, say })));
  const made: Omit<Interrupted, 'measured'>[] = [];
  for (const [nth, network] of NETWORKS.entries()) {
    const wave = Array.from({ length: kinds.length * CALLS }, async (_, index) => {
      await pause(index * 150);
      const { agent, say } = kinds[index % kinds.length]!;
      const line = LINES.find(({ wav }) => wav === `${say}.wav`)!;
      // Every call at another place of the answer, from its first words to its last ones; so near to its end that a busy
      // machine decides whether it was heard out, none.
      const share = (index + nth / NETWORKS.length + 0.5) / (kinds.length * CALLS);
      const { steps, ...rest } = await interruptingAfter(share * (line.audioMs - 700));
      // On a machine that stands still for a moment the model hears of it later.
      const caller = { ...rest, steps: [...steps.slice(0, -1), { type: 'pause', ms: 1000 }, steps.at(-1)!] as const };
      const call = await agents.call(agent, { caller, network, seed: nth * 100 + index });
      return { call, line, jittery: network.jitterMs > 0 };
    });
    made.push(...(await Promise.all(wave)));
  }
  // Not before all of them are over: the phones share this process.
  calls = await Promise.all(
    made.map(async ({ call, ...rest }) => {
      return { call, ...rest, measured: analyseCall(call.record, await inPhoneFormat(call.trace)) };
    }),
  );
}, 60_000);
afterAll(() => agents.close());

/** Of the truncation errors of these calls, smallest first. */
function errorsOf(some: readonly Interrupted[]): number[] {
  const errors = some.flatMap(({ measured }) => measured.truncations.map(({ errorMs }) => Math.abs(errorMs!)));
  return errors.sort((a, b) => a - b);
}

/** In the other calls this machine could not keep the phone's time: their errors are its own. */
const isUnspoilt = ({ call }: Interrupted): boolean => judgeHost(call.record.pacing, undefined).reliable;

describe('an answer that is interrupted, with every dialect, in µ-law and resampled', () => {
  it.each([
    ['an even line', false, 3],
    // The p95 of so few is the worst of them. With more calls it is below 20: scripts/measure-barge-in.mjs.
    ['a line with 50 ms each way ±20 ms', true, 30],
  ])('is truncated where the caller stopped hearing it, on %s', (_line, jittery, mostMs) => {
    const unspoilt = calls.filter((each) => each.jittery === jittery && isUnspoilt(each));
    if (unspoilt.length === 0) return console.warn('this machine is too busy to measure');
    expect(nearestRank(errorsOf(unspoilt), 0.95)).toBeLessThanOrEqual(mostMs);
  });

  it('is truncated once, never needlessly, and nothing more of it is heard', () => {
    for (const { measured, call } of calls) {
      // The line says which call it was, and what of it.
      expect(measured.truncations, call.callSid).toMatchObject([{ verdict: 'told' }]);
      const counts = ['truncation.missing', 'truncation.needless', 'truncation.refused', 'bargein.missed'] as const;
      for (const name of counts) expect(measured.measures.counts.get(name)?.count ?? 0).toBe(0);
      for (const { leakMs } of measured.bargeIns) expect(leakMs).toBe(0);
      expect(call.record.lint).toEqual([]);
    }
  });

  it('is told to an operator to the word that was heard, or the next, in 95 of 100 calls', () => {
    // A machine that stood still for a quarter of a word has made the difference itself.
    const judged = calls.filter(({ measured }) => Math.abs(measured.truncations[0]!.errorMs!) <= 60);
    const wordsOff = judged.map(({ call, measured, line }) => {
      const { playedMs, itemId } = measured.truncations[0]!;
      const lines = call.events.filter(({ type }) => type === 'agent-said') as Told<'agent-said'>[];
      // Of an answer that was cut short in its first word nothing was heard, and nothing is told.
      const said = lines.find((each) => each.itemId === itemId);
      if (said) expect(line.text.startsWith(`${said.text} ${said.unheard ?? ''}`.trim())).toBe(true);
      const heard = said?.text.split(' ').length ?? 0;
      return Math.abs(heard - line.wordEndsMs.filter((endMs) => endMs <= playedMs).length);
    });
    expect(wordsOff.filter((words) => words > 1).length).toBeLessThanOrEqual(1);
  });
});
