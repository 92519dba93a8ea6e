import { z } from 'zod';
import { parseDuration } from '../../phone/duration.js';

/**
 * Everything a model script can say, in one place: the parser and the published schema are made of it. The text behind
 * `error` completes the sentence `"think" takes …`.
 */
const words = (takes: string) => z.string(takes).min(1, takes);
const DURATION = 'a time like 500ms or 1.5s';
const duration = z
  .string(DURATION)
  .regex(/^\d{1,9}(\.\d{1,6})?\s*(ms|s)$/, DURATION)
  .transform((written) => parseDuration(written)!);
const ordinal = z.int('a whole number from 1 on').min(1, 'a whole number from 1 on');
const yes = z.literal(true, 'true');
const closeCode = z.int('a close code from 1000 to 4999').min(1000).max(4999);

/** What stands between slashes is a pattern, and has to be one. */
function isPattern(written: string): boolean {
  const [, pattern] = /^\/(.*)\/$/s.exec(written) ?? [];
  try {
    return pattern === undefined || new RegExp(pattern, 'iu') !== undefined;
  } catch {
    return false;
  }
}

const tone = z.strictObject({
  hz: z.number('Hertz').min(1).max(3999),
  ms: z.number('milliseconds').min(20).max(600_000),
});

/** One thing to say. */
const line = z.union(
  [
    words('a text'),
    z.strictObject({
      text: z.string('a text').optional().describe('What the transcript says; {{output}} is what the tool answered.'),
      wav: words('the name of a WAV').optional().describe('A WAV beside the script that is played.'),
      tone: tone.optional().describe('A sine that is played: {hz: 440, ms: 2000}.'),
    }),
  ],
  'a text, or {text, wav, tone}',
);
export type WrittenLine = z.output<typeof line>;

const argumentsOf = z.union(
  [z.record(z.string(), z.unknown()), z.string()],
  'a map, or a text that is sent as it is, valid JSON or not',
);

const output = z
  .strictObject({
    say: line.optional().describe('A message: a recorded line by its name or its words, or any other text.'),
    call: words('the name of a tool').optional().describe('A function call with this name.'),
    arguments: argumentsOf
      .optional()
      .describe('What the function is called with: a map, or a text as it is to be sent.'),
    takes: duration.optional().describe('The arguments are written over so long a time.'),
  })
  .superRefine((value, context) => {
    if ((value.say === undefined) === (value.call === undefined))
      context.addIssue({ code: 'custom', message: 'needs one of "say" and "call"' });
    if (value.call === undefined && (value.arguments !== undefined || value.takes !== undefined))
      context.addIssue({ code: 'custom', message: 'has arguments or takes, which belong to a "call"' });
  });

const failure = z.strictObject({
  code: words('an error code').optional(),
  after: duration.optional().describe('So much audio is sent first.'),
});

const when = z.strictObject({
  response: ordinal.optional().describe('It is the n-th response of its session.'),
  session: ordinal.optional().describe('It is in the n-th session since the model was started.'),
  hears: words('words, or a pattern like /yes|no/')
    .refine(isPattern, 'takes words, or a pattern like /yes|no/, and this is none')
    .optional()
    .describe('The caller’s words, not yet answered, contain these in any case; /…/ is a pattern.'),
  after: words('the name of a tool').optional().describe('This tool has answered, and nothing was said since.'),
});

/** What one response does. Keys are in the order of the README's table. */
const conduct = {
  say: line.optional().describe('One message: a recorded line by its name or its words, or any other text.'),
  call: words('the name of a tool').optional().describe('One function call, alone.'),
  arguments: argumentsOf.optional().describe('What the call is made with: a map, or a text as it is to be sent.'),
  takes: duration.optional().describe('The arguments are written over so long a time, and can be interrupted.'),
  output: z
    .array(output, 'a list of {say} and {call}')
    .min(1, 'a list with at least one entry')
    .optional()
    .describe('Several items of one response, in their order: messages and function calls.'),
  think: duration.optional().describe('From the request to the first item.'),
  stall: z
    .strictObject({ after: duration, for: duration })
    .optional()
    .describe('After so much audio nothing comes for so long.'),
  fail: z
    .union([yes, words('an error code'), failure], 'true, an error code, or {code, after}')
    .optional()
    .describe('It ends failed: server_error, rate_limit_exceeded, or another code.'),
  incomplete: z
    .strictObject({ after: duration, reason: z.enum(['max_output_tokens', 'content_filter']).optional() })
    .optional()
    .describe('It ends incomplete after so much audio.'),
  drop: z
    .strictObject({ after: duration, code: closeCode.optional() })
    .optional()
    .describe('After so much audio the socket is reset, or closed with a code.'),
  expire: z.strictObject({ after: duration }).optional().describe('After so much audio the session expires.'),
  lateDeltas: duration.optional().describe('Audio goes on for so long after a cancellation.'),
  silent: yes.optional().describe('It begins and never says anything.'),
};

const onlyOneOutput = (
  value: { say?: unknown; call?: unknown; output?: unknown; arguments?: unknown; takes?: unknown },
  context: z.RefinementCtx,
): void => {
  const given = [value.say, value.call, value.output].filter((each) => each !== undefined).length;
  if (given > 1) context.addIssue({ code: 'custom', message: 'takes one of "say", "call" and "output", not several' });
  if (value.call === undefined && (value.arguments !== undefined || value.takes !== undefined))
    context.addIssue({ code: 'custom', message: 'has arguments or takes, which belong to a "call"' });
};

