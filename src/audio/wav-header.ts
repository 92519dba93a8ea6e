/**
 * The chunks of a WAV file, read by ourselves and mistrusted: what is returned here has been held against the length of
 * the file, so that no claim in it can make a reader allocate or loop.
 *
 * wavefile 11.0.0 is not given the file for this. It reads float and µ-law inside WAVE_FORMAT_EXTENSIBLE as if they were
 * integers (loud noise), accepts ADPCM, no channels and no rate, dies of GSM and MP3 with "Invalid typed array length:
 * Infinity", and believes the counts of `cue ` and `smpl` chunks (four thousand million entries take all memory).
 */
export interface WavLayout {
  readonly encoding: 'PCM' | 'FLOAT' | 'PCMU' | 'PCMA';
  /** RIFX: numbers and samples are big-endian. */
  readonly bigEndian: boolean;
  readonly rate: number;
  readonly channels: number;
  /** The container of one sample of one channel: 8, 16, 24, 32 or 64. */
  readonly containerBits: number;
  /** Where the samples are in the file; a whole number of frames, at least one. */
  readonly dataOffset: number;
  readonly dataBytes: number;
  /** Sentences about what was wrong and could be read all the same. */
  readonly warnings: readonly string[];
}

/** Why bytes are no WAV voicebridge can read: half a sentence, put into an error by the caller. */
export class WavHeaderError extends Error {
  override readonly name = 'WavHeaderError';
}

/** Far more than any audio a person hands over; each channel costs an array. */
const MAX_CHANNELS = 64;
const MIN_RATE = 1000;
const MAX_RATE = 768_000;

const TAG_PCM = 0x0001;
const TAG_FLOAT = 0x0003;
const TAG_ALAW = 0x0006;
const TAG_MULAW = 0x0007;
const TAG_EXTENSIBLE = 0xfffe;

/** Names for the sentence; the numbers are those of mmreg.h. */
const OTHER_TAGS: Readonly<Record<number, string>> = {
  2: 'Microsoft ADPCM',
  17: 'IMA ADPCM',
  49: 'GSM 6.10',
  64: 'G.721 ADPCM',
  69: 'G.726 ADPCM',
  80: 'MPEG',
  85: 'MP3',
  131: 'G.729',
  255: 'AAC',
  353: 'Windows Media Audio',
  8192: 'AC-3',
};

/** How files begin that are handed over by mistake. */
const OTHER_FILES: readonly (readonly [at: number, bytes: string, name: string])[] = [
  [0, 'ID3', 'an MP3 file'],
  [0, 'OggS', 'an Ogg file'],
  [0, 'fLaC', 'a FLAC file'],
  [0, 'FORM', 'an AIFF file'],
  [0, 'caff', 'a Core Audio file'],
  [0, '.snd', 'an AU file'],
  [0, '#!AMR', 'an AMR file'],
  [0, 'riff', 'a Sony Wave64 file'],
  [0, '\x1aE\xdf\xa3', 'a WebM or Matroska file'],
  [4, 'ftyp', 'an MP4 or M4A file'],
  [0, 'PK\x03\x04', 'a ZIP file'],
];

/**
 * Subformat GUIDs that only wrap a format tag, TTTTTTTT-0000-0010-8000-00aa00389b71, as they are stored: little-endian,
 * big-endian, and as SoX writes them into RIFX, with nothing but the tag turned round.
 */
const WRAPPED_TAG = /^(?<little>....)000000001000800000aa00389b71$/;
const WRAPPED_TAG_RIFX = /^(?:0000(?<big>....)00000010800000aa00389b71|(?<sox>....)000000001000800000aa00389b71)$/;

