import { VoicebridgeError } from '../errors.js';
import type { SessionChange } from '../model/model.js';
import type { CallLog } from './call-log.js';
import type { CallControl, DigitRequest, TransferTarget } from './control.js';
import type { Conversation } from './conversation.js';
import type { CallEvent, SteeredBy } from './events.js';
import type { CallInfo } from './plan.js';

export interface SteeringOptions {
  readonly info: CallInfo;
  readonly by: SteeredBy;
  readonly log: CallLog;
  /** Runs it with the conversation: at once, when there is one, or as soon as there is; never after the call. */
  readonly withConversation: (work: (conversation: Conversation) => void, tooLate?: () => void) => void;
}

/** The hands of a tool or of an operator on one call. Each command is an event of the call. */
export class Steering implements CallControl {
  readonly info: CallInfo;
  readonly #options: SteeringOptions;

  constructor(options: SteeringOptions) {
    this.#options = options;
    this.info = options.info;
  }

  update(change: SessionChange): void {
    const what = Object.keys(change).join(' and ');
    this.#steer('update', (conversation) => conversation.update(change), what);
  }

  setVoice(voice: string): void {
    this.#steer('voice', (conversation) => conversation.setVoice(voice), voice);
  }

  say(line: string): void {
    this.#steer('say', (conversation) => conversation.sayLine(line), line);
  }

  inject(fact: string, { respond = false }: { readonly respond?: boolean } = {}): void {
    this.#steer('inject', (conversation) => conversation.inject(fact, respond), fact);
  }

  interrupt(): void {
    this.#steer('interrupt', (conversation) => conversation.interrupt('operator'));
  }

  mute(side: 'caller' | 'agent', muted: boolean): void {
    this.#steer(muted ? 'mute' : 'unmute', (conversation) => conversation.mute(side, muted), side);
  }

  collectDigits(request: DigitRequest): Promise<string> {
    return this.#promise('collect-digits', (conversation) => conversation.collectDigits(request));
  }

  hangUp({ now = false }: { readonly now?: boolean } = {}): void {
    this.#steer('hang-up', (conversation) => conversation.hangUp(now));
  }

  transfer(target: TransferTarget): Promise<void> {
    // Where to is a number, or somebody's address: it is not part of the event.
    return this.#promise('transfer', (conversation) => conversation.transfer(target));
  }

  listen(onEvent: (event: CallEvent, number: number) => void): () => void {
    return this.#options.log.listen(onEvent);
  }

  #steer(command: string, work: (conversation: Conversation) => void, detail?: string): void {
    const { by, log, withConversation } = this.#options;
    withConversation((conversation) => {
      log.add({ type: 'steered', by, command, ...(detail !== undefined && { detail }) });
      work(conversation);
    });
  }

  #promise<Result>(command: string, work: (conversation: Conversation) => Promise<Result>): Promise<Result> {
    const { by, info, log, withConversation } = this.#options;
    return new Promise((resolve, reject) => {
      withConversation(
        (conversation) => {
          log.add({ type: 'steered', by, command });
          work(conversation).then(resolve, reject);
        },
        () => reject(new VoicebridgeError('call-over', { callSid: info.callSid })),
      );
    });
  }
}
