import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { mistakesIn, parseConfig } from '../../src/config/read.js';
import { configSchema } from '../../src/config/schema.js';
import { CONFIG_MISTAKES } from '../helpers/config-mistakes.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PUBLISHED = join(ROOT, 'schemas/voicebridge.schema.json');

const made = JSON.stringify(configSchema(), null, 2);
// The formatter of the repository may lay it out as it likes.
if (process.env.UPDATE_SCHEMA) writeFileSync(PUBLISHED, `${made}\n`);

const published = readFileSync(PUBLISHED, 'utf8');
const validate = new Ajv2020({ strict: true, strictRequired: false }).compile(JSON.parse(published));
/** What the schema makes of the text, as an editor would. */
const schemaAccepts = (text: string): boolean => {
  try {
    return validate(parse(text, { logLevel: 'error' }));
  } catch {
    return false;
  }
};
const findings = (text: string): string[] => {
  const mistakes = mistakesIn(text, 'voicebridge.yaml');
  const found = mistakes.length > 0 ? mistakes : parseConfig(text, 'voicebridge.yaml').warnings;
  return found.map(({ line, sentence }) => `${line}: ${sentence}`);
};

describe('schemas/voicebridge.schema.json', () => {
  it('is what the parser reads by (npm run schema makes it anew)', () => {
    expect(JSON.parse(published)).toEqual(JSON.parse(made));
  });

  it('is a valid schema of draft 2020-12, each part with a sentence for the editor', () => {
    const { $schema, properties } = JSON.parse(published);
    expect($schema).toBe('https://json-schema.org/draft/2020-12/schema');
    for (const part of Object.values<{ description?: string }>(properties)) expect(part.description).toMatch(/\.$/);
    const { properties: agent } = properties.agents.additionalProperties;
    for (const part of Object.values<{ description?: string }>(agent)) expect(part.description).toMatch(/\.$/);
  });

  it('accepts samples/voicebridge.yaml, which points an editor to it and has no findings', () => {
    const text = readFileSync(join(ROOT, 'samples/voicebridge.yaml'), 'utf8');
    expect([schemaAccepts(text), findings(text)]).toEqual([true, []]);
    const [, named] = /^# yaml-language-server: \$schema=(\S+)$/m.exec(text) ?? [];
    expect(join(ROOT, 'samples', named ?? '')).toBe(PUBLISHED);
  });

  it('accepts what samples/voicebridge.yaml has in comments', () => {
    const text = readFileSync(join(ROOT, 'samples/voicebridge.yaml'), 'utf8').replace(
      /^( *)# (main:|backup:|lookup:| {2}url| {2}secretEnv| {2}timeout)/gm,
      '$1$2',
    );
    const without = text
      .replace('  main: {provider: sim}\n', '')
      .replace('model: main\n    voice', 'model: [main, backup]\n    voice');
    expect([schemaAccepts(without), findings(without)]).toEqual([true, []]);
  });

  it('accepts the configuration of the README, which has no findings', () => {
    const blocks = [...readFileSync(join(ROOT, 'README.md'), 'utf8').matchAll(/```yaml\n([\s\S]*?)```/g)].map(
      ([, yaml]) => yaml!,
    );
    const [text] = blocks.filter((yaml) => /^agents:/m.test(yaml));
    expect([schemaAccepts(text!), findings(text!)]).toEqual([true, []]);
  });

  it.each(CONFIG_MISTAKES.map(([text, , beyond]) => [text, beyond === true] as const))(
    'sees the mistake in %j (or not: %s)',
    (text, accepted) => {
      expect(schemaAccepts(text)).toBe(accepted);
    },
  );

  it.each([
    'agents:\n  a: {instructions: A., greeting: none, transcription: none, noiseReduction: none}',
    'agents:\n  a: {instructions: A., model: sim, maxCall: 1.5h}',
    'agents:\n  a:\n    instructions: A.\n    tools: [hang_up, wait, collect_digits, send_sms]',
    'agents:\n  a:\n    instructions: A.\n    tools:\n      - send_sms: {from: "+15550100001"}\n      - transfer: {desk: {url: "https://x.example/desk", description: The desk.}}\n      - module: tools.js\n      - module: {path: more.js, names: [a, b], timeout: 5s}\n      - mcp: {command: node, args: [server.js], env: {LEVEL: "1"}, tools: [find]}\n      - mcp: {url: "https://x.example/mcp"}',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: what a person writes
    'agents:\n  a:\n    instructions: A.\n    tools:\n      - http:\n          name: stock\n          description: What is in stock.\n          parameters: {type: object, properties: {item: {type: string}}, required: [item]}\n          url: https://x.example/stock\n          method: GET\n          timeout: 3s\n          retry: safe\n          secretEnv: STOCK_SECRET\n          headers: {Authorization: "Bearer ${STOCK_KEY}"}\n          filler: {after: 800ms, say: One moment.}',
    'agents:\n  a: {instructions: A., model: [x, y]}\nmodels:\n  x: {provider: xai, model: grok-voice-latest, audio: pcmu, ping: 20s}\n  y: {provider: compatible, url: "ws://127.0.0.1:8082/v1/realtime", connectTimeout: 2s}',
    'agents:\n  a: {instructions: A.}\nroutes:\n  - {to: ["+15550100001", "+15550100002"], parameter: gold, agent: a}\n  - agent: a\nlookup: {url: "https://x.example/who", timeout: 500ms}\nserver: {host: 0.0.0.0, port: 0, publicUrl: "https://v.example.com", maxCalls: 5, maxCall: 30m}',
  ])('and the parser both accept %j', (text) => {
    expect([schemaAccepts(text), findings(text)]).toEqual([true, []]);
  });
});
