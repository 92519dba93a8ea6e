/** `<Parameter>`s that we write into TwiML, and read again when the stream begins: here, or at another relay. */

/** Twilio: name and value together stay below 500 characters. */
const LONGEST = 499;
/** Twilio: a TwiML document has at most 64 kB (11750). Escaping makes a character up to six long. */
const ALL_TOGETHER = 8_000;

/** Names with a meaning; a variable of a lookup cannot take them. */
export const RESERVED = ['agent', 'from', 'to', 'lookup'] as const;

/**
 * Parameters that a carrier takes. Who calls is written by whoever calls, so characters that no XML may hold are left
 * out; what is too long stays here, and is told.
 */
export function toParameters(values: Readonly<Record<string, string | undefined>>): {
  readonly parameters: Readonly<Record<string, string>>;
  readonly left: readonly string[];
} {
  const parameters: Record<string, string> = {};
  const left: string[] = [];
  let total = 0;
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) continue;
    const clean = xmlText(value);
    const length = name.length + clean.length;
    if (xmlText(name) !== name || length > LONGEST || total + length > ALL_TOGETHER) {
      left.push(name);
      continue;
    }
    total += length;
    Object.defineProperty(parameters, name, { value: clean, enumerable: true });
  }
  return { parameters, left };
}

/** Without what XML 1.0 cannot hold even when it is escaped: control characters, lone surrogates, non-characters. */
function xmlText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  return text.replace(/[\u0000-\u001f\u007f\ufffe\uffff]/g, ' ').replace(/\p{Surrogate}/gu, '\ufffd');
}
