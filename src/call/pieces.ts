/**
 * Cuts a base64 text into texts of at most `maxBytes` of audio each, without decoding it: four characters are three
 * bytes, so a cut after a multiple of four is a cut between bytes. Every text is complete base64 of its own.
 */
export function base64Pieces(payload: string, maxBytes: number): string[] {
  const step = Math.max(1, Math.floor(maxBytes / 3)) * 4;
  if (payload.length <= step) return [payload];
  const pieces: string[] = [];
  for (let start = 0; start < payload.length; start += step) pieces.push(payload.slice(start, start + step));
  return pieces;
}

/** Bytes that a base64 text stands for, from its length alone. */
export function base64Bytes(payload: string): number {
  const length = payload.length;
  if (length === 0) return 0;
  const padding = payload.charCodeAt(length - 1) === 61 ? (payload.charCodeAt(length - 2) === 61 ? 2 : 1) : 0;
  return Math.floor((length * 3) / 4) - padding;
}

/** What is left of a base64 text without its first `bytes`, a multiple of three: nothing is decoded. */
export function base64From(payload: string, bytes: number): string {
  return bytes === 0 ? payload : payload.slice((bytes / 3) * 4);
}
