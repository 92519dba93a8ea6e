import type { ConversationItem, RealtimeClientEvent } from 'openai/resources/realtime/realtime';
import { WebSocket } from 'ws';
import { type AudioFormat, L16_24K, PCMA_8K, PCMU_8K } from '../audio/format.js';
import type { Clock } from '../clock.js';
import type { HistoryLine, ModelConnection, ModelEvent, ModelSession, OpenModel, SessionChange } from './model.js';
import { openaiErrorKind, readOpenAIEvent } from './openai-events.js';

/** How to reach one model that speaks OpenAI's Realtime protocol (GA). */
export interface OpenAIModelOptions {
  /** `wss://api.openai.com/v1/realtime?model=gpt-realtime-2.1`, or any compatible ws(s) address. */
  readonly url: string;
  /** Sent as a bearer token; a local model needs none. */
  readonly key?: string;
  /** Format both ways. `pcmu` travels end to end without transcoding; `pcm` is L16 at 24 kHz. */
  readonly audio: 'pcmu' | 'pcma' | 'pcm';
  readonly clock: Clock;
  /** For handshake, session.created and session.updated together. */
  readonly connectTimeoutMs: number;
  /** Milliseconds between pings; a ping unanswered until the next one ends the connection. */
  readonly pingEveryMs: number;
  readonly maxMessageBytes: number;
}

const FORMATS = { pcmu: PCMU_8K, pcma: PCMA_8K, pcm: L16_24K } as const satisfies Record<string, AudioFormat>;

/** `OpenModel` for OpenAI Realtime and what is compatible with it. */
export function openaiModel(options: OpenAIModelOptions): OpenModel {
  return (session, onEvent) => new OpenAIConnection(options, session, onEvent);
}

/**
 * ```
 *  connecting ──open──▶ greeted? ──session.created──▶ configuring ──session.updated──▶ ready ──▶ closed
 *       └───────────────────────── error, close or connectTimeoutMs ────────────────────────────────▲
 * ```
 */
class OpenAIConnection implements ModelConnection {
  readonly interruption = 'client';
  readonly cancelsOnSpeech: boolean;
  readonly answersByItself: boolean;
  readonly input: AudioFormat;
  readonly output: AudioFormat;
  readonly #options: OpenAIModelOptions;
  readonly #session: ModelSession;
  readonly #onEvent: (event: ModelEvent) => void;
  readonly #socket: WebSocket;
  #state: 'connecting' | 'configuring' | 'ready' | 'closed' = 'connecting';
  #eventNumber = 0;
  #cancelConnectTimer: () => void;
  #cancelPing: (() => void) | undefined;
  #awaitingPong = false;

