import { CallLog } from '../../src/call/call-log.js';
import type { CallControl, TransferTarget } from '../../src/call/control.js';
import type { CallEventBody } from '../../src/call/events.js';
import type { CallInfo } from '../../src/call/plan.js';
import type { Clock } from '../../src/clock.js';
import { silentLog } from '../../src/log.js';

/** A call that does nothing and writes down what it is told. */
export class RecordingControl implements CallControl {
  readonly info: CallInfo;
  /** One line per command: `say "Hello"`, `mute "caller" true` … */
  readonly commands: string[] = [];
  /** How a transfer ends. */
  transferEnds: () => Promise<void> = () => Promise.resolve();
  readonly #log: CallLog;
  #listening = 0;

  constructor(callSid: string, clock: Clock) {
    this.info = {
      ...{ callSid, streamSid: 'MZ1', accountSid: 'AC1', from: '+15550100001', to: '+15550100002' },
      parameters: { token: 'a secret of the stream' },
    };
    this.#log = new CallLog({ clock, startedMs: clock.now(), callSid, log: silentLog });
  }

  /** Listeners that have not stopped. */
  get listening(): number {
    return this.#listening;
  }

  happens(...events: CallEventBody[]): void {
    for (const event of events) this.#log.add(event);
  }

  update = this.#record('update');
  setVoice = this.#record('setVoice');
  say = this.#record('say');
  inject = this.#record('inject');
  interrupt = this.#record('interrupt');
  mute = this.#record('mute');
  hangUp = this.#record('hangUp');

  collectDigits(): Promise<string> {
    return Promise.resolve('');
  }

  transfer(target: TransferTarget): Promise<void> {
    this.#record('transfer')(target);
    return this.transferEnds();
  }

  listen(onEvent: Parameters<CallControl['listen']>[0]): () => void {
    this.#listening += 1;
    const stop = this.#log.listen(onEvent);
    return () => {
      this.#listening -= 1;
      stop();
    };
  }

  #record(name: string): (...args: unknown[]) => void {
    return (...args) => void this.commands.push([name, ...args.map((arg) => JSON.stringify(arg))].join(' '));
  }
}
