import { describe, expect, it } from 'vitest';
import { ModelTurn } from '../../src/call/model-turn.js';
import type { ModelEvent } from '../../src/model/model.js';

const MODEL = { cancelsOnSpeech: true, answersByItself: true };
const started: ModelEvent = { type: 'response-started', responseId: 'resp_1' };

function turnAfter(events: readonly ModelEvent[], model = MODEL): ModelTurn {
  const turn = new ModelTurn();
  for (const event of events) turn.event(event, model, 1_000);
  return turn;
}

describe('what a session of a model owes the caller', () => {
  it('is the answer that was asked for, until it begins', () => {
    const turn = new ModelTurn();
    turn.asked({ instructions: 'Greet.' }, 1_000);
    expect(turn.owedAt(1_500)).toEqual({ instructions: 'Greet.' });
    turn.event(started, MODEL, 2_000);
    expect(turn.owedAt(2_000)).toBeUndefined();
    expect(turn.isResponding).toBe(true);
  });

  it('is the answer to what the caller has said, where the model answers by itself', () => {
    expect(turnAfter([{ type: 'speech-stopped' }]).owedAt(1_000)).toEqual({});
    const asked = { ...MODEL, answersByItself: false };
    expect(turnAfter([{ type: 'speech-stopped' }], asked).owedAt(1_000)).toBeUndefined();
  });

  it('is nothing any more when the caller goes on, when it was asked for twice, and after half a minute', () => {
    expect(turnAfter([{ type: 'speech-stopped' }, { type: 'speech-started' }]).owedAt(1_000)).toBeUndefined();
    const code = 'conversation_already_has_active_response';
    const twice: ModelEvent = { type: 'error', code, message: '', benign: true };
    expect(turnAfter([{ type: 'speech-stopped' }, twice]).owedAt(1_000)).toBeUndefined();
    expect(turnAfter([{ type: 'speech-stopped' }]).owedAt(31_000)).toBeUndefined();
  });

  it('is an answer being made, unless the caller has stopped it', () => {
    expect(turnAfter([started]).isResponding).toBe(true);
    expect(turnAfter([started, { type: 'speech-started' }]).isResponding).toBe(false);
    expect(turnAfter([started, { type: 'speech-started' }], { ...MODEL, cancelsOnSpeech: false }).isResponding).toBe(
      true,
    );
    const done: ModelEvent = { type: 'response-done', responseId: 'resp_1', status: 'completed' };
    expect(turnAfter([started, done]).isResponding).toBe(false);
    const cancelled = turnAfter([started]);
    cancelled.cancelled('resp_1');
    expect(cancelled.isResponding).toBe(false);
  });
});

describe('when a session may be replaced', () => {
  it('is at a turn boundary and as long as nothing follows it', () => {
    const turn = new ModelTurn();
    expect(turn.quietFromMs(1_000)).toBeUndefined();
    turn.boundary();
    expect(turn.quietFromMs(1_000)).toBe(1_000);
    turn.event({ type: 'speech-started' }, MODEL, 1_100);
    expect(turn.quietFromMs(1_200)).toBeUndefined();
  });

  it('is not while an answer is being made, and three seconds after one that was due and did not come', () => {
    const making = turnAfter([started]);
    making.boundary();
    expect(making.quietFromMs(1_000)).toBeUndefined();
    const due = turnAfter([{ type: 'speech-stopped' }]);
    due.boundary();
    expect(due.quietFromMs(1_000)).toBe(4_000);
    expect(due.quietFromMs(9_000)).toBe(9_000);
  });
});
