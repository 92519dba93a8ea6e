import type { ConversationItem, RealtimeServerEvent } from 'openai/resources/realtime/realtime';

/**
 * The official types, with one correction: where they say that a property may be absent, the server writes `null`
 * (`status_details`, `transcript`, `usage`…), as recordings of its wire show.
 */
type WithNulls<T> = T extends readonly (infer Element)[]
  ? WithNulls<Element>[]
  : T extends object
    ? { [Key in keyof T]: undefined extends T[Key] ? WithNulls<T[Key]> | null : WithNulls<T[Key]> }
    : T;

type Unnumbered<Event> = Event extends { event_id: string } ? WithNulls<Omit<Event, 'event_id'>> : never;

/** xAI tells the caller's words cumulatively: the newest event replaces the ones before it. */
interface TranscriptionUpdated {
  readonly type: 'conversation.item.input_audio_transcription.updated';
  readonly item_id: string;
  readonly content_index: number;
  readonly transcript: string;
}

/** Every event the server may send, but for its `event_id`, which is given when it is written. */
export type ServerEvent = Unnumbered<RealtimeServerEvent> | TranscriptionUpdated;

export type WireItem = WithNulls<ConversationItem>;

export type ResponseObject = Extract<ServerEvent, { type: 'response.done' }>['response'];

/** Sends one event on one session. */
export type Send = (event: ServerEvent) => void;
