/** How many frames of a compressed stream must follow each other before we believe in it. */
const CHAIN = 4;
/** Audio that is kept to follow them: CHAIN frames of MP3 at 320 kbit/s. */
const CHAIN_BYTES = 4 * 1441 + 8;

/** RIFF…WAVE and its kin, Sun's .snd, MP3 with a tag. Raw µ-law begins like this once in 2^32 messages. */
export function startsLikeAFile(audio: Uint8Array): boolean {
  if (audio.length < 12) return false;
  const magic = latin(audio, 0, 4);
  if (magic === 'RIFF' || magic === 'RIFX' || magic === 'RF64') return latin(audio, 8, 12) === 'WAVE';
  if (magic === '.snd') return true;
  return magic.startsWith('ID3') && audio[3]! <= 4 && audio[4] === 0;
}

/** Ogg, FLAC and WebM by their first bytes. */
export function startsCompressed(audio: Uint8Array): boolean {
  if (audio.length < 12) return false;
  const magic = latin(audio, 0, 4);
  return magic === 'OggS' || magic === 'fLaC' || magic === '\x1a\x45\xdf\xa3';
}

/**
 * Finds MP3 and AAC (ADTS) without any header around them: frames that say how long they are, one behind the other from
 * the first byte of the call on. µ-law silence begins like one, 0xFF, but not like four at the right distance.
 */
export class FrameChain {
  #bytes = new Uint8Array(0);
  #over = false;

  /** True once, when the first frames are complete. */
  hear(audio: Uint8Array): boolean {
    if (this.#over) return false;
    const bytes = new Uint8Array(Math.min(CHAIN_BYTES, this.#bytes.length + audio.length));
    bytes.set(this.#bytes);
    bytes.set(audio.subarray(0, bytes.length - this.#bytes.length), this.#bytes.length);
    this.#bytes = bytes;
    let at = 0;
    for (let frame = 0; frame < CHAIN; frame++) {
      if (at + 6 > bytes.length) {
        // Wait for more, as long as more is kept.
        this.#over = bytes.length >= CHAIN_BYTES;
        return false;
      }
      const length = mp3FrameBytes(bytes, at) ?? adtsFrameBytes(bytes, at);
      if (length === undefined) {
        this.#over = true;
        return false;
      }
      at += length;
    }
    this.#over = true;
    return true;
  }
}

const MPEG1_L3_KBITS = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const MPEG2_L3_KBITS = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
const MPEG1_RATES = [44_100, 48_000, 32_000];

/** Length of an MPEG-1, 2 or 2.5 layer III frame (ISO/IEC 11172-3, 13818-3) that begins here; undefined when none does. */
function mp3FrameBytes(bytes: Uint8Array, at: number): number | undefined {
  const [sync, second, third] = [bytes[at]!, bytes[at + 1]!, bytes[at + 2]!];
  if (sync !== 0xff || (second & 0xe6) !== 0xe2) return undefined;
  const version = (second >> 3) & 3;
  const bitrate = third >> 4;
  const rate = MPEG1_RATES[(third >> 2) & 3];
  if (version === 1 || bitrate === 0 || bitrate === 15 || rate === undefined) return undefined;
  const mpeg1 = version === 3;
  const kbits = (mpeg1 ? MPEG1_L3_KBITS : MPEG2_L3_KBITS)[bitrate]!;
  const hertz = mpeg1 ? rate : version === 2 ? rate / 2 : rate / 4;
  return Math.floor(((mpeg1 ? 144 : 72) * kbits * 1000) / hertz) + ((third >> 1) & 1);
}

/** Length of an AAC frame in ADTS (ISO/IEC 13818-7) that begins here. */
function adtsFrameBytes(bytes: Uint8Array, at: number): number | undefined {
  if (bytes[at] !== 0xff || (bytes[at + 1]! & 0xf6) !== 0xf0) return undefined;
  const length = ((bytes[at + 3]! & 3) << 11) | (bytes[at + 4]! << 3) | (bytes[at + 5]! >> 5);
  return length > 7 ? length : undefined;
}

function latin(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.subarray(from, to));
}
