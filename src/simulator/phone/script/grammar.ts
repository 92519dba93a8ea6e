import { isMap, isScalar, isSeq } from 'yaml';
import { DEFAULTS } from '../../../options.js';
import { assume, faults, network } from './carrier-shapes.js';
import { condition, EXPECTATIONS } from './conditions.js';
import {
  described,
  either,
  type Fields,
  flag,
  map,
  number,
  type Shape,
  scalar,
  text,
  type Variant,
  variants,
  word,
} from './shape.js';
import { background, coughs, duration, hums, sounds } from './sound-shapes.js';
import type { EchoPath, InterruptAt } from './steps.js';
import type { WrittenCall, WrittenSounds, WrittenStep } from './written.js';

/** Everything a call.yaml can say, in one place: the parser and the published schema are made of it. */

type Body = WrittenStep extends infer S ? (S extends unknown ? Omit<S, 'line' | 'timeoutMs'> : never) : never;
type Values = Readonly<Record<string, unknown>>;

const timeout = described(
  duration,
  `Goes on after so long all the same, and says so; ${DEFAULTS.phone.waitTimeoutMs / 1000}s when left out.`,
);

const FIRST_PAUSE = 'first-pause';

const share = scalar(
  'a share of the answer like 50%',
  { type: 'string', pattern: '^(100(\\.0+)?|\\d{1,2}(\\.\\d+)?)\\s*%$' },
  (value) => {
    const percent = typeof value === 'string' ? /^(\d+(?:\.\d+)?)\s*%$/.exec(value)?.[1] : undefined;
    return percent === undefined || Number(percent) > 100 ? undefined : Number(percent) / 100;
  },
);

/** Where in the agent's answer the caller speaks. */
const PLACES: Fields = {
  after: described(
    either<number | string>(duration, word(FIRST_PAUSE)),
    "So long after the agent's answer became audible, or when it goes on after its first pause.",
  ),
  at: described(share, 'When this share of the answer has been played.'),
  left: described(duration, 'When so much of the answer is left and no more is arriving.'),
  timeout: described(timeout, 'Speaks after so long all the same, when there is no answer to speak over.'),
};

function whenOf({ after, at, left }: Values): InterruptAt | undefined {
  if (after === FIRST_PAUSE) return { firstPause: true };
  if (typeof after === 'number') return { afterMs: after };
  if (typeof at === 'number') return { share: at };
  return typeof left === 'number' ? { leftMs: left } : undefined;
}

