import { afterEach, describe, expect, it } from 'vitest';
import { PCMU_8K } from '../../src/audio/format.js';
import { type LinkEvent, ModelLink } from '../../src/call/model-link.js';
import { systemClock } from '../../src/clock.js';
import { type HistoryLine, plainSession } from '../../src/model/model.js';
import { type ModelTarget, modelFor } from '../../src/model/providers.js';
import { DEFAULTS } from '../../src/options.js';
import { type SimulatedModel, type SimulatedModelOptions, serveModel } from '../../src/simulator/model/server.js';

const HEARD: HistoryLine[] = [
  { role: 'agent', text: 'Hello.' },
  { role: 'caller', text: 'My order?' },
];

const closing: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function model(options: SimulatedModelOptions = {}): Promise<SimulatedModel> {
  const served = await serveModel({ thinkMs: 0, ...options });
  closing.push(() => served.close());
  return served;
}

function link(urls: readonly [string, ...string[]], more: Partial<ModelTarget> = {}) {
  const limits = { audio: 'auto', connectTimeoutMs: 5_000, pingEveryMs: 15_000, maxMessageBytes: 1_000_000 } as const;
  const open = (url: string) => modelFor({ provider: 'compatible', url, ...limits, ...more }, { clock: systemClock });
  const [first, ...others] = urls;
  const events: LinkEvent[] = [];
  const made = new ModelLink({
    models: [open(first), ...others.map(open)],
    session: plainSession('Be brief.'),
    ...{ input: PCMU_8K, output: PCMU_8K, heard: () => HEARD, clock: systemClock, random: () => 0 },
    settings: { ...DEFAULTS.model, backlogMs: 1_000, retryMs: [20, 20], stableMs: 0 },
    onEvent: (event) => events.push(event),
  });
  closing.push(() => made.close());
  const wait = async <Type extends LinkEvent['type']>(type: Type): Promise<LinkEvent & { type: Type }> => {
    await expect.poll(() => events.map((event) => event.type), { interval: 5, timeout: 5_000 }).toContain(type);
    return events.find((event) => event.type === type) as LinkEvent & { type: Type };
  };
  return { made, events, wait };
}

/** What went wrong, apart from the loss itself. */
const errorsOf = (events: readonly LinkEvent[]): LinkEvent[] => events.filter(({ type }) => type === 'error');

describe('the link to models over real sockets', () => {
  it('goes on after a reset in the middle of an answer, in a session that takes what was heard', async () => {
    const served = await model();
    const { made, events, wait } = link([served.url]);
    await wait('ready');
    made.respond();
    const { itemId } = await wait('audio');
    served.dropAll();
    expect(await wait('switched')).toMatchObject({ reason: 'lost', wasResponding: true });
    made.truncate(itemId, 0, 100);
    const before = events.length;
    made.respond();
    await expect.poll(() => events.slice(before).some(({ type }) => type === 'audio'), { timeout: 5_000 }).toBe(true);
    expect(served.sessions).toHaveLength(1);
    expect(errorsOf(events)).toEqual([]);
  });

  it('is in a new session before the old one ends for its age, when nobody speaks', async () => {
    const served = await model({ maxSessionMs: 2_000 });
    const { made, events, wait } = link([served.url]);
    await wait('ready');
    made.atTurnBoundary();
    expect(await wait('switched')).toEqual({ type: 'switched', reason: 'expiry', wasResponding: false });
    expect(errorsOf(events)).toEqual([]);
  });

  it('is in a new session after the old one has ended for its age in the middle of an answer', async () => {
    const served = await model({ maxSessionMs: 1_200, speed: [1, 1] });
    const { made, wait } = link([served.url]);
    await wait('ready');
    made.respond();
    expect(await wait('switched')).toMatchObject({ reason: 'expired', wasResponding: true });
  });

  it('goes to the next model when the first refuses the key', async () => {
    const strict = await model({ key: 'right' });
    const served = await model();
    const { made, events, wait } = link([strict.url, served.url], { key: 'wrong' });
    await wait('ready');
    expect(made.modelIndex).toBe(1);
    expect(events[0]).toEqual({ type: 'retrying', reason: 'invalid_api_key', inMs: 0 });
  });

  it('is lost when every model is away, after as many attempts as it has', async () => {
    const away = await model({ faults: { refuse: 503 } });
    const { events, wait } = link([away.url]);
    expect(await wait('lost')).toEqual({ type: 'lost', reason: 'it answered HTTP 503', cause: 'busy' });
    expect(events.filter(({ type }) => type === 'retrying')).toHaveLength(2);
  });
});
