import { PCMU_8K } from '../../src/audio/format.js';
import type { ModelEvent, ModelSession, OpenModel } from '../../src/model/model.js';
import type { VirtualClock } from './virtual-clock.js';
import { sound } from './whole-call.js';

/** What the n-th response is. */
export interface HonestResponse {
  readonly audioMs: number;
  readonly thinkMs: number;
  /** Calls this tool at its end. */
  readonly tool?: string;
  readonly fails?: boolean;
}

interface Making {
  readonly id: string;
  over: boolean;
}

/**
 * A model that keeps the rules of a real one by itself, in virtual time: it makes one response at a time and refuses
 * another, answers the caller or ends its response for them where it was told to, and remembers what it was told to.
 */
export class HonestModel {
  /** What it was told that it cannot do, or that no model can. */
  readonly mistakes: string[] = [];
  /** Responses that it was asked for, and that were not refused. */
  asked = 0;
  begun = 0;
  sessions = 0;
  readonly #clock: VirtualClock;
  readonly #rule: (number: number) => HonestResponse;
  /** The one that hears the caller. */
  #session: Session | undefined;

  constructor(clock: VirtualClock, rule: (number: number) => HonestResponse) {
    this.#clock = clock;
    this.#rule = rule;
  }

  readonly open: OpenModel = (wanted, onEvent) => {
    this.sessions += 1;
    const session: Session = { wanted, onEvent, memory: new Map(), making: undefined, isOpen: true };
    const soon = (act: () => void): void => {
      this.#clock.at(this.#clock.now() + ONE_WAY_MS, () => {
        if (session.isOpen) act();
      });
    };
    this.#clock.at(this.#clock.now() + 300, () => {
      if (session.isOpen) onEvent({ type: 'ready' });
    });
    return {
      ...{ interruption: 'client', input: PCMU_8K, output: PCMU_8K },
      cancelsOnSpeech: wanted.turnDetection.interruptsResponses,
      answersByItself: wanted.turnDetection.createsResponses,
      audio: () => {
        this.#session = session;
      },
      respond: () =>
        soon(() => {
          if (session.making) return this.#refuse(session, 'conversation_already_has_active_response');
          this.asked += 1;
          this.#begin(session);
        }),
      cancel: (responseId) =>
        soon(() => {
          if (session.making?.id === responseId) this.#end(session, 'cancelled');
          else this.#refuse(session, 'response_cancel_not_active');
        }),
      truncate: (itemId, _index, audioEndMs) =>
        soon(() => {
          const has = session.memory.get(itemId);
          if (has === undefined) this.mistakes.push(`there is no ${itemId} to truncate`);
          else if (audioEndMs > has + 1) this.mistakes.push(`${itemId} has ${has} ms, not ${audioEndMs}`);
          session.memory.set(itemId, audioEndMs);
        }),
      addText: () => {},
      toolResult: () => {},
      deleteItem: () => {},
      update: () => {
        if (session.making) this.mistakes.push('updated in the middle of a response');
      },
      close: () => {
        session.isOpen = false;
      },
    };
  };

  /** Milliseconds of each item that the session which hears the caller believes were heard. */
  get memory(): ReadonlyMap<string, number> {
    return this.#session?.memory ?? new Map();
  }

  hearsSpeech(): void {
    const session = this.#session;
    if (!session?.isOpen) return;
    session.onEvent({ type: 'speech-started', itemId: 'u' });
    if (session.making && session.wanted.turnDetection.interruptsResponses) this.#end(session, 'cancelled');
  }

  hearsSilence(): void {
    const session = this.#session;
    if (!session?.isOpen) return;
    session.onEvent({ type: 'speech-stopped', itemId: 'u' });
    if (session.wanted.turnDetection.createsResponses && !session.making) this.#begin(session);
  }

  breaksOff(): void {
    const session = this.#session;
    if (!session?.isOpen) return;
    this.#session = undefined;
    session.isOpen = false;
    session.onEvent({ type: 'closed', reason: 'gone', cause: 'lost' });
  }

  #refuse({ onEvent }: Session, code: string): void {
    onEvent({ type: 'error', code, message: code, benign: true });
  }

  #begin(session: Session): void {
    this.begun += 1;
    const number = this.begun;
    const { audioMs, thinkMs, tool, fails } = this.#rule(number);
    const responseId = `r${number}`;
    const itemId = `i${number % ITEMS}`;
    const making: Making = { id: responseId, over: false };
    const { onEvent } = session;
    session.making = making;
    onEvent({ type: 'response-started', responseId });
    const later = (ms: number, act: () => void): void => {
      this.#clock.at(this.#clock.now() + ms, () => {
        if (session.isOpen && !making.over) act();
      });
    };
    // Three times as fast as it is spoken.
    const chunks = Math.ceil(audioMs / CHUNK_MS);
    for (let i = 0; i < chunks && !fails; i++) {
      later(thinkMs + (i * CHUNK_MS) / 3, () => {
        session.memory.set(itemId, (session.memory.get(itemId) ?? 0) + CHUNK_MS);
        onEvent({ type: 'audio', responseId, itemId, contentIndex: 0, payload: sound(itemId, CHUNK_MS) });
      });
    }
    later(thinkMs + (chunks * CHUNK_MS) / 3, () => {
      onEvent({ type: 'item-done', responseId, itemId });
      if (tool && !fails) {
        onEvent({ type: 'tool-call', responseId, itemId: `f${number}`, callId: `c${number}`, name: tool, args: '{}' });
      }
      this.#end(session, fails ? 'failed' : 'completed');
    });
  }

  #end(session: Session, status: 'completed' | 'cancelled' | 'failed'): void {
    const { making } = session;
    session.making = undefined;
    if (!making) return;
    making.over = true;
    session.onEvent({ type: 'response-done', responseId: making.id, status });
  }
}

interface Session {
  readonly wanted: ModelSession;
  readonly onEvent: (event: ModelEvent) => void;
  readonly memory: Map<string, number>;
  making: Making | undefined;
  isOpen: boolean;
}

const ONE_WAY_MS = 20;
const CHUNK_MS = 300;
/** `sound` knows as many. */
const ITEMS = 200;
