import type { z } from 'zod';
import { address, environmentVariable, fields, form, text, time, word } from './words.js';

/** Which models there are, and how each is reached. Where a model's key is, not what it is, stands in the file. */

export const PROVIDERS = ['openai', 'azure', 'xai', 'compatible', 'sim'] as const;
export type Provider = (typeof PROVIDERS)[number];

const RESOURCE = 'the name of an Azure resource, the first word of its address';

const shape = {
  provider: word(...PROVIDERS).describe('Who runs it; sim is the embedded simulated model, which needs no key.'),
  model: text('the name of a model').optional().describe('gpt-realtime-2.1, grok-voice-latest …'),
  url: address('a ws:// or wss:// address', /^wss?:\/\/[^\s]+$/)
    .optional()
    .describe('Of a compatible server, or in place of the address of a provider.'),
  resource: form(RESOURCE, /^[A-Za-z0-9][A-Za-z0-9-]{0,62}$/)
    .optional()
    .describe('azure: RESOURCE.openai.azure.com'),
  deployment: text('the name of a deployment').optional().describe('azure: the name of your deployment.'),
  keyEnv: environmentVariable.optional().describe('Environment variable that holds the key.'),
  audio: word('auto', 'pcmu', 'pcma', 'pcm')
    .optional()
    .describe('auto (when left out): µ-law end to end where the model has it, otherwise PCM at 24 kHz.'),
  connectTimeout: time('500ms', '60s').optional().describe('Until it must be ready to talk; 10s when left out.'),
  ping: time('1s', '5m').optional().describe('How often it is asked whether it is alive; 15s when left out.'),
};

/** Which settings belong to which provider, beside those that all have. */
const OWN: Readonly<Record<Provider, { needs: readonly string[]; takes: readonly string[] }>> = {
  openai: { needs: [], takes: ['model', 'url', 'keyEnv'] },
  azure: { needs: ['resource', 'deployment'], takes: ['resource', 'deployment', 'url', 'keyEnv'] },
  xai: { needs: [], takes: ['model', 'url', 'keyEnv'] },
  compatible: { needs: ['url'], takes: ['url', 'model', 'keyEnv'] },
  sim: { needs: [], takes: [] },
};
const EVERYBODYS = ['provider', 'audio', 'connectTimeout', 'ping'];

export const modelShape = fields(shape).superRefine((written, context) => {
  const { needs, takes } = OWN[written.provider];
  // Behind a gateway or in a sovereign cloud a resource has an address of its own.
  const hasAddress = (name: string): boolean => name === 'resource' && written.url !== undefined;
  for (const name of needs.filter((each) => !(each in written || hasAddress(each)))) {
    const message = `provider ${written.provider} is reached by its ${needs.join(' and ')}`;
    context.addIssue({ code: 'custom', path: [name], message });
  }
  const foreign = Object.keys(written).find((name) => !takes.includes(name) && !EVERYBODYS.includes(name));
  if (foreign !== undefined) {
    context.addIssue({
      code: 'unrecognized_keys',
      keys: [foreign],
      input: written,
      message: [...EVERYBODYS, ...takes].join(', '),
    });
  }
});

export type ModelShape = z.output<typeof modelShape>;
