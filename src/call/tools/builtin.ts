import type { CarrierRest } from '../../carrier/carrier.js';
import { VoicebridgeError } from '../../errors.js';
import { DEFAULTS } from '../../options.js';
import type { TransferTarget } from '../control.js';
import type { NamedTarget } from './config.js';
import { type Tool, ToolError } from './tool.js';

/** What every agent can be allowed to do with its own call. Nothing of it reaches beyond `CallControl` and the carrier. */

const NOTHING = { type: 'object', properties: {}, additionalProperties: false } as const;
const DONE = '{"ok":true}';

/** Ends the call when the goodbye has been played to its end. */
export const hangUp: Tool = {
  declaration: {
    name: 'hang_up',
    description:
      'Ends the call. Say goodbye first, in the same answer, and call this last: the caller hears the goodbye to its end.',
    parameters: NOTHING,
  },
  timeoutMs: DEFAULTS.tools.timeoutMs,
  async run(_args, { control }) {
    control.hangUp();
    return { output: DONE, respond: false };
  },
};

/** Lets the agent say nothing. */
export const wait: Tool = {
  declaration: {
    name: 'wait',
    description:
      'Says nothing and goes on listening. Use it when the caller speaks to somebody else, thinks aloud, or asks you to wait.',
    parameters: NOTHING,
  },
  timeoutMs: DEFAULTS.tools.timeoutMs,
  run: () => Promise.resolve({ output: DONE, respond: false }),
};

const MAX_DIGITS = 32;
const MAX_DIGIT_SECONDS = 30;
const DIGIT_SECONDS = 5;

/** Waits for keys that the caller presses. */
export const collectDigits: Tool = {
  declaration: {
    name: 'collect_digits',
    description:
      'Waits for the caller to press keys on the phone. Ask for them first, in the same answer, and call this last.',
    parameters: {
      type: 'object',
      properties: {
        maxDigits: { type: 'integer', minimum: 1, maximum: MAX_DIGITS, description: 'As many as are expected.' },
        terminator: { type: 'string', enum: ['#', '*'], description: 'A key that ends the entry early.' },
        timeoutSeconds: {
          type: 'number',
          minimum: 1,
          maximum: MAX_DIGIT_SECONDS,
          description: `How long to wait for each key; ${DIGIT_SECONDS} when left out.`,
        },
      },
      required: ['maxDigits'],
      additionalProperties: false,
    },
  },
  // The request has times of its own, the last of which is before this one.
  timeoutMs: (MAX_DIGITS + 2) * MAX_DIGIT_SECONDS * 1000,
  async run(args, { control, signal }) {
    const {
      maxDigits,
      terminator,
      timeoutSeconds = DIGIT_SECONDS,
    } = args as {
      maxDigits: number;
      terminator?: string;
      timeoutSeconds?: number;
    };
    const timeoutMs = timeoutSeconds * 1000;
    const asked = { maxDigits, timeoutMs, signal, ...(terminator !== undefined && { terminator }) };
    const digits = await control.collectDigits(asked);
    return {
      output: JSON.stringify(digits === '' ? { digits, note: 'the caller pressed nothing in time' } : { digits }),
    };
  },
};

/** The longest body Twilio takes: https://www.twilio.com/docs/api/errors/21617. */
const MAX_MESSAGE = 1600;

/** A message to the caller, and to nobody else: an agent can be talked into anything. */
export function sendSms(rest: CarrierRest, from?: string): Tool {
  return {
    declaration: {
      name: 'send_sms',
      description: 'Sends a text message to the number the caller is calling from.',
      parameters: {
        type: 'object',
        properties: { body: { type: 'string', minLength: 1, maxLength: MAX_MESSAGE, description: 'The message.' } },
        required: ['body'],
        additionalProperties: false,
      },
    },
    // The carrier is given less.
    timeoutMs: DEFAULTS.carrier.requestTimeoutMs + 1000,
    async run({ body }, { call }) {
      const sender = from ?? call.to;
      if (call.from === undefined) throw new ToolError('the number of the caller is not known');
      if (sender === undefined) throw new ToolError('there is no number to send from');
      await told(rest.sendMessage({ from: sender, to: call.from, body: String(body) }));
      return { output: DONE };
    },
  };
}

/** Longer than a goodbye is played and the carrier asked. */
const TRANSFER_TIMEOUT_MS = 120_000;

/** Hands the call over to one of the targets of the configuration, when what the agent says has been played. */
export function transfer(targets: Readonly<Record<string, NamedTarget>>): Tool {
  const names = Object.keys(targets);
  const when = names.map((name) => `${name}${targets[name]!.description ? `: ${targets[name]!.description}` : ''}`);
  return {
    declaration: {
      name: 'transfer',
      description:
        'Hands the call over and ends your part in it. Tell the caller first, in the same answer, and call this last.',
      parameters: {
        type: 'object',
        properties: { target: { type: 'string', enum: names, description: when.join('\n') } },
        required: ['target'],
        additionalProperties: false,
      },
    },
    timeoutMs: TRANSFER_TIMEOUT_MS,
    async run({ target }, { control }) {
      await told(control.transfer(destination(targets[String(target)]!)));
      return { output: DONE, respond: false };
    },
  };
}

function destination({ number, url }: NamedTarget): TransferTarget {
  return number === undefined ? { url: url! } : { number };
}

/** Our own errors hold nothing private; the model may say of what kind it was. */
async function told<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof VoicebridgeError ? new ToolError(error.message, { cause: error }) : error;
  }
}
