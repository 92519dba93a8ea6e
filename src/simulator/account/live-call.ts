/** What an account may do to a call that goes on: the phone that carries it registers itself with the account. */
export interface LiveAccountCall {
  readonly callSid: string;
  /** The present verb ends (a stream with `stop`), and the call goes on with this TwiML. */
  redirect(to: { readonly url: string; readonly method: 'GET' | 'POST' } | { readonly twiml: string }): void;
  /** Ends the call; every verb and stream of it with it. */
  hangUp(): void;
}

/** Twilio's own words for the state of a call. */
export type CallStatus =
  | 'queued'
  | 'initiated'
  | 'ringing'
  | 'in-progress'
  | 'completed'
  | 'busy'
  | 'failed'
  | 'no-answer'
  | 'canceled';

/** A call as it is entered into the account's books. Numbers are E.164. */
export interface CallEntry {
  readonly callSid: string;
  readonly accountSid: string;
  readonly from: string;
  readonly to: string;
  readonly direction: 'inbound' | 'outbound-api' | 'outbound-dial';
  readonly parentCallSid?: string;
}

/** The part of an account that a phone needs: it opens calls there, tells what becomes of them, and can be acted on. */
export interface CallRegistry {
  /** The call exists from now on. */
  begin(entry: CallEntry, live: LiveAccountCall): void;
  status(callSid: string, status: CallStatus): void;
  /** Over; `durationSeconds` as Twilio bills it. */
  end(callSid: string, status: CallStatus, durationSeconds: number): void;
}
