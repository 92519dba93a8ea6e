import { z } from 'zod';
import { listed } from '../words.js';

/**
 * The vocabulary that a voicebridge.yaml is described in. The message of every shape is what it takes, in words, for
 * one sentence: `agents.sales.voice takes text, not "5"`. What is missing and what is unknown is told the same way.
 */

/** In characters. */
export const LONGEST_TEXT = 64 * 1024;

/** A map with known fields. Its message for an unknown name is the list of the known ones. */
export function fields<Shape extends z.ZodRawShape>(shape: Shape) {
  const names = Object.keys(shape).join(', ');
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? names : `a map of ${names}`),
  });
}

/** Names that the user chooses, each with the same kind of thing behind it; at least one. @param what "an agent" */
export function named<Value extends z.ZodType>(what: string, value: Value) {
  const takes = `names, each with ${what} behind it`;
  return z
    .record(name, value, { error: (issue) => (issue.code === 'invalid_key' ? NAME : takes) })
    .refine((all) => Object.keys(all).length > 0, takes)
    .meta({ minProperties: 1 });
}

const NAME = 'a name of letters, digits, "-" and "_" that begins with a letter, 64 of them at most';

/** Names of agents, models and the like: they stand in logs, addresses and `<Parameter>`s. */
export const name = z.string({ error: NAME }).regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/, NAME);

export function text(takes = 'text') {
  return z.string({ error: takes }).min(1, takes).max(LONGEST_TEXT, `${takes} of ${LONGEST_TEXT} characters at most`);
}

/** A text of a certain form. */
export function form(takes: string, pattern: RegExp) {
  return z.string({ error: takes }).regex(pattern, { error: takes, abort: true });
}

export function word<const Words extends readonly [string, ...string[]]>(...words: Words) {
  return z.enum(words, { error: listed(words) });
}

export const yesOrNo = z.boolean({ error: 'true or false' });

export function number(low: number, high: number) {
  const takes = `a number from ${low} to ${high}`;
  return z.number({ error: takes }).min(low, takes).max(high, takes);
}

export function wholeNumber(low: number, high: number) {
  const takes = `a whole number from ${low} to ${high}`;
  return z.int({ error: takes }).min(low, takes).max(high, takes);
}

export function list<Item extends z.ZodType>(takes: string, item: Item) {
  return z.array(item, { error: takes }).min(1, takes);
}

const UNITS_MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const;
const TIME = /^(\d{1,9}(?:\.\d{1,6})?)\s*(ms|s|m|h)$/;

/** A time with its unit, read into milliseconds. A bare number is refused: its unit would be a guess. */
export function time(low: string, high: string) {
  const lowMs = timeMs(low);
  const highMs = timeMs(high);
  const takes = `a time from ${low} to ${high}`;
  return z
    .string({ error: takes })
    .regex(TIME, takes)
    .refine((written) => timeMs(written) >= lowMs && timeMs(written) <= highMs, takes)
    .transform(timeMs);
}

function timeMs(written: string): number {
  const [, amount, unit] = TIME.exec(written) ?? [];
  return unit === undefined ? Number.NaN : Number(amount) * UNITS_MS[unit as keyof typeof UNITS_MS];
}

/** One of several kinds of thing, told by what it is: a text, a map, a list. */
export function either<Shapes extends readonly [z.ZodType, z.ZodType, ...z.ZodType[]]>(
  takes: string,
  ...shapes: Shapes
) {
  return z.union(shapes, { error: takes });
}

const ENV = 'the name of an environment variable, like OPENAI_API_KEY';

/** Where a secret is, never the secret itself. */
export const environmentVariable = form(ENV, /^[A-Za-z_][A-Za-z0-9_]{0,127}$/);

export function address(takes: string, pattern: RegExp) {
  return form(takes, pattern).refine((written) => URL.canParse(written), takes);
}

export const httpAddress = address('an http:// or https:// address', /^https?:\/\/[^\s]+$/);

export const phoneNumber = form(
  'a number in quotes with "+" and country code, like "+15550100001"',
  /^\+[1-9]\d{5,14}$/,
);

export const file = text('the name of a file');
