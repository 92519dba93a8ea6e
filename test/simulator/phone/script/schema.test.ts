import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { STEPS } from '../../../../src/simulator/phone/script/grammar.js';
import { callSchema } from '../../../../src/simulator/phone/script/schema.js';
import { parseCallFile } from '../../../../src/simulator/phone/script-file.js';
import { MISTAKES } from '../../../helpers/call-mistakes.js';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const PUBLISHED = join(ROOT, 'schemas/call.schema.json');
const samples = readdirSync(join(ROOT, 'samples'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('call.yaml') && !name.includes('node_modules'))
  .map((name) => join('samples', name));

const made = JSON.stringify(callSchema(), null, 2);
// The formatter of the repository may lay it out as it likes.
if (process.env.UPDATE_SCHEMA) writeFileSync(PUBLISHED, `${made}\n`);

const published = readFileSync(PUBLISHED, 'utf8');
const validate = new Ajv2020({ strict: true, strictRequired: false }).compile(JSON.parse(published));
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
    parseCallFile(text, 'call.yaml');
    return true;
  } catch {
    return false;
  }
};

describe('schemas/call.schema.json', () => {
  it('is what the parser reads by (npm run schema makes it anew)', () => {
    expect(JSON.parse(published)).toEqual(JSON.parse(made));
  });

  it('is a valid schema of draft 2020-12, each step with a sentence for the editor', () => {
    const schema = JSON.parse(published);
    expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
    expect(schema.$defs.step.anyOf.length).toBeGreaterThan(15);
    for (const variant of schema.$defs.step.anyOf) expect(variant.description).toMatch(/\.$/);
  });

  it.each(STEPS.map(({ example }) => example))('accepts the example of the README: {%s}', (example) => {
    const text = `steps:\n  - {${example}}`;
    expect([schemaAccepts(text), parserAccepts(text)]).toEqual([true, true]);
  });

  it('accepts the script of the README', () => {
    const [, script] = /```yaml\n([\s\S]*?)```/.exec(readFileSync(join(ROOT, 'README.md'), 'utf8')) ?? [];
    expect([schemaAccepts(script!), parserAccepts(script!)]).toEqual([true, true]);
  });

  it.each(samples)('accepts %s, which points an editor to it', (path) => {
    const text = readFileSync(join(ROOT, path), 'utf8');
    expect(schemaAccepts(text)).toBe(true);
    expect(parserAccepts(text)).toBe(true);
    const [, named] = /^# yaml-language-server: \$schema=(\S+)$/m.exec(text) ?? [];
    expect(join(ROOT, path, '..', named ?? '')).toBe(PUBLISHED);
  });

  it.each(MISTAKES.map(([text, , beyond]) => [text, beyond === true] as const))(
    'sees the mistake in %j (or not: %s)',
    (text, accepted) => {
      expect(schemaAccepts(text)).toBe(accepted);
    },
  );

  it.each([
    'steps:\n  - say: {text: Good morning.}\n  - say: [a.wav, {silence: 1s}]\n  - hangup: true',
    'steps:\n  - interrupt: a.wav\n    after: first-pause\n  - interrupt: a.wav\n    at: 100%\n    timeout: 2 s',
    'steps:\n  - backchannel: mm-hm\n  - cough: true\n    left: 1s\n  - digits: 12\n  - digits: "*#"\n    tone: true',
    'steps:\n  - if: {agent: silent, for: 2s}\n    then:\n      - if: {mark: true}\n        then: [{drop: true}, {reconnect: true}]',
    'noise: {kind: file, dbov: -40, file: street.wav}\necho: {db: 0, delayMs: 1}\nsteps:\n  - wait: 1.5s',
    'network: {toPhone: 20ms}\nfaults: ["reset@5s"]\nassume: {close-code: 1005, clear-delay: 0}\nsteps:\n  - wait: 0ms',
  ])('and the parser both accept %j', (text) => {
    expect([schemaAccepts(text), parserAccepts(text)]).toEqual([true, true]);
  });
});
