export interface VoiceActivityOptions {
  /** Samples per second, a multiple of 200. */
  readonly rate: number;
  /** Silence that ends a turn. */
  readonly silenceDurationMs: number;
  /** How far above the tracked background a block must be to count as voice; default 9 dB. */
  readonly overFloorDb?: number;
  /** What is not louder than this never counts as voice; default -50 dBov. */
  readonly leastDbov?: number;
}

/**
 * `atSample`: where the speech began (its first sample) or ended (the one after its last), as best known now.
 * `detectedAtSample`: how many samples had been consumed when that was decided. Both count from the first sample pushed.
 */
export interface VoiceActivityEvent {
  readonly type: 'speech-started' | 'speech-stopped';
  readonly atSample: number;
  readonly detectedAtSample: number;
}

const BLOCK_MS = 5;
const HIGHPASS_HZ = 200;
/** Louder than the threshold in so many of the last blocks begins speech: 15 to 20 ms of it. A click is in two at most. */
const START = { loud: 4, of: 5 };
/** In so many of the last blocks prolongs it. */
const STAY = { loud: 2, of: 3 };
/** The background is what a tenth of the last three seconds does not exceed. */
const FLOOR_MS = 3000;
const FLOOR_SHARE = 0.1;
/** Sound that keeps this steady for so long is no speech, however loud: it becomes the background at once. */
const STEADY_MS = 800;
const STEADY_SPREAD_DB = 6;
const STEADY_RISE_DB = 3;
/** A background below this is taken for this: digital silence and comfort noise are the same to a listener. */
const QUIETEST_DBOV = -70;
const FULL_SCALE = 32_768;

/**
 * Finds speech in a stream as it comes, to end turns by. An energy detector on blocks of 5 ms after a high-pass that
 * takes hum away; its threshold follows the background. It hears energy, not words: music and coughs are speech to it.
 *
 * `npm run bench:vad`, 200 sentences in ten backgrounds, all detectors ending turns after 500 ms of silence:
 *
 * | | decided after the onset, p50 | offset error p50 | false | turns joined |
 * |---|---|---|---|---|
 * | this one | 20 ms | -2 ms | 22 s | 1 |
 * | WebRTC's, mode 3 | 15 ms | 68 ms | 88 s | 3 |
 * | fixed at -40 dBov | 13 ms | -4 ms | 243 s | 15 |
 *
 * The same samples give the same events however they are cut into pushes. State: two filter memories and three seconds
 * of block levels, no audio. A frame of 20 ms costs 4 µs.
 */
export class VoiceActivity {
  /** Silence that ends a turn; may be changed at any time. */
  silenceDurationMs: number;
  readonly #samplesPerMs: number;
  readonly #blockSamples: number;
  readonly #overFloorDb: number;
  readonly #leastDbov: number;
  readonly #highpass: Highpass;
  readonly #background = new Background();
  #consumed = 0;
  #blockEnergy = 0;
  /** Places of the first and last sample of the present block that reach the last threshold. */
  #firstLoud: number | undefined;
  #lastLoud: number | undefined;
  #threshold: number;
  /** The last few blocks, newest last: where their loud samples lie, or undefined for a quiet block. */
  readonly #recent: (LoudBlock | undefined)[] = [];
  /** While somebody speaks: one past the last sample of their speech so far. */
  #speechEnd: number | undefined;

  constructor(options: VoiceActivityOptions) {
    if (options.rate % (1000 / BLOCK_MS) !== 0)
      throw new RangeError(`${options.rate} Hz does not divide into blocks of ${BLOCK_MS} ms`);
    this.silenceDurationMs = options.silenceDurationMs;
    this.#samplesPerMs = options.rate / 1000;
    this.#blockSamples = this.#samplesPerMs * BLOCK_MS;
    this.#overFloorDb = options.overFloorDb ?? 9;
    this.#leastDbov = options.leastDbov ?? -50;
    this.#threshold = amplitude(this.#leastDbov);
    this.#highpass = new Highpass(HIGHPASS_HZ, options.rate);
  }

  /** Called for every piece of audio that arrives. Returns what was decided by it, usually nothing. */
  push(samples: Int16Array): VoiceActivityEvent[] {
    const events: VoiceActivityEvent[] = [];
    for (let i = 0; i < samples.length; i++) {
      const x = this.#highpass.next(samples[i]!);
      if (Math.abs(x) >= this.#threshold) {
        this.#firstLoud ??= this.#consumed;
        this.#lastLoud = this.#consumed;
      }
      this.#blockEnergy += x * x;
      this.#consumed++;
      if (this.#consumed % this.#blockSamples === 0) {
        const event = this.#endBlock();
        if (event) events.push(event);
      }
    }
    return events;
  }

