import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { analyseCall } from '../../src/measure/analyse.js';
import { inPhoneFormat } from '../../src/measure/phone-format.js';
import { parseModelScript } from '../../src/simulator/model/script/file.js';
import { loadCaller } from '../../src/simulator/phone/script.js';
import { AGENTS, type AgentCall, Agents, pause, WatchedModel } from '../helpers/agents.js';
import { itemsAtEar } from '../helpers/heard-items.js';

const DAYS =
  'You may bring it in on Wednesday morning at eleven, on Thursday at half past nine, and on Friday you can come at any time after two.';
/** What is made of the caller's second sound, a quarter of a second after it. */
const TRANSCRIPTS = {
  'mm-hm': 'Mm-hm.',
  noise: '{says: ""}',
  fails: '{fails: true}',
  words: 'Sorry, may I ask you something?',
};
const LINES = {
  even: { toServerMs: 0, toPhoneMs: 0, jitterMs: 0 },
  jittery: { toServerMs: 40, toPhoneMs: 40, jitterMs: 20 },
} as const;
type Line = keyof typeof LINES;

/** With each sound, on each line, a call of its own. */
function onBothLines(agent: string, sound: string): { agent: string; sound: string; line: Line }[] {
  return (Object.keys(LINES) as Line[]).map((line) => ({ agent, sound, line }));
}

const SOUNDS = [
  ...onBothLines('mm-hm', 'mm-hm'),
  ...onBothLines('cough', 'cough'),
  ...onBothLines('hum', 'hum'),
  ...onBothLines('resampled', 'mm-hm'),
];
const WORDS = onBothLines('words', 'words');
/** Of one answer, missing or repeated. On an even line and an idle machine it is the window that the cut goes through. */
const ALLOWED_MS = 60;

let agents: Agents;
let calls: readonly AgentCall[];

beforeAll(async () => {
  const models = await Promise.all(
    Object.values(TRANSCRIPTS).map((second) => {
      const script = `transcription: {delay: 250ms}\ncaller: [Hello., ${second}]\nresponses: [{say: days}]`;
      return WatchedModel.serve({ script: parseModelScript(script) });
    }),
  );
  agents = await Agents.serve('reversible.yaml', models);
  calls = await Promise.all(
    [...SOUNDS, ...WORDS].map(async ({ agent, sound, line }, index) => {
      await pause(index * 150);
      const caller = await loadCaller(join(AGENTS, `calls/${sound}.yaml`));
      return agents.call(agent, { caller, network: LINES[line], seed: index });
    }),
  );
}, 60_000);
afterAll(() => agents.close());

const count = ({ trace }: AgentCall, type: string): number => trace.filter((event) => event.type === type).length;

describe('an answer that is spoken into with', () => {
  it.each(SOUNDS)('a $sound on an $line line ($agent) is heard to its end, and remembered whole', async (row) => {
    const call = calls[SOUNDS.indexOf(row)]!;
    // The sound did stop the agent; then it went on.
    expect(call.record.events.filter(({ type }) => type === 'clear').length).toBeGreaterThan(0);
    expect(call.events.filter(({ type }) => type === 'resumed')).toHaveLength(1);
    expect([count(call, 'truncate'), count(call, 'cancel')]).toEqual([0, 0]);
    const items = itemsAtEar(call.record, await inPhoneFormat(call.trace));
    expect(items).toHaveLength(2);
    for (const { missingMs, repeatedMs } of items) {
      expect(missingMs).toBeLessThanOrEqual(ALLOWED_MS);
      expect(repeatedMs).toBeLessThanOrEqual(ALLOWED_MS);
    }
    const answer = call.memories[0]!.filter(({ role }) => role === 'assistant').at(-1);
    expect(answer).toMatchObject({ text: DAYS, said: DAYS, truncated: false });
  });

  it.each(WORDS)('$sound on an $line line is truncated where it was stopped, and not gone on with', async (row) => {
    const call = calls[SOUNDS.length + WORDS.indexOf(row)]!;
    expect(call.events.filter(({ type }) => type === 'resumed')).toEqual([]);
    const { truncations } = analyseCall(call.record, call.trace);
    expect(truncations).toMatchObject([{ verdict: 'told' }]);
    // A machine that stands still for a moment shows here; agent-interrupted.test.ts looks at more than one call.
    expect(Math.abs(truncations[0]!.errorMs!)).toBeLessThanOrEqual(60);
    const [, interrupted, answer] = call.memories[0]!.filter(({ role }) => role === 'assistant');
    expect(interrupted).toMatchObject({ truncated: true });
    expect(DAYS.startsWith(interrupted!.said!)).toBe(true);
    expect(interrupted!.said!.length).toBeLessThan(DAYS.length / 2);
    expect(answer).toMatchObject({ truncated: false });
  });
});
