import { promisify } from 'node:util';
import { deflateRaw } from 'node:zlib';
import { decodeMulaw } from '../../audio/g711.js';
import { encodeAdpcm } from './browser/adpcm.js';

const deflate = promisify(deflateRaw);

/**
 * One lane for the page: IMA ADPCM, which is a quarter of the samples and good enough to listen to, then deflate, which
 * makes next to nothing of silence. Five minutes of speech without a pause are 0.8 MB. The exact audio is in call.wav.
 */
export function packLane(mulaw: Uint8Array): Promise<Buffer> {
  return deflate(encodeAdpcm(decodeMulaw(mulaw)), { level: 9 });
}
