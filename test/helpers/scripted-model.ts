import { type AudioFormat, PCMU_8K } from '../../src/audio/format.js';
import type { ModelConnection, ModelEvent, ModelSession, OpenModel, ResponseStatus } from '../../src/model/model.js';

/** A model that does what the test says and writes down what it is told. */
export class ScriptedModel {
  /** One line per call of the relay: `audio <payload>`, `truncate item_1 0 730`, … */
  readonly said: string[] = [];
  #onEvent: ((event: ModelEvent) => void) | undefined;
  readonly #format: AudioFormat;

  constructor(format: AudioFormat = PCMU_8K) {
    this.#format = format;
  }

  /** What each session was opened with. */
  readonly sessions: ModelSession[] = [];

  readonly open: OpenModel = (session, onEvent) => {
    this.sessions.push(session);
    this.#onEvent = onEvent;
    const say = (line: string): void => void this.said.push(line);
    const connection: ModelConnection = {
      interruption: 'client',
      cancelsOnSpeech: session.turnDetection.interruptsResponses,
      answersByItself: session.turnDetection.createsResponses,
      input: this.#format,
      output: this.#format,
      audio: (payload) => say(`audio ${payload}`),
      respond: ({ instructions, toolChoice } = {}) =>
        say(['respond', instructions, toolChoice && `tools=${toolChoice}`].filter(Boolean).join(' ')),
      cancel: (responseId) => say(`cancel ${responseId}`),
      truncate: (itemId, contentIndex, audioEndMs) => say(`truncate ${itemId} ${contentIndex} ${audioEndMs}`),
      addText: ({ role, text }) => say(`${role} ${text}`),
      toolResult: (callId, output) => say(`result ${callId} ${output}`),
      deleteItem: (itemId) => say(`delete ${itemId}`),
      update: (change) => say(`update ${JSON.stringify(change)}`),
      close: () => say('close'),
    };
    return connection;
  };

  emit(event: ModelEvent): void {
    if (!this.#onEvent) throw new Error('the model was not opened');
    this.#onEvent(event);
  }

  /** `ms` of µ-law audio of one item, in one delta. */
  audio(responseId: string, itemId: string, ms: number): void {
    const payload = Buffer.alloc(ms * 8, 0x55).toString('base64');
    this.emit({ type: 'audio', responseId, itemId, contentIndex: 0, payload });
  }

  /** A whole answer of one item. */
  answer(responseId: string, itemId: string, ms: number): void {
    this.emit({ type: 'response-started', responseId });
    this.audio(responseId, itemId, ms);
    this.emit({ type: 'item-done', responseId, itemId });
    this.emit({ type: 'response-done', responseId, status: 'completed' });
  }

  /** The caller begins to speak, and has finished. */
  hearsSpeech(itemId: string): void {
    this.emit({ type: 'speech-started', itemId });
  }

  hearsSilence(itemId: string): void {
    this.emit({ type: 'speech-stopped', itemId });
  }

  starts(responseId: string): void {
    this.emit({ type: 'response-started', responseId });
  }

  ends(responseId: string, status: ResponseStatus = 'completed', reason?: string): void {
    this.emit({ type: 'response-done', responseId, status, ...(reason !== undefined && { reason }) });
  }

  /** A tool call, in a response that has been started. */
  calls(responseId: string, callId: string, name: string, args = '{}'): void {
    this.emit({ type: 'tool-call', responseId, itemId: `item of ${callId}`, callId, name, args });
  }
}
