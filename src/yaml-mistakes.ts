import type { ErrorCode, YAMLError } from 'yaml';

/** What YAML itself refuses and people write most, in words that say what to write instead. */
const SENTENCES: Partial<Record<ErrorCode, string>> = {
  TAB_AS_INDENT: 'a line is indented with a tab: YAML takes spaces',
  MULTIPLE_DOCS: 'a second document begins here ("---"), and only one is read',
  BLOCK_AS_IMPLICIT_KEY: 'a text with ": " in it needs quotes around it',
  BAD_SCALAR_START: 'a text that begins with a special character needs quotes around it',
  RESOURCE_EXHAUSTION: 'it is nested too deeply',
};

/** One sentence about a mistake of YAML. Others than the above keep the words of the parser. @param text the file */
export function yamlSentence({ code, message, pos }: YAMLError, text: string): string {
  if (code === 'DUPLICATE_KEY') return `${wordAt(text, pos[0])} stands here a second time`;
  const [, open] = /^Flow (map|sequence) .* end with/.exec(message) ?? [];
  if (open) return `a ${open === 'map' ? '{' : '['} before it is not closed; behind a space, # begins a comment`;
  return SENTENCES[code] ?? message.charAt(0).toLowerCase() + message.slice(1);
}

function wordAt(text: string, start: number): string {
  const [word = ''] = /^[\w.-]{1,60}/.exec(text.slice(start, start + 60)) ?? [];
  return word === '' ? 'a name' : `"${word}"`;
}
