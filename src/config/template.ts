/** `{{name}}` in the instructions of an agent. */

const PLACE = /\{\{([^{}]*)\}\}/g;
const NAME = /^\s*([A-Za-z_][A-Za-z0-9_]*)\s*$/;

/** Longest text that one variable may bring into the instructions, in characters. */
const LONGEST_VALUE = 2_000;

/** What every call has, whatever the configuration. */
export const CALL_VARIABLES = ['from', 'to', 'callSid'] as const;

/** The names of the variables in a text, each once, in order; `wrong` are those that are no names. */
export function variablesIn(text: string): { readonly names: readonly string[]; readonly wrong: readonly string[] } {
  const names = new Set<string>();
  const wrong: string[] = [];
  for (const [whole, inside] of text.matchAll(PLACE)) {
    const name = NAME.exec(inside!)?.[1];
    if (name === undefined) wrong.push(whole);
    else names.add(name);
  }
  return { names: [...names], wrong };
}

/**
 * Fills the variables in, from the first of the sources that knows one. Unknown ones become nothing and are told.
 * Values come from callers and from other systems: they stay one line of bounded length, so that none of them can look
 * like a paragraph of the instructions.
 */
export function fillIn(
  text: string,
  sources: readonly Readonly<Record<string, string | undefined>>[],
): { readonly text: string; readonly missing: readonly string[] } {
  const missing = new Set<string>();
  const filled = text.replace(PLACE, (whole, inside: string) => {
    const name = NAME.exec(inside)?.[1];
    if (name === undefined) return whole;
    const source = sources.find((each) => Object.hasOwn(each, name) && each[name] !== undefined);
    if (source) return oneLine(source[name]!);
    missing.add(name);
    return '';
  });
  return { text: filled, missing: [...missing] };
}

function oneLine(value: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: line ends and their like are what is taken out
  return value.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').slice(0, LONGEST_VALUE);
}
