import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import { type AudioFormat, L16_24K, PCMA_8K, PCMU_8K } from '../audio/format.js';
import type { Clock } from '../clock.js';
import { type Message, sendMessage } from '../text-frames.js';
import { DIALECTS, type Dialect, type WireAudio } from './dialects.js';
import type {
  ClosedCause,
  HistoryLine,
  ModelConnection,
  ModelEvent,
  ModelSession,
  OpenModel,
  SessionChange,
} from './model.js';
import {
  causeOfClose,
  causeOfError,
  causeOfSocketError,
  causeOfStatus,
  openaiErrorKind,
  reasonOfError,
} from './openai-causes.js';
import { type OpenAIEvent, readOpenAIEvent } from './openai-events.js';
import { type ClientMessage, change, configuration, createItem, forcedLine, textItem } from './openai-messages.js';
import { readRefusal } from './openai-refusal.js';

/** How to reach one model that speaks OpenAI's Realtime protocol (GA). */
export interface OpenAIModelOptions {
  /** `wss://api.openai.com/v1/realtime?model=gpt-realtime-2.1`, or any compatible ws(s) address. */
  readonly url: string;
  /** Sent as a bearer token; a local model needs none. */
  readonly key?: string;
  /** Headers of the handshake, in place of the bearer token. */
  readonly headers?: Readonly<Record<string, string>>;
  /** In what the provider differs; OpenAI itself when absent. */
  readonly dialect?: Dialect;
  /** Format both ways. `pcmu` travels end to end without transcoding; `pcm` is L16 at 24 kHz. */
  readonly audio: WireAudio;
  /** The model does not take this format. With it the connection ends as `lost`: the next one should ask for another. */
  readonly onFormatRefused?: () => void;
  readonly clock: Clock;
  /** For handshake, session.created and session.updated together. */
  readonly connectTimeoutMs: number;
  /** Milliseconds between pings; a ping unanswered until the next one ends the connection. */
  readonly pingEveryMs: number;
  readonly maxMessageBytes: number;
}

const FORMATS: Readonly<Record<WireAudio, AudioFormat>> = { pcmu: PCMU_8K, pcma: PCMA_8K, pcm: L16_24K };

/** `OpenModel` for OpenAI Realtime and what is compatible with it. */
export function openaiModel(options: OpenAIModelOptions): OpenModel {
  return (session, onEvent) => new OpenAIConnection(options, session, onEvent);
}

/**
 * ```
 *  connecting ──session.created, or xAI's conversation.created──▶ configuring ──session.updated──▶ ready ──▶ closed
 *       └──────────────────────── error, close or connectTimeoutMs ──────────────────────────────────────────▲
 * ```
 */
class OpenAIConnection implements ModelConnection {
  readonly interruption = 'client';
  readonly cancelsOnSpeech: boolean;
  readonly answersByItself: boolean;
  readonly input: AudioFormat;
  readonly output: AudioFormat;
  readonly say?: (line: string) => void;
  readonly #options: OpenAIModelOptions;
  readonly #dialect: Dialect;
  readonly #session: ModelSession;
  readonly #onEvent: (event: ModelEvent) => void;
  readonly #socket: WebSocket;
  /** What it runs over; there once it is open. */
  #tcp: Socket | undefined;
  #state: 'connecting' | 'configuring' | 'ready' | 'closed' = 'connecting';
  #eventNumber = 0;
  /** Our last updates and truncations: an error that answers one of them means something else than it would alone. */
  readonly #answerable = new Map<string, string>();
  #truncates = true;
  readonly #callerWords = new Map<string, string>();
  /** The model's own time of day at the handshake, where it told it. */
  #serverTimeMs: number | undefined;
  #expiresAtMs: number | undefined;
  #conversationId: string | undefined;
  readonly #cancelConnectTimer: () => void;
  #cancelPing: (() => void) | undefined;
  #awaitingPong = false;