const answer = z.strictObject(conduct).superRefine(onlyOneOutput);
const response = z
  .strictObject({ when: when.optional().describe('Only then; the first that fits is taken.'), ...conduct })
  .superRefine(onlyOneOutput);
export type WrittenAnswer = z.output<typeof answer>;
export type WrittenResponse = z.output<typeof response>;

const session = z.strictObject({
  session: ordinal.optional().describe('Only the n-th session, refused ones counted; every one when left out.'),
  connectDelay: duration.optional().describe('The WebSocket handshake is answered so much later.'),
  refuse: z
    .int('an HTTP status from 400 to 599')
    .min(400, 'an HTTP status from 400 to 599')
    .max(599, 'an HTTP status from 400 to 599')
    .optional()
    .describe('The handshake is refused with this HTTP status.'),
  error: z
    .enum(['invalid_api_key', 'insufficient_quota', 'model_not_found'])
    .optional()
    .describe('The session begins with this error and is closed.'),
  silent: z
    .enum(['handshake', 'session', 'responses'])
    .optional()
    .describe('Says nothing: never answers the handshake, or opens and sends no event, or answers without a sound.'),
  hangs: duration.optional().describe('After so long nothing more is sent, and no ping is answered.'),
  ignorePings: yes.optional().describe('A ping is never answered.'),
  expires: duration.optional().describe('It ends after so long with session_expired and close 1001.'),
  drop: z
    .strictObject({ after: duration, code: closeCode.optional() })
    .optional()
    .describe('After so long the socket is reset, or closed with a code.'),
  speechStartedTwice: yes.optional().describe('Every speech_started is sent twice.'),
  lateDeltas: duration.optional().describe('Audio goes on for so long after every cancellation.'),
  ignoreClose: yes.optional().describe('A close from the client is never answered.'),
  refuseTruncate: yes.optional().describe('conversation.item.truncate is no event this server knows.'),
  rateLimits: z
    .array(
      z.strictObject({
        name: z.enum(['requests', 'tokens']),
        limit: z.int().min(0).optional(),
        remaining: z.int().min(0),
        reset: duration.optional(),
      }),
      'a list of {name, remaining, reset}',
    )
    .optional()
    .describe('What rate_limits.updated says after every response.'),
});
export type WrittenSession = z.output<typeof session>;

const turn = z.union(
  [
    z.string(),
    z.strictObject({
      says: z.string('the words').optional().describe('The words of the turn; "" is a noise without words.'),
      turn: ordinal.optional().describe('The n-th turn of its session; the place in the list when left out.'),
      session: ordinal.optional().describe('Only in the n-th session.'),
      delay: duration.optional().describe('The transcript comes so long after the turn.'),
      fails: z
        .union([yes, words('an error code')])
        .optional()
        .describe('Its transcription fails.'),
    }),
  ],
  'the words of a turn, or {says, turn, session, delay, fails}',
);
export type WrittenTurn = z.output<typeof turn>;

const speed = z.union(
  [z.number().min(0.1).max(1000), z.tuple([z.number().min(0.1).max(1000), z.number().min(0.1).max(1000)])],
  'a number like 4, or two like [3, 5]',
);

export const DIALECT_NAMES = ['openai', 'azure', 'xai'] as const;

/** A whole model script. */
export const modelScript = z.strictObject({
  name: words('text').optional().describe('What the script is called.'),
  description: words('text').optional().describe('What it is about, and what to expect.'),
  dialect: z.enum(DIALECT_NAMES).optional().describe('Whose server it is; openai when left out.'),
  beta: z
    .enum(['refuse', 'accept'])
    .optional()
    .describe('Clients of the dead beta API: refuse, as the service does, or accept: served in their own shape.'),
  voice: words('the path of an agent.yaml').optional().describe('An agent.yaml, or its folder, beside the script.'),
  synthesise: z
    .boolean('true or false')
    .optional()
    .describe(
      'false: texts that are not recorded are hummed, the same on every machine, even where they could be spoken.',
    ),
  think: duration.optional().describe('From a request to the first item of its response.'),
  speed: speed.optional().describe('How many times faster than it plays audio is sent: 4, or [3, 5].'),
  greeting: answer.optional().describe('The response while nobody has said anything.'),
  interrupted: answer.optional().describe('The response to a caller who spoke over the last one.'),
  responses: z
    .array(response, 'a list of responses')
    .min(1, 'a list with at least one entry')
    .optional()
    .describe(
      'The first whose `when` fits is taken; those without `when` follow one after the other, round and round.',
    ),
  sessions: z
    .array(session, 'a list of sessions')
    .min(1, 'a list with at least one entry')
    .optional()
    .describe('How sessions misbehave; all that fit add up.'),
  caller: z
    .array(turn, 'a list of turns')
    .min(1, 'a list with at least one entry')
    .optional()
    .describe('What the caller says, turn by turn, for transcripts and `hears`.'),
  transcription: z
    .strictObject({ delay: duration.optional().describe('The transcript comes so long after the turn.') })
    .optional()
    .describe('How the caller’s words are written down, when the session asks for it.'),
  resumesWithin: duration
    .optional()
    .describe('xai: how long after its end a conversation can be resumed; 1800s when left out.'),
});
export type WrittenModel = z.output<typeof modelScript>;

/** The tables of the README: what each key does. */
export const SCRIPT_KEYS = {
  script: modelScript.shape,
  response: { when: response.shape.when, ...conduct },
  when: when.shape,
  session: session.shape,
} as const;
