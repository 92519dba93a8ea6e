import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseModelScript } from '../../../../src/simulator/model/script/file.js';
import { modelScriptSchema } from '../../../../src/simulator/model/script/schema.js';
import { MODEL_MISTAKES } from './mistakes.js';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const PUBLISHED = join(ROOT, 'schemas/model.schema.json');
const samples = readdirSync(join(ROOT, 'samples/models'), { encoding: 'utf8' }).map((name) =>
  join('samples/models', name),
);

const made = JSON.stringify(modelScriptSchema(), null, 2);
// The formatter of the repository may lay it out as it likes.
if (process.env.UPDATE_SCHEMA) writeFileSync(PUBLISHED, `${made}\n`);

const published = readFileSync(PUBLISHED, 'utf8');
const validate = new Ajv2020({ strict: true, strictTuples: false, strictTypes: false }).compile(JSON.parse(published));
/** What the schema makes of the text, as an editor would. */
const schemaAccepts = (text: string): boolean => {
  try {
    return validate(parse(text));
  } catch {
    return false;
  }
};
const parserAccepts = (text: string): boolean => {
  try {
    parseModelScript(text);
    return true;
  } catch {
    return false;
  }
};

describe('schemas/model.schema.json', () => {
  it('is what the parser reads by (npm run schema makes it anew)', () => {
    expect(JSON.parse(published)).toEqual(JSON.parse(made));
  });

  it('has a sentence for the editor at every key of a script and of a response', () => {
    const { properties } = JSON.parse(published);
    const { when, ...conduct } = properties.responses.items.properties;
    for (const key of [...Object.values(properties), ...Object.values(conduct), when] as { description: string }[])
      expect(key.description).toMatch(/\.$/);
  });

  it.each(samples)('accepts %s, which points an editor to it', (path) => {
    const text = readFileSync(join(ROOT, path), 'utf8');
    expect([schemaAccepts(text), parserAccepts(text)]).toEqual([true, true]);
    const [, named] = /^# yaml-language-server: \$schema=(\S+)$/m.exec(text) ?? [];
    expect(join(ROOT, path, '..', named ?? '')).toBe(PUBLISHED);
  });

  it('accepts the script of the README, as the parser does', () => {
    const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
    const [, section] = /\n### model\n([\s\S]*?)\n### /.exec(readme) ?? [];
    const [, script] = /```yaml\n([\s\S]*?)```/.exec(section ?? '') ?? [];
    expect([schemaAccepts(script!), parserAccepts(script!)]).toEqual([true, true]);
  });

  it.each(MODEL_MISTAKES.map(([text, , beyond]) => [text, beyond === true] as const))(
    'sees the mistake in %j (or not: %s)',
    (text, accepted) => {
      expect(schemaAccepts(text)).toBe(accepted);
    },
  );
});
