import { z } from 'zod';
import { toolsShape } from './tools-shape.js';
import { either, fields, file, form, list, named, number, text, time, wholeNumber, word, yesOrNo } from './words.js';

/** Who talks to the caller, and how. */

const interruptible = yesOrNo.optional().describe('Whether the caller can speak over it; true when left out.');

const greetingMap = fields({
  instructions: text()
    .optional()
    .describe('What the model is to say, for the greeting only. {{variables}} are filled in.'),
  file: file.optional().describe('A WAV beside the voicebridge.yaml, played at once.'),
  text: text().optional().describe('What is said in the file: the model is told that it has said it.'),
  interruptible,
}).superRefine(({ instructions, file: wav, text: said }, context) => {
  if (instructions !== undefined && wav !== undefined)
    context.addIssue('takes one of "instructions" and "file", not both');
  else if (wav !== undefined && said === undefined) context.addIssue('needs the "text" of what is said in the file');
  else if (wav === undefined && said !== undefined) context.addIssue('takes "text" only beside "file"');
});

const greeting = either(
  'model, none or a map of instructions, file, text, interruptible',
  word('model', 'none'),
  greetingMap,
);

const turnDetection = fields({
  type: word('server_vad', 'semantic_vad').optional().describe('By silence, or by meaning; server_vad when left out.'),
  threshold: number(0, 1).optional().describe('server_vad: how sure it must be to hear speech.'),
  prefixPadding: time('0ms', '5s').optional().describe('server_vad: taken from before the speech.'),
  silence: time('0ms', '10s').optional().describe('server_vad: so much silence ends a turn.'),
  idleTimeout: time('5s', '30s').optional().describe('server_vad: the model speaks up after so long without a word.'),
  eagerness: word('low', 'medium', 'high', 'auto')
    .optional()
    .describe('semantic_vad: how soon it takes a turn for ended.'),
}).superRefine((written, context) => {
  const semantic = written.type === 'semantic_vad';
  const known = semantic ? ['type', 'eagerness'] : ['type', 'threshold', 'prefixPadding', 'silence', 'idleTimeout'];
  const foreign = Object.keys(written).find((key) => !known.includes(key));
  if (foreign !== undefined) {
    context.addIssue({ code: 'unrecognized_keys', keys: [foreign], input: written, message: known.join(', ') });
  }
});

const bargeIn = fields({
  speech: word('immediate', 'reversible', 'off')
    .optional()
    .describe('When speech stops the agent: at once; at once, and it goes on when it was only noise; never.'),
  minSpeech: time('0ms', '5s').optional().describe('Shorter speech does not stop the agent; 0ms when left out.'),
  maxNoise: time('50ms', '5s')
    .optional()
    .describe('reversible: a sound that ends sooner is taken for noise; 600ms when left out.'),
  backchannels: z
    .array(text(), { error: 'a list of texts' })
    .optional()
    .describe('reversible: what is no interruption when it is all the caller said: "mm-hm", "okay".'),
  digits: either('any, none or keys like "*#"', word('any', 'none'), form('keys like "*#"', /^[0-9*#]{1,12}$/))
    .optional()
    .describe('Which keys stop the agent; any when left out.'),
});

const transcription = either(
  'none or a map of model, prompt',
  word('none'),
  fields({
    model: text('the name of a model').optional().describe('Which model writes down what the caller says.'),
    prompt: text().optional().describe('Names and words that are likely.'),
  }),
);

const LANGUAGE = 'a language of two letters (ISO 639-1), like en or de';

/** One entry of `agents:`. */
export const agentShape = fields({
  instructions: text().describe(
    'Who the agent is and what it does. {{from}}, {{to}}, {{callSid}}, the variables below, those of the lookup and <Parameter>s of your TwiML are filled in.',
  ),
  model: either(
    'the name of one of the models, or a list of them',
    text('the name of one of the models'),
    list('a list of names of models', text('the name of one of the models')),
  )
    .optional()
    .describe('One of the models, or several: the next is for when the one before cannot be reached.'),
  voice: text('the name of a voice').optional().describe("One of the model's voices."),
  greeting: greeting.optional().describe('How the call begins; model when left out.'),
  language: form(LANGUAGE, /^[a-z]{2}$/)
    .optional()
    .describe('What is spoken: said to the agent and to the transcription.'),
  variables: z
    .record(
      form('the name of a variable: letters, digits and "_"', /^[A-Za-z_][A-Za-z0-9_]{0,63}$/),
      z.string({ error: 'text' }),
      {
        error: 'names, each with a text behind it',
      },
    )
    .optional()
    .describe('What stands for {{name}} when neither the lookup nor a <Parameter> says.'),
  turnDetection: turnDetection.optional().describe("How the end of the caller's turn is found."),
  noiseReduction: word('near_field', 'far_field', 'none')
    .optional()
    .describe("By the model, before it listens; the model's default when left out."),
  transcription: transcription.optional().describe('What the caller says is written down, unless none.'),
  bargeIn: bargeIn.optional().describe('When the caller stops the agent.'),
  tools: toolsShape.optional().describe('What it can do besides talking.'),
  maxCall: time('10s', '24h').optional().describe('Longest call with this agent.'),
  maxOutputTokens: wholeNumber(1, 100_000).optional().describe('Longest answer, in tokens.'),
  apology: fields({
    file: file.describe('A WAV beside the voicebridge.yaml.'),
    text: text().describe('What is said in it.'),
  })
    .optional()
    .describe('Played when no model can be reached; falling tones when left out.'),
});

export const agentsShape = named('an agent', agentShape);

export type AgentShape = z.output<typeof agentShape>;