  #endBlock(): VoiceActivityEvent | undefined {
    const dbov = 10 * Math.log10(this.#blockEnergy / this.#blockSamples / FULL_SCALE ** 2);
    this.#background.add(dbov);
    const thresholdDbov = Math.max(this.#background.dbov + this.#overFloorDb, this.#leastDbov);
    const loud = dbov > thresholdDbov;
    this.#recent.push(loud ? this.#loudBlock() : undefined);
    if (this.#recent.length > START.of) this.#recent.shift();

    this.#blockEnergy = 0;
    this.#firstLoud = undefined;
    this.#lastLoud = undefined;
    this.#threshold = amplitude(thresholdDbov);
    return this.#speechEnd === undefined ? this.#maybeStart() : this.#maybeStop(this.#speechEnd);
  }

  #maybeStart(): VoiceActivityEvent | undefined {
    const loud = this.#recent.filter((block) => block !== undefined);
    if (loud.length < START.loud) return undefined;
    this.#speechEnd = loud.at(-1)!.end;
    return { type: 'speech-started', atSample: loud[0]!.start, detectedAtSample: this.#consumed };
  }

  #maybeStop(speechEnd: number): VoiceActivityEvent | undefined {
    const loud = this.#recent.slice(-STAY.of).filter((block) => block !== undefined);
    if (loud.length >= STAY.loud) this.#speechEnd = Math.max(speechEnd, loud.at(-1)!.end);
    if (this.#consumed - this.#speechEnd! < this.silenceDurationMs * this.#samplesPerMs) return undefined;
    const atSample = this.#speechEnd!;
    this.#speechEnd = undefined;
    this.#recent.length = 0;
    return { type: 'speech-stopped', atSample, detectedAtSample: this.#consumed };
  }

  /** A block over the threshold has samples over it, unless the threshold has just moved: then it is loud all over. */
  #loudBlock(): LoudBlock {
    const blockStart = this.#consumed - this.#blockSamples;
    return { start: this.#firstLoud ?? blockStart, end: (this.#lastLoud ?? this.#consumed - 1) + 1 };
  }
}

interface LoudBlock {
  readonly start: number;
  readonly end: number;
}

/** The level of whatever is there when nobody speaks. */
class Background {
  /** dBov. From the first block on: that is then the quietest so far, so a call that begins in noise is not speech. */
  dbov = QUIETEST_DBOV;
  #all = new LevelWindow(FLOOR_MS / BLOCK_MS);
  readonly #latest = new LevelWindow(STEADY_MS / BLOCK_MS);

  add(dbov: number): void {
    this.#all.add(dbov);
    this.#latest.add(dbov);
    if (this.#latest.full && this.#latest.percentile(FLOOR_SHARE) > this.dbov + STEADY_RISE_DB && this.#isSteady()) {
      this.#all = new LevelWindow(FLOOR_MS / BLOCK_MS);
      for (const level of this.#latest.levels()) this.#all.add(level);
    }
    this.dbov = this.#all.percentile(FLOOR_SHARE);
  }

  #isSteady(): boolean {
    return this.#latest.percentile(0.95) - this.#latest.percentile(0.05) < STEADY_SPREAD_DB;
  }
}

/** The last so many levels and their percentiles, to half a decibel. */
class LevelWindow {
  readonly #bins = new Uint16Array(2 * -QUIETEST_DBOV + 1);
  readonly #ring: Uint8Array;
  #added = 0;

  constructor(size: number) {
    this.#ring = new Uint8Array(size);
  }

  get length(): number {
    return Math.min(this.#added, this.#ring.length);
  }

  get full(): boolean {
    return this.#added >= this.#ring.length;
  }

  add(dbov: number): void {
    const bin = Math.round(2 * Math.min(Math.max(dbov - QUIETEST_DBOV, 0), -QUIETEST_DBOV));
    const place = this.#added++ % this.#ring.length;
    if (this.#added > this.#ring.length) this.#bins[this.#ring[place]!]!--;
    this.#ring[place] = bin;
    this.#bins[bin]!++;
  }

  /** The level that `share` of the window does not exceed. */
  percentile(share: number): number {
    let left = share * this.length;
    for (let bin = 0; bin < this.#bins.length; bin++) {
      left -= this.#bins[bin]!;
      if (left < 0) return QUIETEST_DBOV + bin / 2;
    }
    return 0;
  }

  /** Oldest first. */
  *levels(): Generator<number> {
    for (let i = this.#added - this.length; i < this.#added; i++)
      yield QUIETEST_DBOV + this.#ring[i % this.#ring.length]! / 2;
  }
}

/** Second-order Butterworth: 24 dB less at 50 Hz, 12 dB less at 100 Hz. Coefficients as in the Audio EQ Cookbook. */
class Highpass {
  readonly #b: number;
  readonly #a1: number;
  readonly #a2: number;
  #s1 = 0;
  #s2 = 0;

  constructor(hz: number, rate: number) {
    const w = (2 * Math.PI * hz) / rate;
    const alpha = Math.sin(w) * Math.SQRT1_2;
    const a0 = 1 + alpha;
    this.#b = (1 + Math.cos(w)) / 2 / a0;
    this.#a1 = (-2 * Math.cos(w)) / a0;
    this.#a2 = (1 - alpha) / a0;
  }

  next(x: number): number {
    const y = this.#b * x + this.#s1;
    this.#s1 = -2 * this.#b * x - this.#a1 * y + this.#s2;
    this.#s2 = this.#b * x - this.#a2 * y;
    return y;
  }
}

function amplitude(dbov: number): number {
  return FULL_SCALE * 10 ** (dbov / 20);
}
