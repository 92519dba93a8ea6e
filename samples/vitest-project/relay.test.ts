import { expect, it } from 'vitest';
import { bench, makeCall, serveModel } from 'voicebridge';
import { startRelay } from './start-relay.js';

// Every call takes place in real time; concurrently, all of them together take as long as the longest.

it.concurrent('greets, answers, and sends Twilio nothing it would complain about', async () => {
  await using model = await serveModel();
  await using relay = await startRelay(model.url);
  const call = await makeCall({ url: relay.url, caller: 'samples/greeting' });
  expect(call).toBeReliable();
  expect(call).toGreetWithin(1000);
  expect(call).toHaveTurns(1);
  expect(call).toAnswerWithin(1500);
  expect(call).toHaveNoLintFindings();
});

it.concurrent('stops when it is interrupted, and tells the model how much was heard', async () => {
  await using model = await serveModel();
  await using relay = await startRelay(model.url);
  const call = await makeCall({ url: relay.url, caller: 'samples/interrupt', model });
  expect(call).toStopWithin(300);
  expect(call).toHaveTruncatedWithin(100);
  expect(call).toAnswerWithin(1500);
});

it.concurrent('holds on a mobile network', async () => {
  await using model = await serveModel();
  await using relay = await startRelay(model.url);
  const network = { toServerMs: 80, toPhoneMs: 80, jitterMs: 30 };
  const call = await makeCall({ url: relay.url, caller: 'samples/interrupt', network });
  expect(call).toStopWithin(500);
  expect(call).toKeepBudget('gap_ms max <= 100');
});

it.concurrent('hangs up when the model goes away, instead of leaving the caller in silence', async () => {
  await using model = await serveModel({ faults: { drop: { response: 2, afterAudioMs: 1000 } } });
  await using relay = await startRelay(model.url);
  const { record } = await makeCall({ url: relay.url, caller: 'samples/greeting' });
  expect(record.endReason).toBe('server-closed');
});

it.concurrent('serves five callers at once as well as one', async () => {
  await using model = await serveModel();
  await using relay = await startRelay(model.url);
  const callers = [1, 2, 3, 4, 5].map((seed) => makeCall({ url: relay.url, caller: 'samples/greeting', seed }));
  for (const call of await Promise.all(callers)) expect(call).toAnswerWithin(1500);
});

// Calls that a busy machine spoils are made again.
it.concurrent('keeps what we promise, over several calls', { timeout: 120_000 }, async () => {
  await using model = await serveModel();
  await using relay = await startRelay(model.url);
  const report = await bench({ url: relay.url, scenarios: ['samples/greeting'], runs: 2 });
  expect(report).toMeetBudget('turn.playout_ms max <= 1500');
  expect(report).toMeetBudget('turn.unanswered == 0');
});