  constructor(options: OpenAIModelOptions, session: ModelSession, onEvent: (event: ModelEvent) => void) {
    this.#options = options;
    this.#dialect = options.dialect ?? DIALECTS.openai;
    this.#session = session;
    this.cancelsOnSpeech = session.turnDetection.interruptsResponses;
    this.answersByItself = session.turnDetection.createsResponses;
    this.#onEvent = onEvent;
    this.input = FORMATS[options.audio];
    this.output = FORMATS[options.audio];
    if (this.#dialect.speaksLines) this.say = (line) => this.#send(forcedLine(line));
    const { clock } = options;
    this.#socket = new WebSocket(this.#address(), {
      headers: options.headers ?? (options.key ? { Authorization: `Bearer ${options.key}` } : {}),
      perMessageDeflate: false,
      maxPayload: options.maxMessageBytes,
      handshakeTimeout: options.connectTimeoutMs,
    });
    this.#cancelConnectTimer = clock.at(clock.now() + options.connectTimeoutMs, () =>
      this.#fail(`no session within ${options.connectTimeoutMs} ms`, 'lost'),
    );
    this.#socket.on('message', (data, isBinary) => this.#onMessage(isBinary ? '' : data.toString()));
    this.#socket.on('pong', () => {
      this.#awaitingPong = false;
    });
    this.#socket.on('upgrade', ({ headers, socket }) => {
      this.#tcp = socket;
      const serverTimeMs = Date.parse(headers.date ?? '');
      if (!Number.isNaN(serverTimeMs)) this.#serverTimeMs = serverTimeMs;
    });
    this.#socket.on('unexpected-response', (request, response) =>
      readRefusal(response, (code) => {
        request.destroy();
        const { statusCode } = response;
        this.#fail(`it answered HTTP ${statusCode}${code ? ` (${code})` : ''}`, causeOfStatus(statusCode, code));
      }),
    );
    this.#socket.on('error', (error: NodeJS.ErrnoException) =>
      this.#fail(error.code ?? error.message, causeOfSocketError(error.code ?? '')),
    );
    this.#socket.on('close', (code, reason) => {
      const isPastExpiry = this.#expiresAtMs !== undefined && clock.now() >= this.#expiresAtMs - EXPIRY_SLACK_MS;
      this.#fail(`it closed the connection (${code})`, causeOfClose(code, reason.toString(), isPastExpiry));
    });
  }

  audio(payload: string): void {
    // Not serialised, not even joined: base64 needs no escaping, and this runs fifty times a second for every call.
    this.#write([APPEND_HEAD, payload, APPEND_TAIL]);
  }

  respond(options: { instructions?: string; toolChoice?: 'none' } = {}): void {
    const { instructions, toolChoice } = options;
    const response = { ...(instructions && { instructions }), ...(toolChoice && { tool_choice: toolChoice }) };
    this.#send({ type: 'response.create', ...(Object.keys(response).length > 0 && { response }) });
  }

  cancel(responseId: string): void {
    this.#send({ type: 'response.cancel', response_id: responseId });
  }

  truncate(itemId: string, contentIndex: number, audioEndMs: number): void {
    if (!this.#truncates) return;
    this.#send({
      type: 'conversation.item.truncate',
      item_id: itemId,
      content_index: contentIndex,
      audio_end_ms: audioEndMs,
    });
  }

  addText(line: HistoryLine): void {
    this.#send(textItem(line));
  }

  toolResult(callId: string, output: string): void {
    this.#send(createItem({ type: 'function_call_output', call_id: callId, output }));
  }

  deleteItem(itemId: string): void {
    this.#send({ type: 'conversation.item.delete', item_id: itemId });
  }

  update(sessionChange: SessionChange): void {
    this.#send(change(sessionChange));
  }

  close(): void {
    if (this.#state === 'closed') return;
    this.#leave();
    this.#socket.close(1000);
  }

  #onMessage(text: string): void {
    if (this.#state === 'closed') return;
    const event = readOpenAIEvent(text);
    switch (event.type) {
      case 'session-created':
        if (event.expiresAtSeconds !== undefined) this.#expires(event.expiresAtSeconds);
        return this.#configure();
      case 'conversation-created':
        this.#conversationId = event.conversationId;
        return this.#configure();
      case 'session-updated':
        return this.#configured(event.format);
      case 'error':
        return this.#error(event);
      case 'caller-delta': {
        const said = (this.#callerWords.get(event.itemId) ?? '') + event.delta;
        this.#callerWords.set(event.itemId, said);
        return this.#onEvent({ type: 'caller-text', itemId: event.itemId, text: said, final: false });
      }
      case 'caller-text':
        if (event.final) this.#callerWords.delete(event.itemId);
        return this.#onEvent(event);
      case 'ignored':
        return;
      default:
        this.#onEvent(event);
    }
  }

  #configure(): void {
    if (this.#state !== 'connecting') return;
    this.#state = 'configuring';
    this.#send(configuration(this.#session, this.#dialect, this.#options.audio));
  }

  #configured(format: string | undefined): void {
    if (this.#state !== 'configuring') return;
    // A server may pass over a format that it does not know: then it would hear µ-law as linear audio.
    if (format !== undefined && format !== `audio/${this.#options.audio}` && this.#options.onFormatRefused) {
      return this.#refuseFormat(`it goes on with ${format}`);
    }
    this.#state = 'ready';
    this.#cancelConnectTimer();
    this.#schedulePing();
    const { clock } = this.#options;
    const conversationId = this.#dialect.resumes ? this.#conversationId : undefined;
    const resumed = conversationId !== undefined && conversationId === this.#session.resume;
    if (!resumed) for (const line of this.#session.history) this.addText(line);
    this.#onEvent({
      type: 'ready',
      ...(this.#expiresAtMs !== undefined && { expiresInMs: Math.max(0, this.#expiresAtMs - clock.now()) }),
      ...(conversationId !== undefined && { conversationId }),
      ...(resumed && { resumed }),
    });
  }

  #error({ code, message, param, eventId }: OpenAIEvent & { type: 'error' }): void {
    if (this.#state === 'connecting') return this.#fail(reasonOfError(code, message), causeOfError(code));
    if (this.#state === 'configuring') {
      // Nothing can be said to a session whose configuration was refused: it would hear µ-law as linear audio.
      if (param?.includes('format') && this.#options.onFormatRefused) return this.#refuseFormat(message);
      return this.#fail(reasonOfError(code, message), causeOfError(code));
    }
    const kind = openaiErrorKind(code, message);
    if (kind === 'fatal') return this.#fail(reasonOfError(code, message), causeOfError(code));
    const answered = eventId === undefined ? undefined : this.#answerable.get(eventId);
    const aboutTruncation = answered === 'conversation.item.truncate' || message.includes('conversation.item.truncate');
    if (kind === 'other' && aboutTruncation && this.#dialect.truncate === 'try') this.#truncates = false;
    this.#onEvent({ type: 'error', code, message, benign: kind === 'benign' || answered !== undefined });
  }

  #refuseFormat(reason: string): void {
    this.#options.onFormatRefused?.();
    this.#fail(`it does not take audio/${this.#options.audio}: ${reason}`, 'lost');
  }

  /** By the server's own time of day when it told it: this machine's may be wrong by minutes. */
  #expires(atSeconds: number): void {
    const inMs = atSeconds * 1000 - (this.#serverTimeMs ?? Date.now());
    if (inMs > 0) this.#expiresAtMs = this.#options.clock.now() + inMs;
  }

  #address(): string {
    const { url } = this.#options;
    if (!this.#dialect.resumes || this.#session.resume === undefined) return url;
    const address = new URL(url);
    address.searchParams.set('conversation_id', this.#session.resume);
    return address.href;
  }

  /** Control events only: each carries an id, which an error that answers it repeats. */
  #send(event: ClientMessage): void {
    this.#eventNumber += 1;
    const eventId = `vb_${this.#eventNumber}`;
    const { type, ...rest } = event;
    if (type === 'session.update' || type === 'conversation.item.truncate') this.#remember(eventId, type);
    this.#write(JSON.stringify({ type, event_id: eventId, ...rest }));
  }

  #remember(eventId: string, type: string): void {
    this.#answerable.set(eventId, type);
    if (this.#answerable.size > ANSWERABLE_KEPT) this.#answerable.delete(this.#answerable.keys().next().value!);
  }

  #write(message: Message): void {
    if (this.#state !== 'closed' && this.#socket.readyState === WebSocket.OPEN)
      sendMessage(this.#socket, this.#tcp!, message);
  }

  /** OpenAI documents no ping of its own: a silent death of the connection shows only in a pong that never comes. */
  #schedulePing(): void {
    const { clock, pingEveryMs } = this.#options;
    this.#cancelPing = clock.at(clock.now() + pingEveryMs, () => {
      if (this.#awaitingPong) return this.#fail('it stopped answering pings', 'lost');
      this.#awaitingPong = true;
      this.#socket.ping();
      this.#schedulePing();
    });
  }

  #fail(reason: string, cause: ClosedCause): void {
    if (this.#state === 'closed') return;
    this.#leave();
    this.#socket.terminate();
    this.#onEvent({ type: 'closed', reason, cause });
  }

  #leave(): void {
    this.#state = 'closed';
    this.#cancelConnectTimer();
    this.#cancelPing?.();
  }
}

/** How long before the time it named a model may end a session for its age. */
const EXPIRY_SLACK_MS = 5_000;
/** More than this are never on their way at once. */
const ANSWERABLE_KEPT = 64;

const APPEND_HEAD = '{"type":"input_audio_buffer.append","audio":"';
const APPEND_TAIL = '"}';
