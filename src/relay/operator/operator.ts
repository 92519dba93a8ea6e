import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../clock.js';
import type { Log } from '../../log.js';
import { DEFAULTS } from '../../options.js';
import type { Calls } from '../calls.js';
import { readBody } from './body.js';
import type { SteerableCall } from './commands.js';
import { streamEvents } from './event-stream.js';
import { openApi } from './openapi.js';
import { Problem, send, sendJson, sendProblem } from './problem.js';
import { type Match, matchPath, type Route } from './routes.js';
import { checkToken } from './token.js';
import { asText, details, overview, transcript } from './views.js';

export interface OperatorOptions {
  readonly calls: Calls;
  /** What the Authorization header must carry. */
  readonly token: string;
  readonly clock: Clock;
  readonly log: Log;
  /** This relay has no account of the carrier, so that what needs one is refused. */
  readonly withoutAccount?: boolean;
  readonly heartbeatMs?: number;
  /** Bytes of events that may wait for a reader; a slower one is dropped. */
  readonly maxWaitingBytes?: number;
  /** Readers of events at once, over all calls. */
  readonly maxReaders?: number;
}

/** The operator's API, under /calls and /openapi.json. */
export interface OperatorApi {
  handles(path: string): boolean;
  /** Answers, whatever comes; never rejects. `path` is without the query. */
  answer(request: IncomingMessage, response: ServerResponse, path: string): Promise<void>;
}

export function operatorApi(options: OperatorOptions): OperatorApi {
  const { calls, token, clock, log } = options;
  const { heartbeatMs, maxWaitingBytes, maxReaders } = { ...DEFAULTS.operator, ...options };
  let readers = 0;
  let description: unknown;

  return {
    handles: (path) => path === '/openapi.json' || path === '/calls' || path.startsWith('/calls/'),
    async answer(request, response, path) {
      try {
        const match = matchPath(path);
        if (!match.routes[0]?.open) checkToken(request.headers.authorization, token);
        await run(chooseRoute(match, request.method), match.callSid, request, response);
      } catch (error) {
        // Who has gone in the middle of a body waits for no answer.
        if (codeOf(error) !== 'ECONNRESET') refuse(response, error, path);
      }
    },
  };

  async function run(
    { action }: Route,
    callSid: string | undefined,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    if (action.type === 'describe-api') {
      description ??= openApi();
      return sendJson(response, 200, description);
    }
    if (action.type === 'list') {
      const steerable = calls.list().flatMap((live) => (live.control ? [{ live, control: live.control }] : []));
      return sendJson(response, 200, { calls: steerable.map(overview) });
    }
    // Read before the call is looked for: it may end while a body arrives.
    const body = action.type === 'command' ? await readBody(request, action.command.body) : undefined;
    const call = find(callSid!);
    switch (action.type) {
      case 'details':
        return sendJson(response, 200, details(call));
      case 'transcript': {
        const said = transcript(call);
        if (!wantsText(request.headers.accept)) return sendJson(response, 200, said);
        return send(response, 200, 'text/plain; charset=utf-8', asText(said.lines));
      }
      case 'events':
        return stream(call, request, response);
      case 'hang-up':
        call.control.hangUp();
        return sendTaken(response);
      case 'command': {
        const { name, needsAccount } = action.command;
        if (needsAccount && options.withoutAccount) {
          throw new Problem(
            'account-missing',
            'the relay has no account of the carrier: start it with TWILIO_ACCOUNT_SID',
          );
        }
        const onFailure = (error: unknown): void => {
          // The message may hold a number: the code says enough, and the operator sees the rest among the events.
          log.warn('a command of an operator failed', { callSid, command: name, code: codeOf(error) });
        };
        action.command.run(call, body, onFailure);
        return sendTaken(response);
      }
    }
  }

  function find(callSid: string): SteerableCall {
    const live = calls.find(callSid);
    if (!live) {
      if (calls.hasEnded(callSid)) throw new Problem('call-over', `the call ${callSid} is over`);
      throw new Problem('call-unknown', `there is no call ${callSid}; GET /calls lists those that are going on`);
    }
    if (live.control) return { live, control: live.control };
    throw new Problem('call-not-ready', 'the call is still being connected', { headers: { 'Retry-After': '1' } });
  }

  function stream(call: SteerableCall, request: IncomingMessage, response: ServerResponse): void {
    if (readers >= maxReaders) {
      throw new Problem('too-many-readers', `${maxReaders} readers of events are connected; close one`);
    }
    readers += 1;
    let counted = true;
    const release = (): void => {
      if (counted) readers -= 1;
      counted = false;
    };
    try {
      streamEvents(request, response, {
        ...{ clock, heartbeatMs, maxWaitingBytes, onClose: release },
        listen: (onEvent) => call.control.listen(onEvent),
        isLive: () => calls.has(call.live),
      });
    } catch (error) {
      release();
      throw error;
    }
  }

  function refuse(response: ServerResponse, error: unknown, path: string): void {
    let problem: Problem;
    if (error instanceof Problem) problem = error;
    else if (codeOf(error) === 'call-over') problem = new Problem('call-over', 'the call is over');
    else {
      log.error('a request of an operator failed', { path, reason: (error as Error).name });
      problem = new Problem('internal', 'the relay failed to do this; its log says more');
    }
    if (problem.code === 'token-wrong') log.warn('a request with a wrong operator token was refused', { path });
    if (response.headersSent) response.destroy();
    else sendProblem(response, problem);
  }
}

function chooseRoute({ routes }: Match, method: string | undefined): Route {
  const route = routes.find((one) => one.method === method);
  if (route) return route;
  if (routes.length === 0)
    throw new Problem('not-found', 'there is no such path; GET /openapi.json describes them all');
  const allowed = routes.map((one) => one.method).join(', ');
  throw new Problem('method-not-allowed', `here only ${allowed} can be done`, { headers: { Allow: allowed } });
}

function sendTaken(response: ServerResponse): void {
  response.writeHead(202, { 'Content-Length': 0, 'Cache-Control': 'no-store' });
  response.end();
}

function wantsText(accept: string | undefined): boolean {
  return /\btext\/plain\b/.test(accept ?? '') && !/\bapplication\/json\b/.test(accept ?? '');
}

function codeOf(error: unknown): string {
  const { code, name } = error as { code?: unknown; name?: unknown };
  return String(code ?? name ?? 'unknown');
}
