import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeMulaw, encodeMulaw } from '../../../src/audio/g711.js';
import { noise, tone } from '../../../src/audio/tone.js';
import { VoiceActivity, type VoiceActivityEvent } from '../../../src/simulator/model/voice-activity.js';

const RATE = 8000;

describe('VoiceActivity', () => {
  it('hears a word after digital silence and the pause that ends the turn', () => {
    const audio = join(silence(1000), word(800), silence(1000));
    const [started, stopped, ...rest] = listen(audio);
    expect(rest).toEqual([]);
    expect(started?.type).toBe('speech-started');
    expect(started?.atSample).toBeGreaterThanOrEqual(8000);
    expect(started?.atSample).toBeLessThan(8000 + 20);
    expect(started?.detectedAtSample).toBe(8000 + 160);
    expect(stopped?.type).toBe('speech-stopped');
    expect(near(stopped?.atSample, 8000 + 6400)).toBeLessThan(40);
    // 500 ms after the speech, at the end of a block of 5 ms.
    const waited = stopped!.detectedAtSample - stopped!.atSample;
    expect(waited).toBeGreaterThanOrEqual(4000);
    expect(waited).toBeLessThan(4040);
  });

  it('hears a word that comes 10 ms after the call began', () => {
    const [started] = listen(join(silence(10), word(800), silence(1000)));
    expect(near(started?.atSample, 80)).toBeLessThan(40);
    expect(started!.detectedAtSample).toBeLessThanOrEqual(30 * 8);
  });

  it('hears a word in noise 20 dB below it from the first sample of the call', () => {
    const audio = mix(join(silence(1503), word(800), silence(2000)), noise({ ms: 4303, dbov: -40, seed: 7 }));
    const [started, stopped, ...rest] = listen(audio);
    expect(rest).toEqual([]);
    expect(near(started?.atSample, 1503 * 8)).toBeLessThan(40);
    expect(started!.detectedAtSample - 1503 * 8).toBeLessThanOrEqual(25 * 8);
    expect(near(stopped?.atSample, 2303 * 8)).toBeLessThan(40);
  });

  it('holds a turn together over a pause shorter than the silence it waits for, and splits at a longer one', () => {
    const held = listen(join(silence(500), word(600), silence(450), word(600), silence(1000)));
    expect(held.map(({ type }) => type)).toEqual(['speech-started', 'speech-stopped']);
    const split = listen(join(silence(500), word(600), silence(550), word(600), silence(1000)));
    expect(split.map(({ type }) => type)).toEqual([
      'speech-started',
      'speech-stopped',
      'speech-started',
      'speech-stopped',
    ]);
  });

  it('waits as long as it is told, also when told in the middle of the pause', () => {
    const detector = new VoiceActivity({ rate: RATE, silenceDurationMs: 200 });
    detector.push(join(silence(500), word(600), silence(150)));
    detector.silenceDurationMs = 800;
    expect(detector.push(silence(500))).toEqual([]);
    expect(detector.push(silence(155)).map(({ type }) => type)).toEqual(['speech-stopped']);
  });

  it.each([
    ['digital silence', silence(5000)],
    ['comfort noise of -66 dBov', noise({ ms: 5000, dbov: -66, seed: 1 })],
    ['noise of -45 dBov', noise({ ms: 5000, dbov: -45, seed: 2 })],
    ['noise of -25 dBov', noise({ ms: 5000, dbov: -25, seed: 3 })],
    ['comfort noise that begins after digital silence', join(silence(2000), noise({ ms: 3000, dbov: -66, seed: 4 }))],
    [
      'mains hum of -30 dBov after silence',
      mix(join(silence(1000), tone({ hz: 50, ms: 4000, dbov: -30 })), silence(5000)),
    ],
    ['single clicks at full scale', click(click(click(silence(5000), 8003, 8), 20_000, 24), 30_017, 1)],
    ['clicks in noise', click(click(noise({ ms: 5000, dbov: -60, seed: 5 }), 12_345, 32), 24_000, 16)],
    ['a steady offset', new Int16Array(40_000).fill(500)],
  ])('is not woken by %s', (_, audio) => {
    expect(listen(mulaw(audio))).toEqual([]);
  });

  it('is woken by the same loudness when it lasts', () => {
    expect(listen(mulaw(join(silence(1000), noise({ ms: 60, dbov: -25, seed: 3 }), silence(1000))))).toHaveLength(2);
  });

  it('lets no click prolong a turn', () => {
    const quiet = join(silence(1000), word(600), silence(700));
    const clicked = click(quiet, 1850 * 8, 16);
    expect(listen(clicked)).toEqual(listen(quiet));
  });

  it('takes noise that sets in during the call for speech only until it has stayed steady', () => {
    const audio = join(silence(2000), noise({ ms: 6000, dbov: -40, seed: 11 }));
    mixInto(audio, word(600), 5000 * 8);
    const [mistaken, over, started, stopped, ...rest] = listen(audio);
    expect(rest).toEqual([]);
    expect(near(mistaken?.atSample, 2000 * 8)).toBeLessThan(40);
    expect(over!.detectedAtSample).toBeLessThan(3500 * 8);
    expect(near(started?.atSample, 5000 * 8)).toBeLessThan(40);
    expect(near(stopped?.atSample, 5600 * 8)).toBeLessThan(40);
  });

  it('hears at 24 kHz what it hears at 8 kHz', () => {
    const parts = (rate: number) => [
      new Int16Array(rate),
      tone({ hz: 500, ms: 600, dbov: -20, rate }),
      new Int16Array(rate),
    ];
    const at8 = listen(join(...parts(8000)));
    const at24 = listen(join(...parts(24_000)), 24_000);
    expect(at24.map(({ type }) => type)).toEqual(['speech-started', 'speech-stopped']);
    for (const [i, event] of at24.entries()) expect(near(event.atSample / 3, at8[i]!.atSample)).toBeLessThan(16);
  });

  it('refuses a rate that does not divide into its blocks', () => {
    expect(() => new VoiceActivity({ rate: 44_101, silenceDurationMs: 500 })).toThrow('44101 Hz does not divide');
    expect(() => new VoiceActivity({ rate: 16_000, silenceDurationMs: 500 })).not.toThrow();
  });

  it('gives the same events however the audio is cut into pushes', () => {
    const audio = mulaw(
      mix(
        click(join(silence(300), word(400), silence(600), word(90), silence(200), word(300), silence(900)), 4000, 9),
        noise({ ms: 2790, dbov: -55, seed: 21 }),
      ),
    );
    const whole = listen(audio);
    expect(whole.length).toBeGreaterThan(2);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 4000 }), { minLength: 1, maxLength: 50 }), (lengths) => {
        const detector = new VoiceActivity({ rate: RATE, silenceDurationMs: 500 });
        const events: VoiceActivityEvent[] = [];
        let at = 0;
        for (const length of lengths) {
          for (const event of detector.push(audio.subarray(at, at + length))) {
            expect(event.detectedAtSample).toBeLessThanOrEqual(Math.min(at + length, audio.length));
            events.push(event);
          }
          at += length;
        }
        events.push(...detector.push(audio.subarray(at)));
        expect(events).toEqual(whole);
      }),
      { numRuns: 60 },
    );
  });

  it('alternates between started and stopped and never looks ahead, whatever it hears', () => {
    const piece = fc.record({
      ms: fc.integer({ min: 1, max: 900 }),
      dbov: fc.integer({ min: -70, max: -10 }),
      seed: fc.nat(1000),
    });
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const events = listen(join(new Int16Array(0), ...pieces.map(noise)));
        let after = 0;
        for (const [i, event] of events.entries()) {
          expect(event.type).toBe(i % 2 === 0 ? 'speech-started' : 'speech-stopped');
          expect(event.atSample).toBeGreaterThanOrEqual(after);
          expect(event.detectedAtSample).toBeGreaterThanOrEqual(event.atSample);
          after = event.atSample;
        }
      }),
      { numRuns: 60 },
    );
  });
});

