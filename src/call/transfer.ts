import type { CarrierRest } from '../carrier/carrier.js';
import type { TransferTarget } from './control.js';

/** Hands the call over. Rejects with what the carrier says. */
export async function transferTo(rest: CarrierRest, callSid: string, target: TransferTarget): Promise<void> {
  if ('url' in target) return rest.redirect(callSid, { url: target.url });
  const { transferTwiml } = await import('../carrier/twilio/twiml.js');
  return rest.redirect(callSid, { twiml: transferTwiml(target) });
}