  constructor(options: OpenAIModelOptions, session: ModelSession, onEvent: (event: ModelEvent) => void) {
    this.#options = options;
    this.#session = session;
    this.cancelsOnSpeech = session.turnDetection.interruptsResponses;
    this.answersByItself = session.turnDetection.createsResponses;
    this.#onEvent = onEvent;
    this.input = FORMATS[options.audio];
    this.output = FORMATS[options.audio];
    const { clock } = options;
    this.#socket = new WebSocket(options.url, {
      headers: options.key ? { Authorization: `Bearer ${options.key}` } : {},
      perMessageDeflate: false,
      maxPayload: options.maxMessageBytes,
      handshakeTimeout: options.connectTimeoutMs,
    });
    this.#cancelConnectTimer = clock.at(clock.now() + options.connectTimeoutMs, () =>
      this.#fail(`no session within ${options.connectTimeoutMs} ms`),
    );
    this.#socket.on('message', (data, isBinary) => this.#onMessage(isBinary ? '' : data.toString()));
    this.#socket.on('pong', () => {
      this.#awaitingPong = false;
    });
    this.#socket.on('unexpected-response', (request, response) => {
      request.destroy();
      this.#fail(`it answered HTTP ${response.statusCode}`);
    });
    this.#socket.on('error', (error: NodeJS.ErrnoException) => this.#fail(error.code ?? error.message));
    this.#socket.on('close', (code) => this.#fail(`it closed the connection (${code})`));
  }

  audio(payload: string): void {
    // Joined, not serialised: base64 needs no escaping, and this runs fifty times a second for every call.
    this.#write(`{"type":"input_audio_buffer.append","audio":"${payload}"}`);
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
    this.#send({
      type: 'conversation.item.truncate',
      item_id: itemId,
      content_index: contentIndex,
      audio_end_ms: audioEndMs,
    });
  }

  addText({ role, text }: HistoryLine): void {
    const item: ConversationItem =
      role === 'agent'
        ? { type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] }
        : { type: 'message', role: role === 'caller' ? 'user' : 'system', content: [{ type: 'input_text', text }] };
    this.#send({ type: 'conversation.item.create', item });
  }

  toolResult(callId: string, output: string): void {
    this.#send({ type: 'conversation.item.create', item: { type: 'function_call_output', call_id: callId, output } });
  }

  deleteItem(itemId: string): void {
    this.#send({ type: 'conversation.item.delete', item_id: itemId });
  }

  update({ instructions, tools }: SessionChange): void {
    this.#send({
      type: 'session.update',
      session: {
        type: 'realtime',
        ...(instructions !== undefined && { instructions }),
        ...(tools && {
          tools: tools.map(({ parameters, ...tool }) => ({ type: 'function', parameters: { ...parameters }, ...tool })),
        }),
      },
    });
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
        if (this.#state !== 'connecting') return;
        this.#state = 'configuring';
        this.#send(this.#configuration());
        return;
      case 'session-updated':
        if (this.#state !== 'configuring') return;
        this.#state = 'ready';
        this.#cancelConnectTimer();
        this.#schedulePing();
        this.#onEvent({ type: 'ready' });
        return;
      case 'error': {
        const kind = openaiErrorKind(event.code, event.message);
        // Nothing can be said to a session whose configuration was refused: it would hear µ-law as linear audio.
        if (kind === 'fatal' || this.#state === 'configuring') this.#fail(`${event.code}: ${event.message}`);
        else this.#onEvent({ ...event, benign: kind === 'benign' });
        return;
      }
      case 'ignored':
        return;
      default:
        this.#onEvent(event);
    }
  }

  #configuration(): RealtimeClientEvent {
    const format = { pcmu: 'audio/pcmu', pcma: 'audio/pcma', pcm: 'audio/pcm' } as const;
    const type = format[this.#options.audio];
    const wire = type === 'audio/pcm' ? ({ type, rate: 24_000 } as const) : { type };
    return {
      type: 'session.update',
      session: {
        type: 'realtime',
        output_modalities: ['audio'],
        instructions: this.#session.instructions,
        audio: {
          input: {
            format: wire,
            turn_detection: { type: 'server_vad', create_response: true, interrupt_response: true },
          },
          output: { format: wire, ...(this.#session.voice ? { voice: this.#session.voice } : {}) },
        },
      },
    };
  }

  /** Control events only: each carries an id, which an error that answers it repeats. */
  #send(event: RealtimeClientEvent): void {
    this.#eventNumber += 1;
    const { type, ...rest } = event;
    this.#write(JSON.stringify({ type, event_id: `vb_${this.#eventNumber}`, ...rest }));
  }

  #write(text: string): void {
    if (this.#state !== 'closed' && this.#socket.readyState === WebSocket.OPEN) this.#socket.send(text);
  }

  /** OpenAI documents no ping of its own: a silent death of the connection shows only in a pong that never comes. */
  #schedulePing(): void {
    const { clock, pingEveryMs } = this.#options;
    this.#cancelPing = clock.at(clock.now() + pingEveryMs, () => {
      if (this.#awaitingPong) return this.#fail('it stopped answering pings');
      this.#awaitingPong = true;
      this.#socket.ping();
      this.#schedulePing();
    });
  }

  #fail(reason: string): void {
    if (this.#state === 'closed') return;
    this.#leave();
    this.#socket.terminate();
    this.#onEvent({ type: 'closed', reason, cause: 'lost' });
  }

  #leave(): void {
    this.#state = 'closed';
    this.#cancelConnectTimer();
    this.#cancelPing?.();
  }
}
