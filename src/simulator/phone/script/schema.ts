import { call, DEFINITIONS } from './grammar.js';
import type { JsonSchema } from './shape.js';

/** The JSON Schema of a call.yaml, for editors; published as schemas/call.schema.json. */
export function callSchema(): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'A call of voicebridge',
    description: 'What a simulated caller does, step by step: voicebridge simulate call.yaml',
    ...call.schema,
    $defs: DEFINITIONS,
  };
}
