import { z } from 'zod';
import { modelScript } from './grammar.js';

/** The JSON Schema of a model script, for editors; published as schemas/model.schema.json. */
export function modelScriptSchema(): object {
  const { $schema, ...schema } = z.toJSONSchema(modelScript, { io: 'input', unrepresentable: 'any' });
  return {
    $schema,
    title: 'A model of voicebridge',
    description: 'What a simulated model says and how it misbehaves: voicebridge model --script model.yaml',
    ...schema,
  };
}
