import { describe, expect, it } from 'vitest';
import { Floor } from '../../src/call/floor.js';

/** A floor that is free or taken as the test says. */
function floor(isFree = true) {
  const asked: unknown[] = [];
  const state = { isFree };
  const made = new Floor({
    isFree: () => state.isFree,
    respond: (how) => {
      asked.push(how);
      state.isFree = false;
    },
  });
  return {
    floor: made,
    asked,
    /** The last response is over. */
    freed() {
      state.isFree = true;
      made.flush();
    },
  };
}

describe('Floor', () => {
  it('asks at once when it is free, and when it has become so', () => {
    const { floor: it, asked, freed } = floor();
    it.ask();
    it.ask({ instructions: 'Say this.', toolChoice: 'none' });
    expect(asked).toEqual([{}]);
    it.responseStarted();
    freed();
    expect(asked).toEqual([{}, { instructions: 'Say this.', toolChoice: 'none' }]);
    it.responseStarted();
    expect(it.isEmpty).toBe(true);
  });

  it('makes one of asks without words that wait together, and tells what belongs to each', () => {
    const { floor: it, asked, freed } = floor(false);
    const told: string[] = [];
    it.ask({ tell: () => told.push('one') });
    it.ask();
    it.ask({ tell: () => told.push('two') });
    expect(told).toEqual([]);
    freed();
    expect(asked).toEqual([{}]);
    expect(told).toEqual(['one', 'two']);
  });

  it('keeps the order of asks with words and without', () => {
    const { floor: it, asked, freed } = floor(false);
    it.ask();
    it.ask({ instructions: 'A' });
    it.ask();
    for (let i = 0; i < 3; i++) {
      freed();
      it.responseStarted();
    }
    expect(asked).toEqual([{}, { instructions: 'A' }, {}]);
  });

  it('speaks in another way where that can be, and asks where it cannot', () => {
    const { floor: it, asked, freed } = floor();
    it.ask({ instructions: 'A', speak: () => true });
    expect(asked).toEqual([]);
    it.responseStarted();
    freed();
    it.ask({ instructions: 'B', speak: () => false });
    expect(asked).toEqual([{ instructions: 'B' }]);
  });

  it('takes a response that the model began by itself for the answer to what waits, but not to words of its own or what it was not told', () => {
    const { floor: it, asked, freed } = floor(false);
    const told: string[] = [];
    it.ask();
    it.ask({ instructions: 'A' });
    it.ask({ tell: () => told.push('keys') });
    it.responseStarted();
    for (let i = 0; i < 3; i++) {
      freed();
      it.responseStarted();
    }
    expect(asked).toEqual([{ instructions: 'A' }, {}]);
    expect(told).toEqual(['keys']);
  });

  it('asks again after a refusal, without telling again', () => {
    const { floor: it, asked, freed } = floor();
    const told: string[] = [];
    it.ask({ tell: () => told.push('keys') });
    it.refused();
    expect(it.isEmpty).toBe(false);
    freed();
    expect(asked).toEqual([{}, {}]);
    expect(told).toEqual(['keys']);
  });

  it('asks again when the refusal comes behind the response that was the reason for it', () => {
    const { floor: it, asked, freed } = floor();
    it.ask();
    it.responseStarted();
    it.refused();
    freed();
    expect(asked).toEqual([{}, {}]);
    it.responseStarted();
    freed();
    expect(asked).toEqual([{}, {}]);
  });

  it('does not ask again for what the model knew before it began that response', () => {
    const { floor: it, asked, freed } = floor(false);
    it.ask();
    freed();
    it.responseStarted();
    it.refused();
    freed();
    expect(asked).toEqual([{}]);
  });

  it('puts what is to be said first before all that waits', () => {
    const { floor: it, asked, freed } = floor(false);
    it.ask();
    it.ask({ instructions: 'A' }, { first: true });
    freed();
    expect(asked).toEqual([{ instructions: 'A' }]);
  });

  it('asks again, three times at most, for what is to be said until it was heard', () => {
    const { floor: it, asked, freed } = floor();
    it.ask({ instructions: 'A', untilHeard: true });
    for (let i = 0; i < 4; i++) {
      it.responseStarted();
      it.responseDone(true);
      freed();
    }
    expect(asked).toHaveLength(3);
    it.ask({ instructions: 'B' });
    it.responseStarted();
    it.responseDone(true);
    freed();
    expect(asked).toHaveLength(4);
  });

  it('takes back what waits, and nothing else', () => {
    const { floor: it, asked, freed } = floor(false);
    const takeBack = it.ask({ instructions: 'A' });
    const tooLate = it.ask({ instructions: 'B' });
    takeBack();
    freed();
    tooLate();
    expect(asked).toEqual([{ instructions: 'B' }]);
    expect(it.isEmpty).toBe(false);
    it.forgetAsked();
    expect(it.isEmpty).toBe(true);
  });
});
