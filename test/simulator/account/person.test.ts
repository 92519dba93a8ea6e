import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { behaviourOf } from '../../../src/simulator/account/person.js';

describe('a person', () => {
  it.each([
    [undefined, 'human', 2000],
    ['after 2s', 'human', 2000],
    ['500ms', 'human', 500],
    ['human after 1.5s', 'human', 1500],
    ['never', 'never', 0],
    ['busy', 'busy', 0],
    ['fails', 'fails', 0],
    ['machine', 'machine', 12_000],
    ['machine after 3s', 'machine', 3000],
    ['fax', 'fax', 1000],
  ])('who answers %s is %s after %i ms', (answers, kind, afterMs) => {
    expect(behaviourOf(answers === undefined ? {} : { answers })).toMatchObject({ kind, afterMs });
  });

  it('hangs up when told, and not otherwise', () => {
    expect(behaviourOf({ hangsUp: 'after 30s' }).hangsUpAfterMs).toBe(30_000);
    expect(behaviourOf({}).hangsUpAfterMs).toBeUndefined();
  });

  it.each([
    [{ answers: 'sometimes' }, "not 'sometimes'"],
    [{ answers: '' }, "not ''"],
    [{ answers: 'never after 2s' }, "not 'never after 2s'"],
    [{ answers: 'after 2 minutes' }, "not 'after 2 minutes'"],
    [{ hangsUp: 'soon' }, "a person hangs up 'after 30s', not 'soon'"],
  ])('is refused with what can be said instead: %o', (person, sentence) => {
    expect(() => behaviourOf(person)).toThrow(sentence);
  });

  it('is understood or refused, whatever is said of them', () => {
    fc.assert(
      fc.property(fc.string(), (answers) => {
        try {
          expect(behaviourOf({ answers }).afterMs).toBeGreaterThanOrEqual(0);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
    );
  });
});
