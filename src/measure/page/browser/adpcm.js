/**
 * IMA ADPCM ("Recommended Practices for Enhancing Digital Audio Compatibility in Multimedia Systems", IMA 1992), as one
 * unbroken stream without headers: it begins with sample 0 at step 0. Both halves stand here, so that nobody can change
 * one of them alone; the program uses the first, the page the second. (wavefile 11.0.0 has an encoder too; it loses two
 * samples of every block.)
 */
const INDEX_STEPS = [-1, -1, -1, -1, 2, 4, 6, 8];

// biome-ignore format: a table
const STEPS = [
  7, 8, 9, 10, 11, 12, 13, 14, 16, 17, 19, 21, 23, 25, 28, 31, 34, 37, 41, 45, 50, 55, 60, 66, 73, 80, 88, 97, 107,
  118, 130, 143, 157, 173, 190, 209, 230, 253, 279, 307, 337, 371, 408, 449, 494, 544, 598, 658, 724, 796, 876, 963,
  1060, 1166, 1282, 1411, 1552, 1707, 1878, 2066, 2272, 2499, 2749, 3024, 3327, 3660, 4026, 4428, 4871, 5358, 5894,
  6484, 7132, 7845, 8630, 9493, 10442, 11487, 12635, 13899, 15289, 16818, 18500, 20350, 22385, 24623, 27086, 29794,
  32767,
];

/** @param {Int16Array} samples */
export function encodeAdpcm(samples) {
  const bytes = new Uint8Array(Math.ceil(samples.length / 2));
  const state = { value: 0, index: 0 };
  for (let i = 0; i < samples.length; i++) {
    const step = STEPS[state.index];
    const difference = samples[i] - state.value;
    let rest = Math.abs(difference);
    let code = difference < 0 ? 8 : 0;
    for (let bit = 4, part = step; bit > 0; bit >>= 1, part >>= 1) {
      if (rest < part) continue;
      code |= bit;
      rest -= part;
    }
    bytes[i >> 1] |= code << (4 * (i & 1));
    follow(state, code);
  }
  return bytes;
}

/**
 * @param {Uint8Array} bytes
 * @param {number} samples
 */
export function decodeAdpcm(bytes, samples) {
  const out = new Int16Array(samples);
  const state = { value: 0, index: 0 };
  for (let i = 0; i < samples; i++) {
    follow(state, (bytes[i >> 1] >> (4 * (i & 1))) & 15);
    out[i] = state.value;
  }
  return out;
}

/** What a code makes of the state, at both ends. */
function follow(state, code) {
  const step = STEPS[state.index];
  let difference = step >> 3;
  if (code & 4) difference += step;
  if (code & 2) difference += step >> 1;
  if (code & 1) difference += step >> 2;
  state.value = Math.max(-32768, Math.min(32767, code & 8 ? state.value - difference : state.value + difference));
  state.index = Math.max(0, Math.min(88, state.index + INDEX_STEPS[code & 7]));
}
