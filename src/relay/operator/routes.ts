import { COMMANDS, type Command } from './commands.js';

export type Method = 'GET' | 'POST' | 'DELETE';

/** What a route does. */
export type Action =
  | { readonly type: 'describe-api' | 'list' | 'details' | 'events' | 'transcript' | 'hang-up' }
  | { readonly type: 'command'; readonly command: Command };

export interface Route {
  readonly method: Method;
  /** As OpenAPI writes it; the only parameter there is, is {callSid}. */
  readonly path: string;
  /** Name of the operation in generated clients. */
  readonly operationId: string;
  readonly summary: string;
  readonly action: Action;
  /** Answered without a token. */
  readonly open?: true;
}

/**
 * Every route of the operator's API: what is served and what is described. Two patterns with one parameter do not earn a
 * router library: find-my-way brings three dependencies, hono its own requests and responses, and neither says 405.
 */
export const ROUTES: readonly Route[] = [
  {
    ...{ method: 'GET', path: '/openapi.json', operationId: 'describeApi', open: true },
    ...{ summary: 'This description', action: { type: 'describe-api' } },
  },
  {
    ...{ method: 'GET', path: '/calls', operationId: 'listCalls' },
    ...{ summary: 'The calls that are going on', action: { type: 'list' } },
  },
  {
    ...{ method: 'GET', path: '/calls/{callSid}', operationId: 'getCall' },
    ...{ summary: 'One call, with what was said so far', action: { type: 'details' } },
  },
  {
    ...{ method: 'DELETE', path: '/calls/{callSid}', operationId: 'endCall' },
    ...{ summary: 'Hang up, as POST /calls/{callSid}/hangup does', action: { type: 'hang-up' } },
  },
  {
    ...{ method: 'GET', path: '/calls/{callSid}/events', operationId: 'watchCall' },
    ...{
      summary: 'Everything that happened and happens, as server-sent events, until the call ends',
      action: { type: 'events' },
    },
  },
  {
    ...{ method: 'GET', path: '/calls/{callSid}/transcript', operationId: 'getTranscript' },
    ...{ summary: 'What was said so far, as JSON or as text', action: { type: 'transcript' } },
  },
  ...COMMANDS.map((command): Route => {
    const { name, summary } = command;
    const path = `/calls/{callSid}/${name}`;
    return { method: 'POST', path, operationId: name, summary, action: { type: 'command', command } };
  }),
];

export interface Match {
  /** Of this path, by method; empty when there is no such path. */
  readonly routes: readonly Route[];
  readonly callSid: string | undefined;
}

export function matchPath(path: string): Match {
  const [, first, sid, last, ...more] = path.split('/');
  if (first !== 'calls' || sid === undefined) return { routes: at(path), callSid: undefined };
  const callSid = /^[\w-]{1,64}$/.test(sid) ? sid : undefined;
  if (callSid === undefined || more.length > 0) return { routes: [], callSid };
  return { routes: at(last === undefined ? '/calls/{callSid}' : `/calls/{callSid}/${last}`), callSid };
}

function at(path: string): Route[] {
  return ROUTES.filter((route) => route.path === path);
}
