import { describe, expect, it } from 'vitest';
import type { CallInfo } from '../../src/call/plan.js';
import type { LookedUp, LookupQuestion } from '../../src/config/lookup.js';
import { parseConfig } from '../../src/config/read.js';
import { ConfiguredReception } from '../../src/config/reception.js';
import { Routes } from '../../src/config/routes.js';
import type { Log } from '../../src/log.js';
import { VirtualClock } from '../helpers/virtual-clock.js';

const TWO =
  'agents:\n  a: {instructions: A.}\n  b: {instructions: B.}\nroutes:\n  - {path: /voice/b, agent: b}\n  - agent: a\n';

function receptionOf(answer?: LookedUp) {
  const clock = new VirtualClock();
  const asked: LookupQuestion[] = [];
  const warned: string[] = [];
  const log: Log = {
    info() {},
    warn: (message, fields) => void warned.push(`${message} ${JSON.stringify(fields)}`),
    error() {},
  };
  const { config } = parseConfig(`${TWO}${answer ? 'lookup: {url: "https://x.example"}' : ''}`, 'v.yaml');
  const ask = async (question: LookupQuestion): Promise<LookedUp> => {
    asked.push(question);
    return answer!;
  };
  const reception = new ConfiguredReception({ routes: new Routes(config), clock, lookUp: answer && ask });
  return { reception, clock, asked, warned, log };
}

const incoming = { callSid: 'CA1', path: '/voice', from: '+15550100001', to: '+15550100002' };
const started = (parameters: Record<string, string> = {}): CallInfo => ({
  callSid: 'CA1',
  streamSid: 'MZ1',
  accountSid: 'AC1',
  parameters,
});

describe('the reception', () => {
  it('answers /voice and the paths of the routes', () => {
    const { reception } = receptionOf();
    expect(['/voice', '/voice/b', '/voice/c'].map((path) => reception.answers(path))).toEqual([true, true, false]);
  });

  it('sends agent and numbers along with the stream, from where another relay knows as much', async () => {
    const here = receptionOf();
    const parameters = await here.reception.receive({ ...incoming, path: '/voice/b' }, here.log);
    expect(parameters).toEqual({ agent: 'b', from: '+15550100001', to: '+15550100002' });
    const there = receptionOf();
    expect(there.reception.decide(started(parameters), there.log)).toEqual({
      agent: 'b',
      variables: {},
      from: '+15550100001',
      to: '+15550100002',
    });
  });

  it('asks once, at the webhook, and keeps what is too long to be sent along', async () => {
    const variables = { shop: 'Bikes', hours: 'x'.repeat(600), agent: 'no', from: 'no' };
    const here = receptionOf({ answer: { agent: 'b', variables } });
    const parameters = await here.reception.receive(incoming, here.log);
    expect(parameters).toEqual({
      agent: 'b',
      from: '+15550100001',
      to: '+15550100002',
      lookup: 'answered',
      shop: 'Bikes',
    });
    expect(here.warned).toEqual([
      'too long for a <Parameter>, so only this relay knows it {"callSid":"CA1","left":"hours"}',
    ]);
    expect(await here.reception.decide(started(parameters), here.log)).toMatchObject({
      agent: 'b',
      variables: { shop: 'Bikes', hours: 'x'.repeat(600) },
    });
    expect(here.asked).toEqual([{ callSid: 'CA1', from: '+15550100001', to: '+15550100002', parameters: {} }]);
  });

  it('does not ask again where another relay has asked', () => {
    const there = receptionOf({ answer: { agent: 'a', variables: {} } });
    expect(there.reception.decide(started({ agent: 'b', lookup: 'answered' }), there.log)).toMatchObject({
      agent: 'b',
    });
    expect(there.asked).toEqual([]);
  });

  it('asks at the start of a stream that comes without a webhook', async () => {
    const { reception, asked, log } = receptionOf({ answer: { agent: 'b', variables: { shop: 'Bikes' } } });
    expect(await reception.decide(started({ from: '+15550100009' }), log)).toEqual({
      agent: 'b',
      variables: { shop: 'Bikes' },
      from: '+15550100009',
      to: undefined,
    });
    expect(asked).toEqual([
      { callSid: 'CA1', from: '+15550100009', to: undefined, parameters: { from: '+15550100009' } },
    ]);
  });

  it('lets the routes decide when the lookup fails, or names nobody', async () => {
    const failing = receptionOf({ failed: 'no answer within 2000 ms' });
    const parameters = await failing.reception.receive({ ...incoming, path: '/voice/b' }, failing.log);
    expect(parameters).toMatchObject({ agent: 'b', lookup: 'failed' });
    const confused = receptionOf({ answer: { agent: 'c', variables: { shop: 'Bikes' } } });
    expect(await confused.reception.decide(started(), confused.log)).toMatchObject({
      agent: 'a',
      variables: { shop: 'Bikes' },
    });
    expect([...failing.warned, ...confused.warned]).toEqual([
      'the lookup failed, so the routes decide {"callSid":"CA1","reason":"no answer within 2000 ms"}',
      'the lookup names an agent that is not there, so the routes decide {"callSid":"CA1"}',
    ]);
  });

  it('warns of a <Parameter> that names an agent no route leads to', () => {
    const { reception, warned, log } = receptionOf();
    expect(reception.decide(started({ agent: 'c' }), log)).toMatchObject({ agent: 'a' });
    expect(warned).toEqual(['a <Parameter> names an agent that no route leads to {"callSid":"CA1"}']);
  });

  it('forgets a call whose stream did not come within a minute, and the oldest of a thousand', async () => {
    const { reception, clock, log } = receptionOf();
    await reception.receive({ ...incoming, path: '/voice/b' }, log);
    clock.advance(60_000);
    expect(reception.decide(started(), log)).toMatchObject({ agent: 'a' });
    for (let number = 0; number <= 1000; number++) {
      await reception.receive({ ...incoming, callSid: `CA${number}`, path: '/voice/b' }, log);
    }
    expect(reception.decide({ ...started(), callSid: 'CA0' }, log)).toMatchObject({ agent: 'a' });
    expect(reception.decide({ ...started(), callSid: 'CA1000' }, log)).toMatchObject({ agent: 'b' });
  });

  it('takes out of a caller ID what no XML can hold', async () => {
    const { reception, log } = receptionOf();
    const parameters = await reception.receive({ ...incoming, from: '+1\u0000\u0008<\ud800' }, log);
    expect(parameters.from).toBe('+1  <\ufffd');
  });
});
