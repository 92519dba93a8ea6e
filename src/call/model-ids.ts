import type { ModelEvent } from '../model/model.js';

/** Which items, responses and tool calls belong to the session that serves: nobody else knows what they are. */
export class ModelIds {
  #ids = new Set<string>();
  /** Of all sessions of the call. */
  readonly #toolNames = new Map<string, string>();

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  /** The function of a call of this or an earlier session. */
  toolName(callId: string): string | undefined {
    return this.#toolNames.get(callId);
  }

  /** Called with every event of the session that serves, once per delta of audio too. */
  event(event: ModelEvent): void {
    switch (event.type) {
      case 'response-started':
        this.#ids.add(event.responseId);
        return;
      case 'tool-call':
        this.#ids.add(event.callId).add(event.itemId);
        this.#toolNames.set(event.callId, event.name);
        return;
      case 'audio':
      case 'speech-started':
      case 'caller-text':
      case 'agent-text':
      case 'item-done':
        if (event.itemId !== undefined) this.#ids.add(event.itemId);
        return;
    }
  }

  /** A new session has begun. */
  reset(): void {
    this.#ids = new Set();
  }
}
