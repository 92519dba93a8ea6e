/**
 * What voicebridge uses of the raw Emscripten API of @echogarden/speex-resampler-wasm 0.3.0, which ships no types.
 * Arguments that are called pointers are byte offsets into the heap. The functions are those of speex_resampler.h.
 */
interface SpeexModule {
  /** Views of the WASM memory. Emscripten replaces them when the memory grows: read them anew after every call. */
  readonly HEAP16: Int16Array;
  readonly HEAPU32: Uint32Array;
  /** 0 when there is no memory left. */
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  /** Writes an error number to `errorPointer` and returns the state's pointer, 0 on failure. */
  _speex_resampler_init(
    channels: number,
    fromRate: number,
    toRate: number,
    quality: number,
    errorPointer: number,
  ): number;
  _speex_resampler_destroy(state: number): void;
  /** Reads and writes the two counts, in samples: what is there / what was used, what fits / what was written. */
  _speex_resampler_process_int(
    state: number,
    channel: number,
    inPointer: number,
    inCountPointer: number,
    outPointer: number,
    outCountPointer: number,
  ): number;
  /** The filter's delay in samples of the input's rate. */
  _speex_resampler_get_input_latency(state: number): number;
  /** Leaves out the filter's delay at the beginning. */
  _speex_resampler_skip_zeros(state: number): number;
  /** Back to silence before the first sample. */
  _speex_resampler_reset_mem(state: number): number;
}

declare module '@echogarden/speex-resampler-wasm' {
  export default function load(): Promise<SpeexModule>;
}

declare module '@echogarden/speex-resampler-wasm/simd' {
  export default function load(): Promise<SpeexModule>;
}

/** The one function used of a global that Node has and its types leave to the browser's. */
declare namespace WebAssembly {
  function validate(bytes: Uint8Array): boolean;
}
