import { describe, expect, it } from 'vitest';
import { ModelBreaks } from '../../src/call/model-breaks.js';
import { DEFAULTS } from '../../src/options.js';

const settings = {
  ...DEFAULTS.model,
  backlogMs: 0,
  connectAttempts: 2,
  retryMs: [200, 1_000],
  stableMs: 1_000,
} as const;
const breaks = (models: number): ModelBreaks => new ModelBreaks(settings, models, () => 1);

describe('what is tried after a session has broken off', () => {
  it('is the same model at once, then the others', () => {
    expect(breaks(3).broke(1, 'lost', 60_000, false)).toEqual({ order: [1, 0, 2], afterMs: 0 });
  });

  it('is the same model twice when its conversation may be refused', () => {
    expect(breaks(2).broke(0, 'lost', 60_000, true)).toEqual({ order: [0, 0, 1], afterMs: 0 });
  });

  it('is the same model after a pause when it was busy', () => {
    expect(breaks(1).broke(0, 'busy', 60_000, false)).toEqual({ order: [0], afterMs: 200 });
  });

  it('is another model when this one refuses, and none when there is none', () => {
    expect(breaks(2).broke(0, 'refused', 60_000, false)).toEqual({ order: [1], afterMs: 0 });
    expect(breaks(1).broke(0, 'refused', 60_000, false).order).toEqual([]);
  });

  it('is another model when this one breaks off at once again and again, and nothing when all do', () => {
    const all = breaks(2);
    expect(all.broke(0, 'lost', 10, false)).toEqual({ order: [0, 1], afterMs: 200 });
    expect(all.broke(0, 'lost', 10, false)).toEqual({ order: [1], afterMs: 400 });
    expect(all.broke(1, 'lost', 10, false)).toEqual({ order: [1, 0], afterMs: 800 });
    expect(all.broke(1, 'lost', 10, false).order).toEqual([]);
  });

  it('forgets them after a session that lasted', () => {
    const all = breaks(1);
    all.broke(0, 'lost', 10, false);
    all.broke(0, 'lost', 60_000, false);
    expect(all.broke(0, 'lost', 10, false)).toEqual({ order: [0], afterMs: 200 });
  });
});
