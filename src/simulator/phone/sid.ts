import type { Random } from '../../random.js';

/** An identifier as Twilio makes them: two letters and 32 lower-case hexadecimal digits. */
export function drawSid(kind: 'AC' | 'CA' | 'MZ', random: Random): string {
  let digits = '';
  while (digits.length < 32) digits += Math.floor(random() * 16).toString(16);
  return kind + digits;
}
