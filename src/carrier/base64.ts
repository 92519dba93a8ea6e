/** Finds what cannot stand in base64 (RFC 4648, section 4). Searches only, so that 10 MB of text cannot make it backtrack. */
const FOREIGN = /[^A-Za-z0-9+/=]|=[^=]|===/;

/**
 * True for base64 in the standard alphabet without line breaks; the padding may be left out, as Java's decoder allows.
 * An empty text is base64 of nothing. Runs once per media message.
 */
export function isBase64(text: string): boolean {
  const lengthMod4 = text.length & 3;
  if (lengthMod4 === 1) return false;
  // Padding is only right where it fills up the last group of four.
  if (lengthMod4 !== 0 && text.charCodeAt(text.length - 1) === 0x3d) return false;
  return !FOREIGN.test(text);
}
