import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Answers, DEFAULT_ANSWERS, TOOL_CHOICES } from '../../../src/cli/init/answers.js';
import { writeConfig } from '../../../src/cli/init/write.js';
import { mistakesIn, parseConfig } from '../../../src/config/read.js';

function findings(text: string): unknown[] {
  const mistakes = mistakesIn(text, 'voicebridge.yaml');
  return mistakes.length > 0 ? [...mistakes] : [...parseConfig(text, 'voicebridge.yaml').warnings];
}

/** What the commented lines say when they are taken in. */
function withComments(text: string): string {
  return text
    .replace(/^# (routes|lookup):/gm, '$1:')
    .replace(/^#( {3}.*)$/gm, ' $1')
    .replace(/^ {4}# (variables|voice|language|turnDetection|maxCall):/gm, '    $1:')
    .replace(/^ {4}# {3}- /gm, '      - ')
    .replace(/^ {2}# publicUrl:/gm, '  publicUrl:');
}

describe('a first voicebridge.yaml', () => {
  it('has no findings when nothing was answered', () => {
    const text = writeConfig(DEFAULT_ANSWERS);
    expect(findings(text)).toEqual([]);
    const { config } = parseConfig(text, 'voicebridge.yaml');
    expect(config.agents.reception).toMatchObject({ model: 'main', greeting: 'model', tools: [{ type: 'hang_up' }] });
    expect(config.models).toEqual({ main: { provider: 'sim' } });
  });

  it('has none either when its comments are taken in', () => {
    const text = withComments(writeConfig(DEFAULT_ANSWERS));
    expect(text).toMatch(/^lookup: /m);
    expect(findings(text)).toEqual([]);
    const { config } = parseConfig(text, 'voicebridge.yaml');
    expect([config.routes?.length, config.agents.reception?.tools?.length]).toEqual([3, 3]);
  });

  it('says what was answered', () => {
    const { config } = parseConfig(
      writeConfig({
        provider: 'azure',
        resource: 'acme',
        deployment: 'voice 1',
        agent: 'null',
        purpose: 'You sell "bikes": cheap ones.\n# And repair them.',
        voice: 'ash',
        greeting: 'words',
        greetingWords: 'Hello, {{name}}: who is there?',
        tools: ['wait', 'collect_digits'],
      }),
      'voicebridge.yaml',
    );
    expect(config.agents.null).toMatchObject({
      instructions:
        'You sell "bikes": cheap ones.\n# And repair them.\nYou are on the telephone: speak in one or two short sentences, and never in lists.\n',
      voice: 'ash',
      greeting: { instructions: 'Say: Hello, name: who is there?' },
      tools: [{ type: 'wait' }, { type: 'collect_digits' }],
    });
    expect(config.models?.main).toEqual({
      provider: 'azure',
      resource: 'acme',
      deployment: 'voice 1',
      keyEnv: 'AZURE_OPENAI_API_KEY',
    });
  });

  it('has no findings whatever was answered', () => {
    const said = fc
      .oneof(fc.string({ unit: 'binary', minLength: 1 }), fc.string({ minLength: 1 }))
      .map((text) => `a${text}`);
    const answers: fc.Arbitrary<Answers> = fc.record({
      provider: fc.constantFrom('sim', 'openai', 'xai', 'azure', 'compatible'),
      url: fc.constant('wss://example.com/v1/realtime?a="b"&c={d}'),
      resource: fc.constant('acme'),
      deployment: said,
      agent: fc.stringMatching(/^[A-Za-z][A-Za-z0-9_-]{0,10}$/),
      purpose: said,
      voice: fc.oneof(fc.constant(''), said),
      greeting: fc.constantFrom('model', 'none', 'words'),
      greetingWords: said,
      tools: fc.subarray([...TOOL_CHOICES]),
    });
    fc.assert(
      fc.property(answers, (given) => {
        expect(findings(writeConfig(given))).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });
});
