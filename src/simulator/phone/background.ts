import { dbovToRms } from '../../audio/level.js';
import { type Random, seededRandom } from '../../random.js';
import type { Background } from './script/steps.js';
import { atLevel, joined, syllable } from './sounds.js';

const RATE = 8000;
/** One period of European mains. */
const MAINS_SAMPLES = 160;
/** Share of each harmonic of a transformer, from 50 Hz on; it hums loudest at 100. */
const MAINS_HARMONICS = [0.3, 1, 0.2, 0.5, 0.1, 0.25];
const BABBLE_MS = 10_000;
const BABBLE_VOICES = 6;

/** Samples of the room, in order; adds them to `onto`. */
export type Room = (onto: Float64Array) => void;

/** The room of one call: the same seed makes the same sounds. */
export function roomOf({ kind, dbov, samples }: Background, seed: number): Room {
  const random = seededRandom(seed ^ 0x600d);
  switch (kind) {
    case 'white':
      return white(dbov, random);
    case 'hum':
      return around(atLevel(mains(), dbov), 0);
    case 'babble':
      return around(atLevel(babble(), dbov), Math.floor(random() * RATE));
    case 'file':
      return around(atLevel(samples ?? new Int16Array(1), dbov), 0);
  }
}

function white(dbov: number, random: Random): Room {
  const peak = dbovToRms(dbov) * Math.sqrt(3);
  return (onto) => {
    for (let i = 0; i < onto.length; i++) onto[i]! += (2 * random() - 1) * peak;
  };
}

/** Plays a recording round and round. */
function around(recording: Int16Array, from: number): Room {
  let at = from % recording.length;
  return (onto) => {
    for (let i = 0; i < onto.length; i++) {
      onto[i]! += recording[at]!;
      at = at + 1 === recording.length ? 0 : at + 1;
    }
  };
}

function mains(): Float64Array {
  return Float64Array.from({ length: MAINS_SAMPLES }, (_, i) =>
    MAINS_HARMONICS.reduce((sum, share, n) => sum + share * Math.sin((2 * Math.PI * (n + 1) * i) / MAINS_SAMPLES), 0),
  );
}

let babbleMade: Float64Array | undefined;

/** People talking across the room: syllables without words, made once per process, in about 0.1 s. */
function babble(): Float64Array {
  babbleMade ??= makeBabble();
  return babbleMade;
}

function makeBabble(): Float64Array {
  const whole = new Float64Array((BABBLE_MS * RATE) / 1000);
  for (let voice = 0; voice < BABBLE_VOICES; voice++) {
    const random = seededRandom(100 + voice);
    const pitch = 90 + 110 * random();
    const loudness = 0.4 + 0.6 * random();
    const parts: Float64Array[] = [];
    for (let length = 0; length < whole.length; ) {
      const part = random() < 0.18 ? new Float64Array(800 + Math.floor(random() * 4000)) : someSyllable(pitch, random);
      parts.push(part);
      length += part.length;
    }
    const said = joined(parts);
    for (let i = 0; i < whole.length; i++) whole[i]! += loudness * said[i]!;
  }
  return whole;
}

function someSyllable(pitch: number, random: Random): Float64Array {
  const hz = pitch * (0.85 + 0.3 * random());
  const ms = 90 + Math.floor(130 * random());
  const formants = [300 + 500 * random(), 900 + 1100 * random(), 2400 + 400 * random()];
  const breathed = random() < 0.15;
  return syllable(
    {
      ms,
      formants,
      attackMs: 15,
      releaseMs: 35,
      gain: breathed ? 0.15 : 0.5 + 0.5 * random(),
      ...(!breathed && { hz: [hz, hz * (0.9 + 0.15 * random())] as const }),
    },
    random,
  );
}
