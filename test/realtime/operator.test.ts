import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { CallEvent } from '../../src/call/events.js';
import { oneAgent } from '../../src/call/plan.js';
import { systemClock } from '../../src/clock.js';
import { analyseCall } from '../../src/measure/analyse.js';
import { openaiModel } from '../../src/model/openai.js';
import { DEFAULTS } from '../../src/options.js';
import { startRelay } from '../../src/relay/server.js';
import type { ModelTraceEvent } from '../../src/simulator/model/events.js';
import { serveModel } from '../../src/simulator/model/server.js';
import { dial } from '../../src/simulator/phone/call.js';
import { interruptingAfter } from '../helpers/embedded-call.js';

const TOKEN = 'a-token-of-the-operator';

/** Where the words of the sample agent really end (scripts/make-word-times.mjs). */
const LINES: readonly { text: string; wordEndsMs: number[] }[] = JSON.parse(
  readFileSync(new URL('../fixtures/agent-words.json', import.meta.url), 'utf8'),
);

interface WatchedCall {
  readonly callSid: string;
  readonly events: readonly CallEvent[];
  /** Milliseconds of the interrupted answer that were really played at the phone. */
  readonly playedMs: number;
  readonly text: string;
}

/** A call that interrupts the long answer, watched by an operator over HTTP from its first moment to its last. */
async function watchedCall(interruptAfterMs: number, delayMs: number): Promise<WatchedCall> {
  const trace: ModelTraceEvent[] = [];
  const model = await serveModel({ port: 0, onTrace: (event) => void trace.push(event) });
  const openModel = openaiModel({ url: model.url, audio: 'pcmu', clock: systemClock, ...DEFAULTS.model });
  const relay = await startRelay({ port: 0, operatorToken: TOKEN, planCall: oneAgent(openModel) });
  const ask = (path: string): Promise<Response> =>
    fetch(`${relay.url}${path}`, { headers: { Authorization: `Bearer ${TOKEN}` } });
  try {
    const network = { toServerMs: delayMs, toPhoneMs: delayMs, jitterMs: delayMs / 4 };
    const call = dial({ url: relay.streamUrl, caller: await interruptingAfter(interruptAfterMs), network });
    let callSid: string | undefined;
    while (callSid === undefined) {
      const { calls } = (await (await ask('/calls')).json()) as { calls: { callSid: string }[] };
      callSid = calls[0]?.callSid;
    }
    // Ends with the call.
    const watched = ask(`/calls/${callSid}/events`).then((answer) => answer.text());
    const record = await call.done;
    const text = await watched;
    while (model.sessions.length > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const { truncations } = analyseCall(record, trace);
    const events = [...text.matchAll(/^data: (.*)$/gm)].map(([, json]) => JSON.parse(json!) as CallEvent);
    return { callSid, events, text, playedMs: truncations[0]!.playedMs };
  } finally {
    await relay.close();
    await model.close();
  }
}

describe('an operator who watches calls', () => {
  it('reads of each interrupted answer what was heard, to the word in 19 of 20', { timeout: 60_000 }, async () => {
    const places = Array.from({ length: 20 }, (_, index) => 300 + index * 290);
    const calls = await Promise.all(places.map((ms, index) => watchedCall(ms, (index % 3) * 40)));
    const wordsOff = calls.map(({ events, playedMs }) => {
      const said = events.find((event) => event.type === 'agent-said' && event.interrupted) as
        | (CallEvent & { type: 'agent-said' })
        | undefined;
      // Of an answer that was cut short in its first word nothing was heard, and nothing is told.
      const heard = said?.text.split(' ').length ?? 0;
      const line = said ? LINES.find(({ text }) => text.startsWith(said.text))! : LINES[1]!;
      // As far as the model had written it.
      if (said) expect(line.text.startsWith(`${said.text} ${said.unheard ?? ''}`.trim())).toBe(true);
      return heard - line.wordEndsMs.filter((endMs) => endMs <= playedMs).length;
    });
    const near = wordsOff.filter((words) => Math.abs(words) <= 1).length;
    expect(near / calls.length).toBeGreaterThanOrEqual(0.95);
  });

  it('sees a call from its start to its end, in order, and nothing of another', { timeout: 60_000 }, async () => {
    const calls = await Promise.all([watchedCall(900, 0), watchedCall(1800, 0)]);
    for (const { callSid, events, text } of calls) {
      expect([events[0]?.type, events.at(-1)?.type]).toEqual(['started', 'ended']);
      expect(events.filter((event) => 'callSid' in event && event.callSid !== callSid)).toEqual([]);
      expect(events.map(({ atMs }) => atMs)).toEqual(events.map(({ atMs }) => atMs).sort((a, b) => a - b));
      const ids = [...text.matchAll(/^id: (.*)$/gm)].map(([, id]) => Number(id));
      expect(ids).toEqual(ids.map((_, index) => index + 1));
    }
  });
});
