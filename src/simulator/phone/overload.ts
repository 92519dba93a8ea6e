/** A larger message than this is looked at before it is parsed. */
const LARGE_CHARACTERS = 64 * 1024;
/** Twilio's messages have two; nothing that a server may send has more. */
const MOST_BRACKETS = 64;

/**
 * True for a text that is made to be expensive: ten megabytes of `[` keep JSON.parse, and with it the phone's frames,
 * from their turn for seconds.
 */
export function isOverloaded(text: string): boolean {
  if (text.length <= LARGE_CHARACTERS) return false;
  let brackets = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if ((code === 0x5b || code === 0x7b) && ++brackets > MOST_BRACKETS) return true;
  }
  return false;
}
