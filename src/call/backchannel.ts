/** What a sound of the caller was, by its transcript. */
export type Sound = 'noise' | 'backchannel' | 'words';

/**
 * Judges a transcript. Case, punctuation and hyphens do not matter ("Mm-hm." is "mm hm" is "mmhm"), and several
 * backchannels in a row are one. A transcript without a word is noise.
 */
export function soundOf(transcript: string, backchannels: readonly string[]): Sound {
  const words = wordsOf(transcript);
  if (words.length === 0) return 'noise';
  const known = new Set(backchannels.map((text) => wordsOf(text).join('')));
  known.delete('');
  const longest = Math.max(0, ...[...known].map((text) => text.length));
  // reachable[n]: the first n words are backchannels, one behind the other.
  const reachable = words.map(() => false);
  for (let end = 1; end <= words.length; end++) {
    let joined = '';
    for (let start = end - 1; start >= 0 && joined.length <= longest; start--) {
      joined = words[start]! + joined;
      if ((start === 0 || reachable[start]) && known.has(joined)) reachable[end] = true;
    }
  }
  return reachable[words.length] ? 'backchannel' : 'words';
}

function wordsOf(text: string): string[] {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .split(/[^\p{L}\p{M}\p{N}]+/u)
    .filter(Boolean);
}
