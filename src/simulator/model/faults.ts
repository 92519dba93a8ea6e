/** Ways to misbehave on request. Each is off unless given. */
export interface ModelFaults {
  /** Refuses the WebSocket upgrade with this HTTP status: 401, 403, 404, 429, 500… */
  readonly refuse?: number;
  /**
   * Says nothing: `handshake` never answers the upgrade, `session` opens the socket and sends no event at all,
   * `responses` begins every response and never sends its audio.
   */
  readonly silent?: 'handshake' | 'session' | 'responses';
  /** The n-th response (counted from 1; every one without `response`) stops after so much audio for so long. */
  readonly stall?: { readonly response?: number; readonly afterAudioMs: number; readonly forMs: number };
  /** The socket goes away in the middle of the n-th response: closed with `code`, or cut without one. */
  readonly drop?: { readonly response?: number; readonly afterAudioMs: number; readonly code?: number };
  /** The n-th response ends `failed` instead of being spoken. */
  readonly fail?: { readonly response?: number };
  /** After a cancellation audio keeps coming for so long before the response is done. */
  readonly lateDeltasMs?: number;
  /** Every speech_started is sent twice. */
  readonly speechStartedTwice?: boolean;
  /** A close from the client is never answered. */
  readonly ignoreClose?: boolean;
}

/** The fault, if it is meant for the n-th response or for all of them. */
export function strikes<Fault extends { readonly response?: number }>(
  fault: Fault | undefined,
  nth: number,
): Fault | undefined {
  return fault?.response === undefined || fault.response === nth ? fault : undefined;
}