/** Keys in the order they are pressed. YAML takes 007 for a number: what counts is how it is written. */
const digits = scalar(
  'keys of a telephone in quotes, like "12#"',
  {
    anyOf: [
      { type: 'string', pattern: '^[0-9*#]+$' },
      { type: 'integer', minimum: 0 },
    ],
  },
  (value, { value: node }) => {
    const written = typeof value === 'number' && isScalar(node) ? (node.source ?? String(value)) : value;
    return typeof written === 'string' && /^[0-9*#]+$/.test(written) ? written : undefined;
  },
);

const someSteps: Shape<readonly WrittenStep[]> = {
  takes: 'a list of steps',
  schema: { $ref: '#/$defs/steps' },
  fits: ({ value }) => isSeq(value),
  read({ name, place, value }, file) {
    if (!isSeq(value) || value.items.length === 0)
      return file.fail(place, `"${name}" must be a list with at least one step`);
    return value.items.map((item) => {
      const node = item as typeof value;
      return step.read({ name, place: node ?? place, value: node }, file);
    });
  },
};

const aside = (
  kind: 'backchannel' | 'cough',
  main: Shape<WrittenSounds>,
  example: string,
  says: string,
): Variant<Body> => ({
  key: kind,
  main,
  fields: PLACES,
  need: { few: ['after', 'at', 'left'] },
  example,
  says,
  make: (v) => {
    const when = whenOf(v);
    return { type: 'aside', kind, sounds: v[kind] as WrittenSounds, ...(when && { when }) };
  },
});

/** Every way to write a step. */
export const STEPS: readonly Variant<Body>[] = [
  {
    key: 'wait',
    main: word('agent-starts', 'agent-finishes'),
    fields: { timeout },
    need: {},
    example: 'wait: agent-finishes, timeout: 15s',
    says: 'Listens until the agent has finished (or, with agent-starts, until it speaks).',
    make: (v) => ({ type: 'wait', until: v.wait as 'agent-starts' }),
  },
  {
    key: 'wait',
    main: duration,
    fields: {},
    need: {},
    example: 'wait: 500ms',
    says: 'Says nothing for so long: 500ms, 1.5s.',
    make: (v) => ({ type: 'pause', ms: v.wait as number }),
  },
  {
    key: 'say',
    main: sounds,
    fields: {},
    need: {},
    example: 'say: question.wav',
    says: 'Speaks a WAV, a made sound, or several one behind the other.',
    make: (v) => ({ type: 'say', sounds: v.say as WrittenSounds }),
  },
  {
    key: 'interrupt',
    main: sounds,
    fields: PLACES,
    need: { one: ['after', 'at', 'left'], like: '"after: 1200ms", "at: 50%" and "left: 100ms"' },
    example: 'interrupt: stop.wav, after: 1200ms',
    says: 'Speaks over the agent, at a place in its answer.',
    make: (v) => ({ type: 'interrupt', sounds: v.interrupt as WrittenSounds, when: whenOf(v)! }),
  },
  aside(
    'backchannel',
    hums,
    'backchannel: mm-hm, after: first-pause',
    'Hums "mm-hm" (or a short sound of yours) while listening: the agent should not stop for it.',
  ),
  aside('cough', coughs, 'cough: true, at: 60%', 'Coughs: the agent should not stop for it.'),
  {
    key: 'digits',
    main: digits,
    fields: {
      tone: described(flag, 'The keys are heard on the line as well, as tones.'),
      gap: described(duration, 'From the end of one key to the next.'),
    },
    need: {},
    example: 'digits: "12#", tone: true, gap: 200ms',
    says: 'Presses keys: 0-9 * #.',
    make: ({ digits: keys, tone, gap }) => ({
      type: 'digits',
      digits: keys as string,
      ...(tone === true && { tone }),
      ...(typeof gap === 'number' && { gapMs: gap }),
    }),
  },
  ...EXPECTATIONS.map(
    (each): Variant<Body> => ({
      ...each,
      make: (v, entry, file) => ({ type: 'expect', that: each.make(v, entry, file) }),
    }),
  ),
  {
    key: 'if',
    main: condition,
    fields: {
      // biome-ignore lint/suspicious/noThenProperty: the word a person writes
      then: described(someSteps, 'What the caller does when it is so.'),
      else: described(someSteps, 'What the caller does when it is not.'),
    },
    need: { all: ['then'] },
    example: 'if: {agent: spoke, within: 3s}, then: [{say: yes.wav}], else: [{hangup: true}]',
    says: 'Goes on in one of two ways, by what the agent did.',
    make: (v) => ({
      type: 'if',
      that: v.if as never,
      yes: v.then as WrittenStep[],
      no: (v.else ?? []) as WrittenStep[],
    }),
  },
  {
    key: 'hangup',
    main: flag,
    fields: {},
    need: {},
    example: 'hangup: true',
    says: 'Hangs up.',
    make: () => ({ type: 'hangup' }),
  },
  {
    key: 'drop',
    main: flag,
    fields: {},
    need: {},
    example: 'drop: true',
    says: 'The connection is reset, without stop: what a lost network looks like. Only a reconnect can follow.',
    make: () => ({ type: 'drop' }),
  },
  {
    key: 'reconnect',
    main: flag,
    fields: { after: described(duration, 'So long after the old stream has gone; at once when left out.') },
    need: {},
    example: 'reconnect: true, after: 2s',
    says: 'A new stream for the same call, as TwiML behind Connect makes it. The old one, if it lives, is ended by stop.',
    make: ({ after }) => ({ type: 'reconnect', afterMs: (after as number | undefined) ?? 0 }),
  },
];

const bare = variants<Body>('a step', '- say: hello.wav', STEPS);

const step: Shape<WrittenStep> = {
  ...bare,
  read(entry, file) {
    const body = bare.read(entry, file);
    const written = isMap(entry.value) ? entry.value.get('timeout', true) : undefined;
    // A step begins in the line of its first name, which is where an editor's cursor goes.
    const line = file.lineOf(entry.value);
    if (written === undefined) return { ...body, line } as WrittenStep;
    const timeoutMs = duration.read({ name: 'timeout', place: entry.place, value: written as never }, file);
    return { ...body, line, timeoutMs } as WrittenStep;
  },
};

const echo = map(
  'the echo',
  {
    db: described(
      number('a level in dB', -80, 0),
      'Level relative to what is heard: -30 is a handset, -15 a bad loudspeaker.',
    ),
    delayMs: described(number('milliseconds', 1, 2000), 'From the ear back to the microphone.'),
  },
  { all: ['db', 'delayMs'] },
  (values) => values as unknown as EchoPath,
);

/** A whole call.yaml. */
export const call = map<WrittenCall>(
  'a call',
  {
    name: described(text('text'), 'What the call is called; the name of its folder when left out.'),
    description: described(text('text'), 'What it is about, and what to expect.'),
    model: described(
      text('the path of a model.yaml'),
      'A script beside it for the simulated model, where it is the one behind the relay: what it says, calls and breaks.',
    ),
    noise: described(background, 'What is to be heard around the caller, for the whole call.'),
    echo: described(echo, "A share of the agent's voice leaks back into the caller's microphone."),
    network: described(network, "Delays of the carrier's leg; --network overrules it."),
    faults: described(faults, 'What goes wrong on the way: stall@5s:1500ms. Those of --fault come on top.'),
    assume: described(assume, 'What Twilio does where it does not say what it does; --assume overrules it.'),
    steps: described(someSteps, 'What the caller does, one after the other.'),
  },
  { all: ['steps'] },
  (values) => values as unknown as WrittenCall,
);

/** What the schema's references point to. */
export const DEFINITIONS = {
  steps: { type: 'array', minItems: 1, items: { $ref: '#/$defs/step' } },
  step: step.schema,
};