/** Throws WavHeaderError, and nothing else. */
export function readWavHeader(file: Uint8Array): WavLayout {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const container = text(file, 0, 4);
  if (file.length === 0) throw new WavHeaderError('it is empty');
  if (!['RIFF', 'RIFX', 'RF64', 'BW64'].includes(container)) throw new WavHeaderError(whatItIs(file));
  if (file.length < 12) throw new WavHeaderError(`it is cut off after ${file.length} bytes`);
  if (text(file, 8, 4) !== 'WAVE') {
    throw new WavHeaderError(`it holds ${JSON.stringify(text(file, 8, 4))}, not "WAVE", in its RIFF header`);
  }
  const bigEndian = container === 'RIFX';
  const warnings: string[] = [];
  const { fmt, data } = findChunks(file, view, bigEndian);
  if (fmt === undefined) throw new WavHeaderError('it has no format chunk ("fmt ")');
  const format = readFormat(file.subarray(fmt.begin, Math.min(file.length, fmt.begin + fmt.bytes)), bigEndian);
  if (data === undefined) throw new WavHeaderError('it has no data chunk');
  const dataBytes = wholeFrames(dataBytesThere(file, view, bigEndian, data, warnings), format, warnings);
  return { ...format, bigEndian, dataOffset: data.begin, dataBytes, warnings };
}

interface Chunk {
  /** Place of its first byte after id and size. */
  readonly begin: number;
  /** As claimed, which may be more than the file has. */
  readonly bytes: number;
}

/** The first "fmt " and the first "data", wherever they stand. Takes at most one step for every 8 bytes. */
function findChunks(file: Uint8Array, view: DataView, bigEndian: boolean): { fmt?: Chunk; data?: Chunk } {
  const found: { fmt?: Chunk; data?: Chunk } = {};
  let dataBytes64: number | undefined;
  for (let at = 12; at + 8 <= file.length; ) {
    const id = text(file, at, 4);
    if (!/^[\x20-\x7e]{4}$/.test(id)) break;
    const begin = at + 8;
    let bytes = view.getUint32(at + 4, !bigEndian);
    if (id === 'ds64' && begin + 16 <= file.length) dataBytes64 = Number(view.getBigUint64(begin + 8, true));
    if (id === 'fmt ') found.fmt ??= { begin, bytes };
    if (id === 'data') {
      // RF64: the true size does not fit into 32 bits and stands in "ds64".
      if (bytes === 0xffff_ffff && dataBytes64 !== undefined) bytes = dataBytes64;
      found.data ??= { begin, bytes };
    }
    if (found.fmt !== undefined && found.data !== undefined) break;
    at = nextChunk(file, begin + bytes);
  }
  return found;
}

/** Chunks begin at even places, but some writers forget the byte that makes them. */
function nextChunk(file: Uint8Array, end: number): number {
  if (end % 2 === 0) return end;
  return ['fmt ', 'data', 'LIST', 'fact'].includes(text(file, end, 4)) ? end : end + 1;
}

function readFormat(
  fmt: Uint8Array,
  bigEndian: boolean,
): Pick<WavLayout, 'encoding' | 'rate' | 'channels' | 'containerBits'> {
  if (fmt.length < 16) throw new WavHeaderError(`its format chunk is cut off after ${fmt.length} bytes`);
  const view = new DataView(fmt.buffer, fmt.byteOffset, fmt.length);
  const tag = view.getUint16(0, !bigEndian);
  const channels = view.getUint16(2, !bigEndian);
  const rate = view.getUint32(4, !bigEndian);
  const blockBytes = view.getUint16(12, !bigEndian);
  const bits = view.getUint16(14, !bigEndian);

  const encoding = encodingOf(tag === TAG_EXTENSIBLE ? wrappedTag(fmt, bigEndian) : tag);
  if (channels === 0) throw new WavHeaderError('its header claims that it has no channels');
  if (channels > MAX_CHANNELS) {
    throw new WavHeaderError(`it has ${channels} channels and at most ${MAX_CHANNELS} can be read`);
  }
  if (rate < MIN_RATE || rate > MAX_RATE) {
    throw new WavHeaderError(`its header claims ${rate} samples a second, which no audio has`);
  }
  const containerBits = containerOf(encoding, bits);
  // 0 is a habit of careless writers; any other number that does not fit makes every sample a guess.
  if (blockBytes !== 0 && blockBytes !== (channels * containerBits) / 8) {
    throw new WavHeaderError(
      `its header contradicts itself: ${blockBytes} bytes for ${channels} channel(s) of ${bits} bits`,
    );
  }
  return { encoding, rate, channels, containerBits };
}

