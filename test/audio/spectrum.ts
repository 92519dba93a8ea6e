/** Samples of a sine, rounded to 16 bits. `amplitude` in steps of a 16-bit sample. */
export function sine(hz: number, rate: number, count: number, amplitude = 16_000): Int16Array {
  return Int16Array.from({ length: count }, (_, i) => Math.round(amplitude * Math.sin((2 * Math.PI * hz * i) / rate)));
}

/**
 * Amplitude and phase of the component at `hz`: correlation with a sine and a cosine under a Blackman-Harris window,
 * which keeps other tones out of the result. Phase in radians relative to a sine that begins at sample 0.
 */
export function component(samples: Int16Array, hz: number, rate: number): { amplitude: number; phase: number } {
  let sin = 0;
  let cos = 0;
  let weight = 0;
  for (let i = 0; i < samples.length; i++) {
    const turn = (2 * Math.PI * i) / samples.length;
    const window = 0.35875 - 0.48829 * Math.cos(turn) + 0.14128 * Math.cos(2 * turn) - 0.01168 * Math.cos(3 * turn);
    const angle = (2 * Math.PI * hz * i) / rate;
    sin += window * samples[i]! * Math.sin(angle);
    cos += window * samples[i]! * Math.cos(angle);
    weight += window;
  }
  return { amplitude: (2 * Math.hypot(sin, cos)) / weight, phase: Math.atan2(cos, sin) };
}

export const decibels = (ratio: number): number => 20 * Math.log10(ratio);
