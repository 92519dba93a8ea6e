import { describe, expect, it } from 'vitest';
import { variablesOf } from '../../src/config/environment.js';
import { parseConfig } from '../../src/config/read.js';

const of = (text: string) => variablesOf(parseConfig(text, 'voicebridge.yaml').config);

describe('variablesOf', () => {
  it('finds none in a file that names none', () => {
    expect(of('agents: {a: {instructions: A.}}\nmodels: {m: {provider: sim}}')).toEqual({ needed: [], carrier: [] });
  });

  it('finds keys, secrets and what stands in headers and in the environment of servers, each once', () => {
    const text = `agents:
  a:
    instructions: A.
    tools:
      - send_sms
      - http: {name: t, description: T., url: "https://x.example?api_key=\${U}", secretEnv: S, headers: {A: "\${T1} \${T2}"}}
      - mcp: {url: "https://x.example/mcp", headers: {A: "Bearer \${T2}"}}
      - mcp: {command: serve, args: ["\${NOT}"], env: {X: "\${T3}"}}
models:
  m: {provider: openai}
lookup: {url: "https://x.example", secretEnv: S}
`;
    expect(of(text)).toEqual({
      needed: ['OPENAI_API_KEY', 'S', 'U', 'T1', 'T2', 'T3'],
      carrier: ['TWILIO_ACCOUNT_SID'],
    });
  });
});
