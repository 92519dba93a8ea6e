/** Two samples a byte, the first one in the lower four bits. */
export function encodeAdpcm(samples: Int16Array): Uint8Array;
/** @param samples how many were encoded: the last byte may hold one more */
export function decodeAdpcm(bytes: Uint8Array, samples: number): Int16Array;
