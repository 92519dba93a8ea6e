import { z } from 'zod';
import type { CallEvent } from '../../call/events.js';
import { PROBLEM_CODES } from './problem.js';
import { ROUTES, type Route } from './routes.js';
import { CALL, CALLS, TRANSCRIPT } from './views.js';

type Json = Readonly<Record<string, unknown>>;

/** The compiler holds it equal to CallEvent: each name is there, and no other. */
const EVENT_TYPES: Readonly<Record<CallEvent['type'], true>> = {
  ...{ started: true, model: true, 'caller-said': true, 'agent-said': true, interrupted: true, resumed: true },
  ...{ digits: true, 'tool-started': true, 'tool-finished': true, filler: true, steered: true },
  ...{ 'response-done': true, ended: true },
};

const EVENT = z
  .looseObject({ atMs: z.int(), type: z.enum(Object.keys(EVENT_TYPES)) })
  .describe('One event of the call, with the fields of its type. In the stream it stands behind `data:`.');

const PROBLEM = z
  .object({
    ...{ type: z.string(), title: z.string(), status: z.int(), detail: z.string() },
    code: z.enum(Object.keys(PROBLEM_CODES)),
    errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
  })
  .describe('RFC 9457.');

/** Of the API, not of the program: grows when a client would have to change. */
const API_VERSION = '1.0.0';

/** The API as OpenAPI 3.1, made of the schemas that the bodies are checked with. */
export function openApi(): Json {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of ROUTES) {
    paths[route.path] ??= route.path.includes('{callSid}')
      ? { parameters: [{ $ref: '#/components/parameters/callSid' }] }
      : {};
    paths[route.path]![route.method.toLowerCase()] = operation(route);
  }
  return {
    openapi: '3.1.0',
    info: {
      ...{ title: 'voicebridge operator API', version: API_VERSION, license: { name: 'MIT', identifier: 'MIT' } },
      description: 'Watches and steers the calls that a relay carries while they go on.',
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }],
    paths,
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'VOICEBRIDGE_OPERATOR_TOKEN of the relay.' },
      },
      parameters: {
        callSid: {
          ...{ name: 'callSid', in: 'path', required: true },
          schema: { type: 'string', pattern: '^[\\w-]{1,64}$' },
          description: "The carrier's name of the call.",
        },
      },
      schemas: {
        ...{ Calls: schemaOf(CALLS), Call: schemaOf(CALL), Transcript: schemaOf(TRANSCRIPT) },
        ...{ CallEvent: schemaOf(EVENT), Problem: schemaOf(PROBLEM) },
      },
    },
  };
}

function operation(route: Route): Json {
  const { operationId, summary, action, open } = route;
  const body = action.type === 'command' ? action.command : undefined;
  return {
    operationId,
    summary,
    ...(open && { security: [] }),
    ...(action.type === 'events' && { parameters: [LAST_EVENT_ID] }),
    ...(body && {
      requestBody: {
        required: schemaOf(body.body).required !== undefined || 'minProperties' in schemaOf(body.body),
        content: { 'application/json': { schema: schemaOf(body.body), example: body.example } },
      },
    }),
    responses: { ...success(route), ...problems(route) },
  };
}

const LAST_EVENT_ID = {
  ...{ name: 'Last-Event-ID', in: 'header', required: false, schema: { type: 'integer', minimum: 0 } },
  description: 'The id of the last event that was seen: only later ones are sent.',
};

function success({ action }: Route): Json {
  const json = (name: string): Json => ({ 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } });
  switch (action.type) {
    case 'describe-api':
      return {
        200: { description: 'This description', content: { 'application/json': { schema: { type: 'object' } } } },
      };
    case 'list':
      return { 200: { description: 'The calls, oldest first', content: json('Calls') } };
    case 'details':
      return { 200: { description: 'The call', content: json('Call') } };
    case 'transcript':
      return {
        200: {
          description: 'The lines of both sides, in the order in which they were spoken',
          content: { ...json('Transcript'), 'text/plain': { schema: { type: 'string' } } },
        },
      };
    case 'events':
      return {
        200: {
          description: 'The events, each with an id',
          content: { 'text/event-stream': { schema: { $ref: '#/components/schemas/CallEvent' } } },
        },
      };
    case 'command':
    case 'hang-up':
      return { 202: { description: 'Taken: it is done as soon as it can be, and shows among the events' } };
  }
}

function problems({ path, action, open }: Route): Json {
  const statuses = new Map<number, string>();
  const add = (status: number, description: string): void => void statuses.set(status, description);
  if (!open) add(401, 'No token, or a wrong one');
  if (path.includes('{callSid}')) {
    add(404, 'There is no such call');
    add(409, 'The call is over, or has not come far enough');
  }
  if (action.type === 'events') {
    add(400, 'Last-Event-ID is no id');
    add(503, 'Too many readers');
  }
  if (action.type === 'command') {
    add(400, 'The body is not what is described');
    add(413, 'The body is too large');
    add(415, 'The body is not application/json');
  }
  const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
  return Object.fromEntries([...statuses].map(([status, description]) => [status, { description, content }]));
}

function schemaOf(schema: z.ZodType): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { target: 'draft-2020-12', io: 'input' });
  return rest;
}
