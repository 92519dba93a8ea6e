/** What the model is told of a tool that failed. */
export function errorOutput(message: string): string {
  return JSON.stringify({ error: message });
}

/** The first `maxBytes` of a text in UTF-8, whole characters only, with a note when something is missing. */
export function cutOutput(text: string, maxBytes: number): string {
  // A character takes three bytes at most for each unit of a string, so that most texts need not be counted.
  if (text.length * 3 <= maxBytes) return text;
  const bytes = Buffer.from(text);
  if (bytes.length <= maxBytes) return text;
  const kept = new TextDecoder().decode(bytes.subarray(0, maxBytes), { stream: true });
  return `${kept}\n[cut: the first ${maxBytes} of ${bytes.length} bytes]`;
}
