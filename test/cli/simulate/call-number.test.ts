import { afterEach, describe, expect, it } from 'vitest';
import { callNumber } from '../../../src/cli/simulate/call-number.js';
import { requestText, stepTexts, webhookSteps } from '../../../src/cli/simulate/webhook-steps.js';
import { serveHttp, type TestServer } from '../../helpers/http-server.js';
import { silentCaller } from '../../helpers/phone.js';
import { type StreamServer, serveStreams } from '../../helpers/stream-server.js';

let http: TestServer | undefined;
let streams: StreamServer | undefined;
afterEach(async () => {
  await http?.close();
  await streams?.close();
});

async function answer(twiml: string): Promise<string> {
  streams = await serveStreams();
  const { url } = streams;
  http = await serveHttp((response, request) => {
    if (request.url !== '/voice') return response.writeHead(500).end();
    return response.setHeader('content-type', 'text/xml').end(twiml.replace('STREAM', url));
  });
  return `${http.url}/voice`;
}

const call = (url: string) => callNumber({ url, caller: silentCaller(100), lingerMs: 0 });

describe('a number that is called', () => {
  it('leaves the record of its talk, with what the webhook was asked, callbacks after the end included', async () => {
    const url = await answer('<Response><Connect><Stream url="STREAM" statusCallback="/status"/></Connect></Response>');
    const record = await call(url).done;
    expect(record.endReason).toBe('hangup');
    const steps = webhookSteps(record)!;
    expect(steps.requests.map(({ what, status, tells }) => [what, status, tells])).toEqual([
      ['voice', 200, undefined],
      ['stream-status', 500, 'stream-started'],
      ['stream-status', 500, 'stream-stopped'],
    ]);
    expect(record.lint.map(({ rule }) => rule)).toEqual(['webhook/status-callback', 'webhook/status-callback']);
    expect(stepTexts(steps).at(-1)).toEqual(['TwiML', 'Connect']);
  });

  it.each([
    [
      '<Response><Connect><Stream url="https://example.com/"/></Connect></Response>',
      'the stream has the scheme https://, not wss:// (Twilio 31922)',
      'write url="wss://host/path"',
    ],
    [
      '<Response><Pause length="0"/><Hangup/></Response>',
      'its TwiML said <Pause>, <Hangup>',
      'answer with <Connect><Stream url="wss://…"/></Connect>',
    ],
  ])('is no call without a stream, and says why: %s', async (twiml, reason, hint) => {
    const url = await answer(twiml);
    await expect(call(url).done).rejects.toMatchObject({
      ...{ code: 'no-stream', hint, message: `the call to ${url} led to no stream: ${reason}` },
    });
  });
});

describe('a step', () => {
  it('is told in one line, without the query of its address', () => {
    const asked = {
      type: 'webhook',
      atMs: 0,
      what: 'action',
      method: 'GET',
      url: 'https://a/b?From=1',
      tookMs: 3.6,
    } as const;
    expect(requestText({ ...asked, status: 200 })).toBe('GET /b, 200 after 4 ms');
    expect(requestText({ ...asked, tells: 'completed' })).toBe('GET /b (completed), no answer after 4 ms');
  });

  it('is none of a call that began at its stream', () => {
    expect(webhookSteps({ events: [], startedAtMs: 0 } as never)).toBeUndefined();
  });
});
