import { z } from 'zod';
import { configShape } from './shape.js';

/** The JSON Schema of a voicebridge.yaml, for editors; published as schemas/voicebridge.schema.json. */
export function configSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(configShape, { io: 'input', target: 'draft-2020-12' });
  return {
    $schema,
    title: 'A configuration of voicebridge',
    description: 'Who answers the phone, and how: voicebridge serve --config voicebridge.yaml',
    ...schema,
  };
}
