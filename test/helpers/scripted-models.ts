import { type AudioFormat, PCMU_8K } from '../../src/audio/format.js';
import type { ClosedCause, ModelEvent, ModelSession, OpenModel } from '../../src/model/model.js';
import { ScriptedModel } from './scripted-model.js';

/** One model, and every session that was opened with it: each can be played apart from the others. */
export class ScriptedSessions {
  readonly sessions: ScriptedModel[] = [];
  readonly #format: AudioFormat;

  constructor(format: AudioFormat = PCMU_8K) {
    this.#format = format;
  }

  readonly open: OpenModel = (session: ModelSession, onEvent: (event: ModelEvent) => void) => {
    const model = new ScriptedModel(this.#format);
    this.sessions.push(model);
    return model.open(session, onEvent);
  };

  /** The session opened last. */
  get last(): ScriptedModel {
    return this.sessions.at(-1)!;
  }

  ready(more: Partial<ModelEvent & { type: 'ready' }> = {}): void {
    this.last.emit({ type: 'ready', ...more });
  }

  closes(cause: ClosedCause, reason = 'gone'): void {
    this.last.emit({ type: 'closed', reason, cause });
  }
}
