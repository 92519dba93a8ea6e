import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseModelScript } from '../../src/simulator/model/script/file.js';
import { type CallerScript, loadCaller, type Step } from '../../src/simulator/phone/script.js';
import { type AgentCall, Agents, pause, type Told, WatchedModel } from '../helpers/agents.js';
import { MODEL_BREAKS, type ModelBreak } from '../helpers/model-breaks.js';

const sample = new URL('../../samples/greeting', import.meta.url).pathname;
/** Nobody listens there. */
const AWAY = 'ws://127.0.0.1:9/v1/realtime';

/** Asks so often, and stays on the line for the answers. */
async function asking(questions: number): Promise<CallerScript> {
  const { steps, ...rest } = await loadCaller(sample);
  const [greeted, ask] = steps as [Step, Step];
  const heard: Step = { type: 'wait', until: 'agent-finishes', timeoutMs: 12_000 };
  const turns = Array.from({ length: questions }, () => [ask, heard]).flat();
  return { ...rest, steps: [greeted, ...turns, { type: 'pause', ms: 500 }, { type: 'hangup' }] };
}

/** Silence at the caller's ear, in ms. */
function silenceAt({ record }: AgentCall, where: ModelBreak['silence']['where']): number {
  const { heard, speech, startedAtMs } = record;
  const asked = speech.at(-1)?.endMs ?? startedAtMs;
  if (where === 'first') return heard[0]!.playedAtMs - startedAtMs;
  const answer = heard.filter(({ playedAtMs }) => playedAtMs > asked);
  if (where === 'answer') return answer[0]!.playedAtMs - asked;
  const holes = answer.slice(1).map((span, i) => span.playedAtMs - (answer[i]!.playedAtMs + answer[i]!.bytes / 8));
  return Math.max(0, ...holes);
}

const said = ({ events }: AgentCall): string[] =>
  (events.filter(({ type }) => type === 'agent-said') as Told<'agent-said'>[]).map(({ text }) => text);

let agents: Agents;
const calls = new Map<string, AgentCall>();

/** Everything breaks at the same time, each in a call of its own. */
beforeAll(async () => {
  const ports = ['voice', 'expires', 'resets', 'slow', 'fails-once', 'fails-twice'];
  const models = await Promise.all(
    ports.map((agent) => {
      const { script } = MODEL_BREAKS.find((each) => each.agent === agent)!;
      return WatchedModel.serve({ script: parseModelScript(script!) });
    }),
  );
  agents = await Agents.serve('breaks.yaml', [...models, AWAY]);
  const once = await asking(1);
  const twice = await asking(2);
  await Promise.all(
    MODEL_BREAKS.map(async ({ agent }, index) => {
      await pause(index * 150);
      const changesVoice = (callSid: string): void => {
        void pause(9_800).then(() => agents.ask(`/calls/${callSid}/voice`, { voice: 'cedar' }));
      };
      const caller = agent === 'voice' ? twice : once;
      calls.set(agent, await agents.call(agent, { caller, seed: index }, agent === 'voice' ? changesVoice : undefined));
    }),
  );
}, 60_000);
afterAll(() => agents.close());

describe('what the caller hears, and what the log says, when', () => {
  it.each(MODEL_BREAKS)('$what', ({ agent, silence, said: lines, log }) => {
    const call = calls.get(agent)!;
    expect(said(call)).toEqual(lines);
    const silentMs = silenceAt(call, silence.where);
    expect(silentMs).toBeGreaterThanOrEqual(silence.ms[0]);
    expect(silentMs).toBeLessThanOrEqual(silence.ms[1]);
    const [started, ...rest] = agents.logOf(call.callSid);
    expect(started).toMatch(/^info call started /);
    expect(rest.at(-1)).toBe(`info call ended reason=${agent === 'away' ? 'model-lost' : 'caller'}`);
    const told = rest.slice(0, -1).map((line) => line.replace(/tookMs=\d+/, 'tookMs=…'));
    // That the model was ready at the beginning is worth a line in the table only where it was late.
    expect(told.filter((line) => log.includes(line) || !line.startsWith('info model ready'))).toEqual(log);
  });

  it('goes on in the next session from what was heard, to the word', () => {
    for (const agent of ['expires', 'resets']) {
      const { memories } = calls.get(agent)!;
      expect(memories).toHaveLength(2);
      const last = memories[1]!.filter(({ role }) => role === 'assistant').at(-2)!;
      const heard = 'You may bring it in on Wednesday morning at eleven,'.split(' ').length;
      expect(Math.abs(last.text!.split(' ').length - heard)).toBeLessThanOrEqual(1);
    }
    const [, changed] = calls.get('voice')!.memories;
    expect(changed!.map(({ role }) => role)).toEqual(['assistant', 'user', 'assistant', 'user', 'assistant']);
  });

  it('plays the apology of the agent where no model can be reached', async () => {
    const { record } = await agents.call('away-with-apology', { caller: await asking(0), seed: 99 });
    expect(record.endReason).toBe('server-closed');
    const heardBytes = record.heard.reduce((sum, { bytes }) => sum + bytes, 0);
    expect(heardBytes).toBe(record.received.length);
    expect(heardBytes / 8).toBeGreaterThan(1900);
  });
});

describe('a configuration that is read again', () => {
  it('counts for the next call, and not for one that goes on', async () => {
    const file = join(agents.folder, 'breaks.yaml');
    const caller = await asking(0);
    const goingOn = agents.call('voice', { caller, seed: 200 }, async () => {
      const text = await readFile(file, 'utf8');
      await writeFile(file, text.replaceAll('You answer the phone.', 'You are closed.'));
      await agents.reload();
    });
    const before = await goingOn;
    const after = await agents.call('voice', { caller, seed: 201 });
    const told = ({ trace }: AgentCall): string[] => [
      ...new Set(trace.flatMap((event) => (event.type === 'session-updated' ? [event.instructions] : []))),
    ];
    expect(told(before)).toEqual([expect.stringContaining('You answer the phone.')]);
    expect(told(after)).toEqual([expect.stringContaining('You are closed.')]);
    expect(said(before)).toHaveLength(1);
    expect(agents.log).toMatch(/reloaded .*breaks\.yaml for new calls: 9 agents,/);
  });
});
