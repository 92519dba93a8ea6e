import { base64Bytes } from './pieces.js';

const known = new Map<number, string>();
const LENGTHS_KEPT = 8;

/** µ-law silence as long as this payload: what the model hears of a caller who is muted, so that its clock goes on. */
export function silentPayload(payload: string): string {
  const bytes = base64Bytes(payload);
  let silence = known.get(bytes);
  if (silence === undefined) {
    silence = Buffer.alloc(bytes, 0xff).toString('base64');
    if (known.size < LENGTHS_KEPT) known.set(bytes, silence);
  }
  return silence;
}
