import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { mistakesIn, parseConfig } from '../../src/config/read.js';
import { VoicebridgeError } from '../../src/errors.js';
import { CONFIG_MISTAKES } from '../helpers/config-mistakes.js';

const RIGHT = 'agents:\n  sales:\n    instructions: Sell.\n';

/** The error a text is refused with; undefined when it is right. */
function refusal(text: string): VoicebridgeError | undefined {
  try {
    parseConfig(text, 'voicebridge.yaml');
    return undefined;
  } catch (error) {
    if (error instanceof VoicebridgeError) return error;
    throw error;
  }
}

describe('a mistake in a voicebridge.yaml', () => {
  it('is there to be made in many ways', () => {
    expect(CONFIG_MISTAKES.length).toBeGreaterThanOrEqual(20);
    expect(refusal(RIGHT)).toBeUndefined();
  });

  it.each(CONFIG_MISTAKES.map(([text, sentence]) => [text, sentence] as const))(
    'in %j is told as "line %s"',
    (text, sentence) => {
      const error = refusal(text);
      expect(error?.message).toBe(`voicebridge.yaml, line ${sentence}`);
      expect([error?.code, error?.exit]).toEqual(['config-invalid', 2]);
      expect(error?.message).not.toMatch(/\n/);
    },
  );

  it('is told together with the others when all of them are asked for, in the order of the file', () => {
    const text = 'agents:\n  sales:\n    voice: 5\n    maxCall: 1s\nserver: {port: -1}';
    expect(mistakesIn(text, 'voicebridge.yaml')).toEqual([
      { line: 2, sentence: 'agents.sales needs "instructions": text' },
      { line: 3, sentence: 'agents.sales.voice takes the name of a voice, not 5' },
      { line: 4, sentence: 'agents.sales.maxCall takes a time from 10s to 24h, not "1s"' },
      { line: 5, sentence: 'server.port takes a whole number from 0 to 65535, not -1' },
    ]);
  });

  it('does not repeat what looks like a key, wherever it stands', () => {
    for (const text of [
      `${RIGHT}    voice: sk-proj-0123456789abcdef`,
      `${RIGHT}    tools: [{http: {name: a, description: "key-0123456789abcdefgh", url: "https://x.example"}}]`,
      `${RIGHT}models: {main: {provider: openai, keyEnv: 0123456789abcdef0123456789abcdef}}`,
      `${RIGHT}models: {main: {provider: 0123456789abcdef0123456789abcdef}}`,
    ]) {
      expect(refusal(text)?.message).not.toContain('0123456789');
    }
  });

  it('is all that any text brings about', () => {
    const lines = fc.constantFrom(
      'agents:',
      '  a:',
      '    tools:',
      '      - ',
      '&x',
      '*x',
      '<<: *x',
      '- ',
      '{',
      ']',
      'to: 5',
      '"',
      '!!binary x',
      '? [a]',
      '|',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(lines).map((all) => all.join('\n')),
          fc.array(lines).map((all) => all.join(' ')),
        ),
        (text) => {
          refusal(text);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('is all that any value in any place brings about', () => {
    const value = fc.anything({ maxDepth: 3, withBigInt: false });
    const name = fc.constantFrom(
      'agents',
      'models',
      'routes',
      'lookup',
      'server',
      'sales',
      'tools',
      'http',
      'greeting',
      'provider',
      '__proto__',
      'constructor',
    );
    const tree = fc.letrec((tie) => ({
      node: fc.oneof({ maxDepth: 5 }, value, fc.dictionary(name, tie('node')), fc.array(tie('node'), { maxLength: 3 })),
    })).node;
    fc.assert(
      fc.property(fc.dictionary(name, tree), (written) => {
        let text: string;
        try {
          text = stringify(written);
        } catch {
          return;
        }
        refusal(text);
      }),
      { numRuns: 100 },
    );
  });

  it('is not that a map takes over another with <<', () => {
    const text =
      'agents:\n  a: &base\n    instructions: A.\n    voice: marin\n  b:\n    <<: *base\n    voice: cedar\nroutes: [{agent: a}]';
    const { config } = parseConfig(text, 'voicebridge.yaml');
    expect(config.agents.b).toEqual({ instructions: 'A.', voice: 'cedar' });
  });

  it('is told at the place that was taken over', () => {
    const text = 'agents:\n  a: &base {instructions: A.}\n  b:\n    <<: [{voice: 5}, *base]\nroutes: [{agent: a}]';
    expect(mistakesIn(text, 'voicebridge.yaml')).toEqual([
      { line: 4, sentence: 'agents.b.voice takes the name of a voice, not 5' },
    ]);
  });

  it('may be depth alone', () => {
    expect(refusal('['.repeat(5_000))?.message).toMatch(/^voicebridge\.yaml, line \d+: /);
    expect(refusal(`agents: ${'['.repeat(200)}${']'.repeat(200)}`)?.message).toBe(
      'voicebridge.yaml, line 1: the configuration contains itself, or is nested too deeply',
    );
  });
});

describe('a doubt about a voicebridge.yaml', () => {
  it.each([
    [RIGHT, []],
    [
      'agents:\n  a:\n    instructions: You serve {{name}} at {{to}}.',
      [
        '3: agents.a.instructions has {{name}}, which is empty unless TwiML of your own has a <Parameter> of that name: agents.a.variables could say what stands for it',
      ],
    ],
    [
      'agents:\n  a:\n    instructions: You serve {{nmae}}.\n    variables: {name: Ann}',
      ['3: agents.a.instructions has {{nmae}}, which nothing is known of: did you mean {{name}}?'],
    ],
    ['agents:\n  a:\n    instructions: You serve {{name}}.\nlookup: {url: "https://x.example"}', []],
    [
      'agents:\n  a: {instructions: A.}\n  b: {instructions: B.}\nroutes:\n  - agent: a',
      ['3: agents.b answers no call: no route leads to it'],
    ],
    [
      'agents:\n  a: {instructions: A., model: m}\nmodels:\n  m: {provider: sim}\n  n: {provider: sim}',
      ['5: models.n is used by no agent'],
    ],
    [
      'agents:\n  a:\n    instructions: A.\n    transcription: none\n    bargeIn: {speech: reversible}',
      [
        '5: agents.a.bargeIn.speech is reversible and transcription is none: "mm-hm" cannot be told from words, only short sounds are taken for noise',
      ],
    ],
    [
      'agents:\n  a:\n    instructions: A.\n    turnDetection: {type: semantic_vad}\n    noiseReduction: near_field\nmodels: {m: {provider: xai}}',
      [
        '4: agents.a.turnDetection.type is semantic_vad, and xAI has server_vad only: that is what it is asked for',
        '5: agents.a.noiseReduction is near_field, and xAI has none',
      ],
    ],
    [
      'agents: {a: {instructions: A.}}\nmodels:\n  m: {provider: compatible, url: "ws://models.example/v1", keyEnv: KEY}',
      ['3: models.m.url begins with ws://, so its key is not sent: wss:// would protect it on its way'],
    ],
    ['agents: {a: {instructions: A.}}\nmodels: {m: {provider: compatible, url: "ws://127.0.0.1:1", keyEnv: KEY}}', []],
    ['agents:\n  a:\n    instructions: A.\n    noiseReduction: none\nmodels: {m: {provider: xai}}', []],
  ])('is told with its line and refuses nothing: %j', (text, expected) => {
    const { warnings } = parseConfig(text, 'voicebridge.yaml');
    expect(warnings.map(({ line, sentence }) => `${line}: ${sentence}`)).toEqual(expected);
  });
});
