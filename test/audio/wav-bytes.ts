/** WAV files made byte by byte, right or wrong, for the tests of their reader. */
export interface FormatFields {
  tag?: number;
  channels?: number;
  rate?: number;
  blockBytes?: number;
  bits?: number;
  /** What follows the 16 bytes every format chunk has. */
  extension?: Uint8Array;
  bigEndian?: boolean;
}

export function chunk(id: string, body: Uint8Array, claimedBytes = body.length, bigEndian = false): Buffer {
  const head = Buffer.alloc(8);
  head.write(id, 0, 'latin1');
  if (bigEndian) head.writeUInt32BE(claimedBytes, 4);
  else head.writeUInt32LE(claimedBytes, 4);
  return Buffer.concat([head, body, Buffer.alloc(body.length % 2)]);
}

export function formatChunk(fields: FormatFields = {}): Buffer {
  const { tag = 1, channels = 1, rate = 8000, bits = 16, extension = new Uint8Array(0), bigEndian = false } = fields;
  const { blockBytes = channels * Math.ceil(bits / 8) } = fields;
  const body = Buffer.alloc(16);
  const view = new DataView(body.buffer, body.byteOffset, 16);
  view.setUint16(0, tag, !bigEndian);
  view.setUint16(2, channels, !bigEndian);
  view.setUint32(4, rate, !bigEndian);
  view.setUint32(8, (rate * blockBytes) >>> 0, !bigEndian);
  view.setUint16(12, blockBytes, !bigEndian);
  view.setUint16(14, bits, !bigEndian);
  return chunk('fmt ', Buffer.concat([body, extension]), 16 + extension.length, bigEndian);
}

/** The 24 bytes that make a format chunk extensible, with the subformat that wraps `tag`. */
export function extensible(tag: number, validBits: number): Buffer {
  return Buffer.concat([
    Buffer.from([22, 0, validBits, 0, 0, 0, 0, 0, tag, 0]),
    Buffer.from('000000001000800000aa00389b71', 'hex'),
  ]);
}

export function riff(chunks: readonly Uint8Array[], container = 'RIFF', claimedBytes?: number): Buffer {
  const body = Buffer.concat([Buffer.from('WAVE'), ...chunks]);
  return chunk(container, body, claimedBytes ?? body.length, container === 'RIFX');
}

/** A file with a format chunk and these bytes of audio. */
export function wav(fields: FormatFields, audio: Uint8Array): Buffer {
  return riff(
    [formatChunk(fields), chunk('data', audio, audio.length, fields.bigEndian)],
    fields.bigEndian ? 'RIFX' : 'RIFF',
  );
}

export function bytes(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(' ', ''), 'hex');
}
