import { type AudioFormat, L16_24K, PCMA_8K, PCMU_8K } from '../../audio/format.js';
import type { WireFormat } from './schema.js';

/** The formats the service speaks: G.711 at 8 kHz and linear 16 bit at 24 kHz. */
export function audioFormatOf(wire: WireFormat): AudioFormat {
  return { 'audio/pcmu': PCMU_8K, 'audio/pcma': PCMA_8K, 'audio/pcm': L16_24K }[wire.type];
}
