/** Milliseconds of `500ms`, `1.5s`; undefined for anything else, a bare number too: its unit would be a guess. */
export function parseDuration(written: unknown): number | undefined {
  const match = typeof written === 'string' ? /^(\d{1,9}(?:\.\d{1,6})?)\s*(ms|s)$/.exec(written) : null;
  return match ? Number(match[1]) * (match[2] === 's' ? 1000 : 1) : undefined;
}
