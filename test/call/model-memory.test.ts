import { describe, expect, it } from 'vitest';
import { ModelMemory } from '../../src/call/model-memory.js';
import { type HistoryLine, plainSession } from '../../src/model/model.js';
import { ScriptedModel } from '../helpers/scripted-model.js';

function told(heard: HistoryLine[], act: (memory: ModelMemory, model: ReturnType<ScriptedModel['open']>) => void) {
  const model = new ScriptedModel();
  const connection = model.open(plainSession(''), () => {});
  act(new ModelMemory([{ role: 'system', text: 'A regular.' }], () => [...heard]), connection);
  return model.said;
}

describe('what a new session remembers', () => {
  it('is all that was before the call and in it', () => {
    const heard: HistoryLine[] = [{ role: 'agent', text: 'Hello.' }];
    expect(told(heard, (memory, model) => memory.give(model))).toEqual(['system A regular.', 'agent Hello.']);
  });

  it('is put right once when the last line was cut short after all', () => {
    const heard: HistoryLine[] = [
      { role: 'agent', text: 'Hello.' },
      { role: 'agent', text: 'It comes on Monday.' },
    ];
    const said = told(heard, (memory, model) => {
      memory.give(model);
      memory.mend(model);
      heard.pop();
      memory.mend(model);
      memory.mend(model);
    });
    expect(said.slice(3)).toEqual(['system Your last answer was cut off. The caller has heard nothing.']);
  });

  it('is corrected in a model that remembers by itself, if an answer was broken off', () => {
    const heard: HistoryLine[] = [{ role: 'agent', text: 'It comes' }];
    expect(told(heard, (memory, model) => memory.correct(model, true))).toEqual([
      'system Your last answer was cut off. The caller has heard only this: "It comes".',
    ]);
    expect(told(heard, (memory, model) => memory.correct(model, false))).toEqual([]);
    expect(told([], (memory, model) => memory.correct(model, true))).toEqual([]);
  });

  it('is what came before there was one, too, once', () => {
    const fact: HistoryLine = { role: 'system', text: 'A fact.' };
    const result: HistoryLine = { role: 'system', text: 'A result.' };
    const missing = (memory: ModelMemory): void => {
      memory.missed(fact, true);
      memory.missed(result, false);
    };
    const twice = (act: (memory: ModelMemory, model: ReturnType<ScriptedModel['open']>) => void) =>
      told([fact], (memory, model) => {
        missing(memory);
        act(memory, model);
        act(memory, model);
      });
    // The first session knows what was before the call.
    expect(twice((memory, model) => memory.begin(model))).toEqual(['system A fact.', 'system A result.']);
    expect(twice((memory, model) => memory.correct(model, false))).toEqual(['system A fact.', 'system A result.']);
    const given = ['system A regular.', 'system A fact.'];
    expect(twice((memory, model) => memory.give(model))).toEqual([...given, 'system A result.', ...given]);
  });
});
