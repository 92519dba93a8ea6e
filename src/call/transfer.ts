import type { CarrierRest } from '../carrier/carrier.js';
import { VoicebridgeError } from '../errors.js';
import type { TransferTarget } from './control.js';
import type { Ending } from './ending.js';

export interface TransferOptions {
  readonly callSid: string;
  readonly rest: CarrierRest | undefined;
  readonly ending: Pick<Ending, 'begin'>;
}

/** Hands the call over when the agent has said its last words. The carrier ends the stream when it has taken the call. */
export class Transfer {
  readonly #options: TransferOptions;
  #done = false;

  constructor(options: TransferOptions) {
    this.#options = options;
  }

  /** The carrier has been asked, and has not refused: the end of the stream is no hanging up, and must not be ours. */
  get done(): boolean {
    return this.#done;
  }

  /** Rejects with what the carrier says, or with why it was not asked. */
  async to(target: TransferTarget): Promise<void> {
    const { rest, callSid, ending } = this.#options;
    if (!rest) throw new VoicebridgeError('transfer-needs-account');
    await new Promise<void>((resolve, reject) => {
      const codes = { interrupted: 'transfer-interrupted', over: 'call-over' } as const;
      ending.begin(resolve, (why) => reject(new VoicebridgeError(codes[why], { callSid })));
    });
    this.#done = true;
    try {
      await redirect(rest, callSid, target);
    } catch (error) {
      this.#done = false;
      throw error;
    }
  }
}

async function redirect(rest: CarrierRest, callSid: string, target: TransferTarget): Promise<void> {
  if ('url' in target) return rest.redirect(callSid, { url: target.url });
  const { transferTwiml } = await import('../carrier/twilio/twiml.js');
  return rest.redirect(callSid, { twiml: transferTwiml(target) });
}
