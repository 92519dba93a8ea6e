import { stringify } from 'yaml';
import type { Answers } from './answers.js';

const SCHEMA = 'node_modules/voicebridge/schemas/voicebridge.schema.json';

/** A commented voicebridge.yaml. Whatever was answered, it is a configuration without findings. */
export function writeConfig(answers: Answers): string {
  const { purpose, voice, tools } = answers;
  // An agent called null is one, too.
  const agent = stringify(answers.agent).trimEnd();
  return `# yaml-language-server: $schema=${SCHEMA}
#
# The configuration of voicebridge serve. Is it right? voicebridge serve --check. Read again for new calls: kill -HUP.

agents:
  ${agent}:
    # What the agent is told to be. {{from}}, {{to}} and {{callSid}} are filled in, and what stands under variables.
    instructions: |
${indented(`${purpose}\nYou are on the telephone: speak in one or two short sentences, and never in lists.`, 6)}
    # variables: {shop: Green Street Bicycles}
    model: main
${voice === '' ? "    # voice: marin                      # one of the model's voices" : `    voice: ${scalar(voice)}`}
    # language: en                      # said to the agent, and to the transcription of the caller
${greetingLines(answers)}
    # turnDetection: {type: server_vad, silence: 500ms}
    bargeIn:
      speech: immediate                 # reversible: goes on when it was only noise or "mm-hm"; off: cannot be interrupted
      digits: any                       # keys that stop the agent: any, none, or some like "*#"
${toolLines(tools)}
    # maxCall: 20m
    # apology: {file: sorry.wav, text: I am sorry, please call again.}     # when no model can be reached

models:
${modelLines(answers)}

# routes:                               # the first that fits answers the call
#   - {to: "+15550100001", agent: ${agent}}
#   - {path: /voice/sales, agent: ${agent}}
#   - agent: ${agent}

# lookup:                               # your own system says which agent answers, and what it should know
#   url: https://example.com/calls
#   secretEnv: LOOKUP_SECRET            # signs the question; its value stays in the environment
#   timeout: 2s

server:
  host: 127.0.0.1                       # beyond this machine only with TWILIO_AUTH_TOKEN
  port: 8080
  # publicUrl: https://voice.example.com
  maxCalls: 100
`;
}

function greetingLines({ greeting, greetingWords }: Answers): string {
  if (greeting === 'none') return '    greeting: none                      # the caller speaks first';
  if (greeting === 'model' || greetingWords === undefined) {
    return '    greeting: model                     # or none, {instructions: …}, {file: hello.wav, text: …}';
  }
  return `    greeting:\n      instructions: ${scalar(`Say: ${withoutBraces(greetingWords)}`)}`;
}

function toolLines(tools: Answers['tools']): string {
  const more = `    #   - transfer: {desk: {number: "+15550100009", description: The caller wants a person.}}
    #   - http: {name: opening_hours, description: When we are open., url: "https://example.com/hours"}`;
  if (tools.length === 0) return `    # tools:\n    #   - hang_up\n${more}`;
  return `    tools:\n${tools.map((tool) => `      - ${tool}`).join('\n')}\n${more}`;
}

function modelLines({ provider, url, resource, deployment }: Answers): string {
  switch (provider) {
    case 'sim':
      return '  main: {provider: sim}                 # the embedded simulated model; a real one:\n  # main: {provider: openai, keyEnv: OPENAI_API_KEY}';
    case 'openai':
      return '  main: {provider: openai, keyEnv: OPENAI_API_KEY}';
    case 'xai':
      return '  main: {provider: xai, keyEnv: XAI_API_KEY}';
    case 'azure':
      return `  main: {provider: azure, resource: ${scalar(resource ?? '')}, deployment: ${scalar(deployment ?? '')}, keyEnv: AZURE_OPENAI_API_KEY}`;
    case 'compatible':
      return `  main: {provider: compatible, url: ${scalar(url ?? '')}}`;
  }
}

/** One value on one line, in quotes that hold whatever it is. */
function scalar(value: string): string {
  return stringify(value, { lineWidth: 0, defaultStringType: 'QUOTE_DOUBLE' }).trimEnd();
}

/** No answer is meant as a variable. */
function withoutBraces(text: string): string {
  return text.replace(/[{}]{2,}/g, '');
}

/** Lines of a block. What YAML would read as something else is taken out. */
function indented(text: string, by: number): string {
  return withoutBraces(text)
    .split(/\r\n|[\r\n\u0085\u2028\u2029]/)
    .map((line) => line.replace(/[^\P{C}\t]|\t/gu, ' ').trim())
    .filter((line) => line !== '')
    .map((line) => `${' '.repeat(by)}${line}`)
    .join('\n');
}