function encodingOf(tag: number): WavLayout['encoding'] {
  switch (tag) {
    case TAG_PCM:
      return 'PCM';
    case TAG_FLOAT:
      return 'FLOAT';
    case TAG_ALAW:
      return 'PCMA';
    case TAG_MULAW:
      return 'PCMU';
    default: {
      const number = `format 0x${tag.toString(16).padStart(4, '0')}`;
      const name = OTHER_TAGS[tag];
      throw new WavHeaderError(`its audio is compressed as ${name === undefined ? number : `${name} (${number})`}`);
    }
  }
}

/** The tag inside an extensible header's subformat. */
function wrappedTag(fmt: Uint8Array, bigEndian: boolean): number {
  if (fmt.length < 40) throw new WavHeaderError(`its extensible format chunk is cut off after ${fmt.length} bytes`);
  const guid = Buffer.from(fmt.subarray(24, 40)).toString('hex');
  const stored = (bigEndian ? WRAPPED_TAG_RIFX : WRAPPED_TAG).exec(guid)?.groups;
  if (stored === undefined) throw new WavHeaderError(`its subformat ${guid} is not known`);
  const tag = Buffer.from((stored.little ?? stored.big ?? stored.sox)!, 'hex');
  return bigEndian ? tag.readUInt16BE() : tag.readUInt16LE();
}

/** Samples fill their container from the top, so 12 bits are read as 16 and 20 as 24. */
function containerOf(encoding: WavLayout['encoding'], bits: number): number {
  const containerBits = Math.ceil(bits / 8) * 8;
  const allowed = { PCM: [8, 16, 24, 32], FLOAT: [32, 64], PCMU: [8], PCMA: [8] }[encoding];
  if (allowed.includes(containerBits)) return containerBits;
  throw new WavHeaderError(`its header claims ${bits} bits a sample, which ${encoding} does not have`);
}

/** How much of the claimed data the file has. */
function dataBytesThere(file: Uint8Array, view: DataView, bigEndian: boolean, data: Chunk, warnings: string[]): number {
  const there = file.length - data.begin;
  const riffBytes = view.getUint32(4, !bigEndian);
  // A writer that was killed, or that could not seek, leaves 0 or 0xFFFFFFFF where the size belongs.
  const neverFinished = data.bytes === 0 && there > 0 && (riffBytes + 8 <= data.begin || riffBytes === 0xffff_ffff);
  if (data.bytes === 0xffff_ffff || neverFinished) {
    warnings.push('the size of the audio was never written; everything up to the end of the file is read');
    return there;
  }
  if (data.bytes > there) {
    warnings.push(`the file is cut off: ${data.bytes} bytes of audio are claimed and ${there} are there`);
    return there;
  }
  return data.bytes;
}

function wholeFrames(bytes: number, format: Pick<WavLayout, 'channels' | 'containerBits'>, warnings: string[]): number {
  const frameBytes = (format.channels * format.containerBits) / 8;
  const rest = bytes % frameBytes;
  if (bytes - rest === 0) throw new WavHeaderError('it holds no audio');
  if (rest > 0) warnings.push(`the last ${rest} byte(s) are less than one sample of every channel and are left out`);
  return bytes - rest;
}

function whatItIs(file: Uint8Array): string {
  for (const [at, bytes, name] of OTHER_FILES) {
    if (text(file, at, bytes.length) === bytes) return `it is ${name}, not a WAV`;
  }
  // An MPEG audio frame without tags: 11 set bits, then version and layer, neither of them the reserved value.
  const [first = 0, second = 0] = file;
  const isMpeg = first === 0xff && second >= 0xe0 && (second & 0x18) !== 0x08 && (second & 0x06) !== 0;
  if (isMpeg) return 'it is an MP3 file, not a WAV';
  return 'it does not begin with a WAV header';
}

/** Bytes as Latin-1; shorter at the end of the file. */
function text(file: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...file.subarray(at, at + length));
}
