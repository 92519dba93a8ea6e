import { seededRandom } from '../random.js';
import { dbovToRms } from './level.js';

/** Audio made by arithmetic: what tests, fillers and telephone keys need. Levels are those of `level.ts`. */

const DEFAULT_RATE = 8000;
/** A sine of -3.01 dBov reaches full scale; what rounding that number adds is clipped. */
const HIGHEST_PEAK = 32_768 * 1.0005;

export interface ToneOptions {
  readonly hz: number;
  readonly ms: number;
  /** Root mean square level, at most -3.01: more does not fit into 16 bits. */
  readonly dbov: number;
  /** Samples per second, 8 000 unless told. */
  readonly rate?: number;
}

/** A sine that begins at phase 0. Throws RangeError for a frequency the rate cannot carry or a level no sine has. */
export function tone({ hz, ms, dbov, rate = DEFAULT_RATE }: ToneOptions): Int16Array {
  return sines([hz], ms, dbov, rate);
}

export interface NoiseOptions {
  readonly ms: number;
  /** Root mean square level. */
  readonly dbov: number;
  /** Samples per second, 8 000 unless told. */
  readonly rate?: number;
  /** The same seed gives the same noise, on every machine. */
  readonly seed: number;
}

/** White noise with a uniform distribution, so that its peak is 4.8 dB above its level. */
export function noise({ ms, dbov, rate = DEFAULT_RATE, seed }: NoiseOptions): Int16Array {
  const random = seededRandom(seed);
  const peak = dbovToRms(dbov) * Math.sqrt(3);
  return Int16Array.from({ length: samplesOf(ms, rate) }, () => clipped((2 * random() - 1) * peak));
}

/** The two frequencies of each key, ITU-T Q.23, in Hz. */
const DTMF_ROWS = [697, 770, 852, 941] as const;
const DTMF_COLUMNS = [1209, 1336, 1477, 1633] as const;
const DTMF_KEYS = ['123A', '456B', '789C', '*0#D'] as const;
/** Both tones together, as a telephone sends them: -7 dBm0 each. */
const DTMF_DBOV = -10;

/** The sound of one key, 0-9, *, #, A-D. Throws RangeError for any other. */
export function dtmf(digit: string, ms: number, rate = DEFAULT_RATE): Int16Array {
  const row = digit.length === 1 ? DTMF_KEYS.findIndex((keys) => keys.includes(digit)) : -1;
  if (row < 0) throw new RangeError(`no telephone has a key "${digit}"`);
  return sines([DTMF_ROWS[row]!, DTMF_COLUMNS[DTMF_KEYS[row]!.indexOf(digit)]!], ms, DTMF_DBOV, rate);
}

/** Sines of equal level whose sum has the level `dbov`. */
function sines(frequencies: readonly number[], ms: number, dbov: number, rate: number): Int16Array {
  for (const hz of frequencies) {
    if (!(hz > 0 && hz < rate / 2)) throw new RangeError(`${hz} Hz cannot be carried at ${rate} samples a second`);
  }
  const amplitude = dbovToRms(dbov) * Math.sqrt(2 / frequencies.length);
  if (amplitude * frequencies.length > HIGHEST_PEAK) {
    throw new RangeError(`a tone of ${dbov} dBov does not fit into 16 bits`);
  }
  const steps = frequencies.map((hz) => (2 * Math.PI * hz) / rate);
  return Int16Array.from({ length: samplesOf(ms, rate) }, (_, i) =>
    clipped(steps.reduce((sum, step) => sum + amplitude * Math.sin(step * i), 0)),
  );
}

function samplesOf(ms: number, rate: number): number {
  return Math.round((ms * rate) / 1000);
}

function clipped(value: number): number {
  return Math.max(-32_768, Math.min(32_767, Math.round(value)));
}
