import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import type { CountName, DistributionName } from '../../src/measure/metrics.js';
import { type CallerScript, loadCaller } from '../../src/simulator/phone/script.js';
import { type SandwichCall, sandwichCall } from '../helpers/sandwich-call.js';

const CALLER = fileURLToPath(new URL('../fixtures/two-interruptions', import.meta.url));

/** The five public ways to compute how much of an answer was heard. */
const WAYS = ['bytes-received', 'last-mark', 'media-timestamp', 'wall-clock', 'nothing'] as const;
/** And what else can go wrong in between. */
const FAULTS = ['forgets-clear', 'clears-and-goes-on', 'reorders', 'drops', 're-encodes', 'linear', 'beta'] as const;
type Relay = (typeof WAYS)[number] | (typeof FAULTS)[number];

/** Processes at the same time. */
const AT_ONCE = 4;

/** A machine that stands still for a tenth of a second makes any relay wrong by as much: then the call is made again. */
async function steadyCall(relay: Relay, caller: CallerScript): Promise<SandwichCall> {
  for (let attempt = 1; ; attempt++) {
    const call = await sandwichCall(relay, { caller });
    const lateMs = [...call.record.pacing.lateMs].sort((a, b) => a - b);
    if (attempt === 3 || lateMs[Math.floor(lateMs.length * 0.99)]! < 15) return call;
  }
}

describe('relays in the sandwich', () => {
  const calls = new Map<Relay, SandwichCall>();

  beforeAll(async () => {
    const caller = await loadCaller(CALLER);
    const waiting: Relay[] = [...WAYS, ...FAULTS];
    const work = async (): Promise<void> => {
      for (let relay = waiting.shift(); relay !== undefined; relay = waiting.shift())
        calls.set(relay, await steadyCall(relay, caller));
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  }, 280_000);

  const samples = (relay: Relay, name: DistributionName) => calls.get(relay)!.measured.measures.samples.get(name) ?? [];
  const count = (relay: Relay, name: CountName) => calls.get(relay)!.measured.measures.counts.get(name)?.count;
  const worst = (relay: Relay) => Math.max(...samples(relay, 'truncation.abs_error_ms'));
  const least = (relay: Relay) => Math.min(...samples(relay, 'truncation.abs_error_ms'));

  it('come out in the order of how they compute what was heard, with errors of the right size', () => {
    // All that was received: the rest of answers of 3.6 s and 6.5 s, of which 0.95 s and 1.7 s were heard.
    expect(samples('bytes-received', 'truncation.error_ms')).toHaveLength(2);
    expect(least('bytes-received')).toBeGreaterThan(2_000);
    expect(worst('bytes-received')).toBeLessThan(5_500);
    // A mark stands behind each delta, and a delta lasts up to 400 ms.
    expect(samples('last-mark', 'truncation.error_ms')).toHaveLength(2);
    expect(worst('last-mark')).toBeLessThan(450);
    // Steps of 20 ms at either end, and what this machine adds.
    expect(least('media-timestamp')).toBeLessThan(60);
    expect(least('wall-clock')).toBeLessThan(40);
    expect(least('bytes-received')).toBeGreaterThan(worst('last-mark'));
    expect(worst('last-mark')).toBeGreaterThan(least('media-timestamp'));
    expect(worst('last-mark')).toBeGreaterThan(least('wall-clock'));
    for (const way of WAYS) expect([way, count(way, 'truncation.missing')]).toEqual([way, way === 'nothing' ? 2 : 0]);
    expect(samples('nothing', 'truncation.error_ms')).toEqual([]);
  });

  it('are told apart by the metric of their fault, and by no other', () => {
    const sound = ['lost', 'duplicated', 'reordered', 'reencoded'] as const;
    const seen = (relay: Relay) =>
      sound.filter((what) => (count(relay, `frames.${what}`) ?? 0) + (count(relay, `audio.${what}`) ?? 0) > 0);
    for (const way of WAYS) expect([way, seen(way)]).toEqual([way, []]);
    expect(seen('reorders')).toEqual(['reordered']);
    expect(seen('drops')).toEqual(['lost']);
    expect(seen('re-encodes')).toEqual(['reencoded']);
    for (const name of ['frames.altered', 'audio.foreign'] as const) expect(count('re-encodes', name)).toBe(0);
    // None of the three is told to have missed a truncation, or to be far off, because of it.
    for (const relay of ['reorders', 'drops', 're-encodes'] as const) {
      expect([relay, count(relay, 'truncation.missing')]).toEqual([relay, 0]);
      expect(least(relay)).toBeLessThan(90);
    }
  });

  it('are counted frame by frame: one in forty swapped, one in a hundred dropped', () => {
    const frames = calls.get('drops')!.measured.measures.counts.get('frames.lost')!;
    expect(frames.count / frames.of).toBeGreaterThan(0.006);
    expect(frames.count / frames.of).toBeLessThan(0.012);
    const audio = calls.get('drops')!.measured.measures.counts.get('audio.lost')!;
    expect(audio.count / audio.of).toBeGreaterThan(0.005);
    expect(audio.count / audio.of).toBeLessThan(0.015);
    const swapped = calls.get('reorders')!.measured.measures.counts.get('frames.reordered')!;
    expect(swapped.count / swapped.of).toBeGreaterThan(0.01);
    expect(swapped.count / swapped.of).toBeLessThan(0.03);
  });

  it('are followed by their sound when every byte is another one', () => {
    const { notes } = calls.get('linear')!.measured;
    expect(notes).toEqual([expect.stringContaining('found by its sound')]);
    expect(samples('linear', 'truncation.error_ms')).toHaveLength(2);
    expect(least('linear')).toBeLessThan(90);
    expect(samples('linear', 'relay.in_ms').length).toBeGreaterThan(500);
    for (const name of ['frames.lost', 'frames.duplicated', 'audio.lost', 'truncation.missing'] as const)
      expect([name, count('linear', name)]).toEqual([name, 0]);
    expect(count('linear', 'audio.reencoded')).toBeGreaterThan(300);
  });

  it('that forget the clear are missed interruptions, those that go on sending leak', () => {
    expect(count('forgets-clear', 'bargein.missed')).toBe(2);
    expect(samples('forgets-clear', 'bargein.clear_ms')).toEqual([]);
    expect(Math.min(...samples('forgets-clear', 'truncation.error_ms'))).toBeLessThan(-2_000);
    expect(samples('clears-and-goes-on', 'bargein.clear_ms').length).toBeGreaterThan(0);
    expect(Math.max(...samples('clears-and-goes-on', 'bargein.leak_ms'))).toBeGreaterThan(1_000);
    expect(samples('wall-clock', 'bargein.leak_ms').every((ms) => ms < 100)).toBe(true);
  });

  it('make no mistake towards the model, but for the one that speaks the beta, which is measured all the same', () => {
    for (const [relay, { findings }] of calls) {
      const codes = findings.filter(({ level }) => level === 'error').map(({ code }) => code);
      expect([relay, codes]).toEqual([relay, relay === 'beta' ? ['beta_api_shape_disabled'] : []]);
    }
    expect(samples('beta', 'turn.playout_ms').length).toBeGreaterThan(0);
    expect(samples('beta', 'truncation.error_ms').length).toBeGreaterThan(0);
    expect(calls.get('beta')!.findings[0]!.hint).toContain('dead since 2026-05-12');
  });
});
