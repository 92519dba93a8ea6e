import type { ServerResponse } from 'node:http';

/** What a program can tell apart without reading the sentence. */
export const PROBLEM_CODES = {
  'body-invalid': 400,
  'event-id-invalid': 400,
  'tool-unknown': 400,
  'token-missing': 401,
  'token-wrong': 401,
  'not-found': 404,
  'call-unknown': 404,
  'method-not-allowed': 405,
  'call-over': 409,
  'call-not-ready': 409,
  'account-missing': 409,
  'body-too-large': 413,
  'body-not-json': 415,
  'too-many-readers': 503,
  internal: 500,
} as const;

export type ProblemCode = keyof typeof PROBLEM_CODES;

/** One mistake in a body: where, and what is allowed there. */
export interface Mistake {
  /** A JSON pointer (RFC 6901); empty for the whole body. */
  readonly pointer: string;
  readonly detail: string;
}

export interface ProblemExtras {
  readonly headers?: Readonly<Record<string, string>>;
  readonly errors?: readonly Mistake[];
}

/** A refusal of the operator's API. Throw it: it becomes an application/problem+json (RFC 9457). */
export class Problem extends Error {
  readonly code: ProblemCode;
  readonly extras: ProblemExtras;

  constructor(code: ProblemCode, detail: string, extras: ProblemExtras = {}) {
    super(detail);
    this.code = code;
    this.extras = extras;
  }

  get status(): number {
    return PROBLEM_CODES[this.code];
  }
}

export function sendProblem(response: ServerResponse, problem: Problem): void {
  const { status, code, message, extras } = problem;
  const body = { type: 'about:blank', title: TITLES[status], status, code, detail: message, errors: extras.errors };
  send(response, status, 'application/problem+json', JSON.stringify(body), extras.headers);
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  send(response, status, 'application/json', JSON.stringify(body));
}

/** Nothing of a call belongs into a cache. */
export function send(
  response: ServerResponse,
  status: number,
  type: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, {
    ...{ 'Content-Type': type, 'Content-Length': Buffer.byteLength(body), 'Cache-Control': 'no-store' },
    ...headers,
  });
  response.end(body);
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};
