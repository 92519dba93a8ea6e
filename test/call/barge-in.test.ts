import { describe, expect, it } from 'vitest';
import { type BargeInSituation, decideBargeIn } from '../../src/call/barge-in.js';

const situation: BargeInSituation = {
  cause: 'speech',
  unheard: true,
  activeResponseId: undefined,
  interruption: 'client',
  modelCancelsOnSpeech: true,
};

describe('the decision at an interruption', () => {
  it('does nothing when nothing is unheard and nothing is being made', () => {
    expect(decideBargeIn({ ...situation, unheard: false })).toEqual([]);
  });

  it('clears and drops when the answer was made but not heard', () => {
    expect(decideBargeIn(situation)).toEqual([{ type: 'clear' }, { type: 'drop' }]);
  });

  it('leaves the cancelling to a model that does it itself', () => {
    expect(decideBargeIn({ ...situation, activeResponseId: 'resp_1' })).toEqual([{ type: 'clear' }, { type: 'drop' }]);
  });

  it.each(['digit', 'operator', 'late-response'] as const)('cancels itself when the cause is %s', (cause) => {
    expect(decideBargeIn({ ...situation, cause, activeResponseId: 'resp_1' })).toEqual([
      { type: 'clear' },
      { type: 'cancel', responseId: 'resp_1' },
      { type: 'drop' },
    ]);
  });

  it('cancels itself when the model was told not to', () => {
    const steps = decideBargeIn({ ...situation, modelCancelsOnSpeech: false, activeResponseId: 'resp_1' });
    expect(steps).toContainEqual({ type: 'cancel', responseId: 'resp_1' });
  });

  it('does not clear when a response is thought about and nothing of it was sent', () => {
    expect(decideBargeIn({ ...situation, unheard: false, activeResponseId: 'resp_1' })).toEqual([{ type: 'drop' }]);
  });

  it('never cancels at a server that repairs its own memory', () => {
    const steps = decideBargeIn({ ...situation, interruption: 'server-event', cause: 'digit', activeResponseId: 'r' });
    expect(steps).toEqual([{ type: 'clear' }, { type: 'drop' }]);
  });
});
