import type { ModelScript } from './script/file.js';

/** Ways to misbehave on request. Each is off unless given. */
export interface ModelFaults {
  /** Refuses the WebSocket upgrade with this HTTP status: 401, 403, 404, 429, 500… */
  readonly refuse?: number;
  /** The session begins with this error, and is closed. */
  readonly error?: 'invalid_api_key' | 'insufficient_quota' | 'model_not_found';
  /** The WebSocket handshake is answered so much later. */
  readonly connectDelayMs?: number;
  /**
   * Says nothing: `handshake` never answers the upgrade, `session` opens the socket and sends no event at all,
   * `responses` begins every response and never sends its audio.
   */
  readonly silent?: 'handshake' | 'session' | 'responses';
  /** After so long in a session nothing more is sent, and no ping is answered. */
  readonly hangsAfterMs?: number;
  /** A ping is never answered. */
  readonly ignorePings?: boolean;
  /** The session ends after so long with `session_expired` and close 1001. */
  readonly expiresAfterMs?: number;
  /** The socket goes away after so long in a session: closed with `code`, or reset without one. */
  readonly dropAfter?: { readonly ms: number; readonly code?: number };
  /** The n-th response (counted from 1; every one without `response`) stops after so much audio for so long. */
  readonly stall?: { readonly response?: number; readonly afterAudioMs: number; readonly forMs: number };
  /** The socket goes away in the middle of the n-th response: closed with `code`, or reset without one. */
  readonly drop?: { readonly response?: number; readonly afterAudioMs: number; readonly code?: number };
  /** The n-th response ends `failed` instead of being spoken, with this code; `server_error` without one. */
  readonly fail?: { readonly response?: number; readonly code?: string };
  /** After a cancellation audio keeps coming for so long before the response is done. */
  readonly lateDeltasMs?: number;
  /** Every speech_started is sent twice. */
  readonly speechStartedTwice?: boolean;
  /** A close from the client is never answered. */
  readonly ignoreClose?: boolean;
  /** `conversation.item.truncate` is refused, as by a server that does not know it. */
  readonly refuseTruncate?: boolean;
  /** What `rate_limits.updated` says after every response. */
  readonly rateLimits?: readonly {
    readonly name: 'requests' | 'tokens';
    readonly limit: number;
    readonly remaining: number;
    readonly reset_seconds: number;
  }[];
}

/** The fault, if it is meant for the n-th response or for all of them. */
export function strikes<Fault extends { readonly response?: number }>(
  fault: Fault | undefined,
  nth: number,
): Fault | undefined {
  return fault?.response === undefined || fault.response === nth ? fault : undefined;
}

/** How the n-th session misbehaves: as asked for all of them, and as the script says of this one. Later entries win. */
export function faultsOf(base: ModelFaults, script: Pick<ModelScript, 'sessions'>, nth: number): ModelFaults {
  const own = (script.sessions ?? []).filter(({ session }) => session === undefined || session === nth);
  return Object.assign({}, base, ...own.map(written)) as ModelFaults;
}

type WrittenSession = NonNullable<ModelScript['sessions']>[number];

function written(session: WrittenSession): ModelFaults {
  const { connectDelay, hangs, expires, drop, lateDeltas, rateLimits, session: _, ...same } = session;
  const given = {
    ...same,
    connectDelayMs: connectDelay,
    hangsAfterMs: hangs,
    expiresAfterMs: expires,
    dropAfter: drop && { ms: drop.after, ...(drop.code !== undefined && { code: drop.code }) },
    lateDeltasMs: lateDeltas,
    rateLimits: rateLimits?.map(({ name, limit, remaining, reset }) => ({
      name,
      limit: limit ?? remaining,
      remaining,
      reset_seconds: (reset ?? 0) / 1000,
    })),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as ModelFaults;
}
