/** How a place in a configuration is written in a sentence. */

/** `agents.sales.tools[2].url`; the whole file is "the configuration". */
export function pathText(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'the configuration';
  return path
    .map((step, at) => (typeof step === 'number' ? `[${step}]` : `${at > 0 ? '.' : ''}${plain(String(step))}`))
    .join('');
}

/** For one line of a terminal. */
export function plain(written: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not reach a terminal
  const line = written.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ');
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}
