/** What an account may do to a call that goes on: the phone that carries it registers itself with the account. */
export interface LiveAccountCall {
  readonly callSid: string;
  /** The present verb ends (a stream with `stop`), and the call goes on with this TwiML. */
  redirect(to: { readonly url: string; readonly method: 'GET' | 'POST' } | { readonly twiml: string }): void;
  /** Ends the call; every verb and stream of it with it. */
  hangUp(): void;
  /** Opens a one-way stream beside what the call does. A phone that has no such thing leaves it out. */
  startStream?(stream: AccountStream): void;
  /** Ends the one-way stream of that name or sid. */
  stopStream?(sidOrName: string): void;
}

/** A one-way stream as `Calls/{CA}/Streams` asks for it. */
export interface AccountStream {
  readonly streamSid: string;
  readonly name?: string;
  readonly url: string;
  readonly track: 'inbound_track' | 'outbound_track' | 'both_tracks';
  readonly parameters: Readonly<Record<string, string>>;
  readonly statusCallback?: string;
  readonly statusCallbackMethod: 'GET' | 'POST';
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

/** A caller who comes into a room, as `<Dial><Conference>` says it. Twilio's defaults where something is left out. */
export interface ConferenceJoin {
  readonly friendlyName: string;
  readonly callSid: string;
  readonly startConferenceOnEnter?: boolean;
  readonly endConferenceOnExit?: boolean;
  readonly muted?: boolean;
  readonly maxParticipants?: number;
  readonly label?: string;
  readonly statusCallback?: string;
  readonly statusCallbackMethod?: 'GET' | 'POST';
  /** `start end join leave mute hold`, with blanks between them. */
  readonly statusCallbackEvent?: string;
  /** The room has closed, or the caller was put out of it: the verb ends, and the call goes on after it. */
  onOut?(reason: string): void;
}

/** A place in a room. */
export interface ConferenceSeat {
  readonly conferenceSid: string;
  readonly muted: boolean;
  readonly hold: boolean;
  /** The caller leaves by themself: the verb was ended by a redirect or a hang-up. */
  leave(): void;
}

/** A person who is dialled by a call that goes on, as `<Dial><Number>` does it. */
export interface Dialling {
  readonly from: string;
  readonly to: string;
  readonly parentCallSid: string;
  /** How long it may ring. */
  readonly timeoutSeconds: number;
  onRinging?(): void;
  onAnswered?(): void;
  /** Over: never answered, or hung up; `durationSeconds` is 0 for a call that was not answered. */
  onOver?(status: CallStatus, durationSeconds: number): void;
}

export interface DialledLeg {
  readonly callSid: string;
  hangUp(): void;
}

/** An account as a phone sees it that can also dial people and enter rooms. */
export interface AccountLine extends CallRegistry {
  dial(dialling: Dialling): DialledLeg;
  /** Undefined when the room is full. */
  join(join: ConferenceJoin): ConferenceSeat | undefined;
  /** What is at the other end of a number that was dialled: a machine says a greeting of this length, then beeps. */
  personAt(number: string): { readonly kind: string; readonly greetingMs: number };
}