function listen(audio: Int16Array, rate = RATE): VoiceActivityEvent[] {
  return new VoiceActivity({ rate, silenceDurationMs: 500 }).push(audio);
}

/** Something between a hum and a hiss that rises and falls ten times a second, as syllables do. */
function word(ms: number): Int16Array {
  const voiced = tone({ hz: 320, ms, dbov: -20 });
  const hiss = noise({ ms, dbov: -26, seed: 77 });
  return voiced.map((x, i) => {
    const swell = 0.65 + 0.35 * Math.cos((2 * Math.PI * i) / 800);
    return (x + hiss[i]!) * swell;
  });
}

function silence(ms: number): Int16Array {
  return new Int16Array(ms * 8);
}

function join(...parts: Int16Array[]): Int16Array {
  return Int16Array.from(parts.flatMap((part) => [...part]));
}

function mix(a: Int16Array, b: Int16Array): Int16Array {
  return a.map((x, i) => x + (b[i] ?? 0));
}

function mixInto(audio: Int16Array, sound: Int16Array, at: number): void {
  for (const [i, x] of sound.entries()) audio[at + i]! += x;
}

/** `length` samples of alternating full scale. */
function click(audio: Int16Array, at: number, length: number): Int16Array {
  return audio.map((x, i) => (i >= at && i < at + length ? (i % 2 === 0 ? 30_000 : -30_000) : x));
}

function mulaw(audio: Int16Array): Int16Array {
  return decodeMulaw(encodeMulaw(audio));
}

function near(actual: number | undefined, expected: number): number {
  return Math.abs((actual ?? Number.NaN) - expected);
}
