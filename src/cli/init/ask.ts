import type { World } from '../world.js';
import { type Answers, DEFAULT_ANSWERS, TOOL_CHOICES } from './answers.js';

const AGENT_NAME = /^[A-Za-z][A-Za-z0-9_-]{0,63}$/;
const RESOURCE = /^[A-Za-z0-9][A-Za-z0-9-]{0,62}$/;

const SAYS: Readonly<Record<(typeof TOOL_CHOICES)[number], string>> = {
  hang_up: 'ends the call, once its goodbye has been heard',
  wait: 'is silent while the caller looks something up',
  collect_digits: 'takes a number from the keypad',
};

/** Asks on the terminal. Rejects with an ExitPromptError when the person leaves with Ctrl-C. */
export async function ask(world: World): Promise<Answers> {
  const { checkbox, input, select } = await import('@inquirer/prompts');
  // Questions are progress: stdout is for the result.
  const context = { input: world.stdin, output: world.stderr };
  const text = (
    message: string,
    proposed?: string,
    right: (value: string) => boolean = (value) => value !== '',
    takes = '',
  ) =>
    input(
      {
        message,
        ...(proposed !== undefined && { default: proposed }),
        validate: (value) => right(value.trim()) || `This takes ${takes || 'a text'}.`,
      },
      context,
    ).then((value) => value.trim());

  const provider = await select(
    {
      message: 'Which model speaks?',
      choices: [
        { value: 'sim', name: 'the simulated one: no key, recorded answers' },
        { value: 'openai', name: 'OpenAI Realtime' },
        { value: 'azure', name: 'Azure OpenAI' },
        { value: 'xai', name: 'xAI Grok Voice' },
        { value: 'compatible', name: 'another server that speaks OpenAI Realtime' },
      ] as const,
    },
    context,
  );
  const where =
    provider === 'azure'
      ? {
          resource: await text(
            'Azure resource (RESOURCE.openai.azure.com)?',
            undefined,
            (value) => RESOURCE.test(value),
            'the first word of its address',
          ),
          deployment: await text('Azure deployment?'),
        }
      : provider === 'compatible'
        ? {
            url: await text(
              'Its address?',
              'ws://127.0.0.1:8082/v1/realtime',
              isSocketAddress,
              'a ws:// or wss:// address',
            ),
          }
        : {};
  const agent = await text(
    'A name for the agent?',
    DEFAULT_ANSWERS.agent,
    (value) => AGENT_NAME.test(value),
    'letters, digits, "-" and "_", a letter first',
  );
  const purpose = await text('What is it for?', DEFAULT_ANSWERS.purpose);
  const voice = await input({ message: "Voice (empty: the model's own)?" }, context).then((value) => value.trim());
  const greeting = await select(
    {
      message: 'Who speaks first?',
      choices: [
        { value: 'model', name: 'the agent, as it likes' },
        { value: 'words', name: 'the agent, with words of yours' },
        { value: 'none', name: 'the caller' },
      ] as const,
    },
    context,
  );
  const words =
    greeting === 'words' ? { greetingWords: await text('What does it say?', 'Hello, how can I help you?') } : {};
  const tools = await checkbox(
    {
      message: 'What can it do besides talking?',
      choices: TOOL_CHOICES.map((tool) => ({
        value: tool,
        name: `${tool}: ${SAYS[tool]}`,
        checked: DEFAULT_ANSWERS.tools.includes(tool),
      })),
    },
    context,
  );
  return { provider, ...where, agent, purpose, voice, greeting, ...words, tools };
}

function isSocketAddress(value: string): boolean {
  return /^wss?:\/\/\S+$/.test(value) && URL.canParse(value);
}
