import { isMap, isScalar, isSeq } from 'yaml';
import { nearest } from '../../../nearest.js';
import { listed } from '../../../words.js';
import { type Entry, scalarOf, show, type YamlFile } from '../../../yaml-file.js';

export type JsonSchema = { readonly [keyword: string]: unknown };

/**
 * What may stand behind a name, once for the parser and once for the editor: the published JSON Schema is made of the
 * same shapes that read the file, so neither can know something the other does not.
 */
export interface Shape<T> {
  /** In words, to complete a sentence: `"timeout" takes …`. */
  readonly takes: string;
  readonly schema: JsonSchema;
  /** Whether the value is meant to be of this shape, so that its own mistakes are worth telling. */
  readonly fits: (entry: Entry) => boolean;
  /** Fails at the place of what is wrong. */
  readonly read: (entry: Entry, file: YamlFile) => T;
}

/** A shape told by one value: text, number or true. `undefined` from `parse` means that the value is not right. */
export function scalar<T>(
  takes: string,
  schema: JsonSchema,
  parse: (value: unknown, entry: Entry) => T | undefined,
  words: readonly string[] = [],
): Shape<T> {
  const parsed = (entry: Entry): T | undefined => {
    const value = scalarOf(entry.value);
    return typeof value === 'object' ? undefined : parse(value, entry);
  };
  return {
    takes,
    schema,
    fits: (entry) => parsed(entry) !== undefined,
    read(entry, file) {
      const value = parsed(entry);
      return value === undefined ? refuse(entry, file, takes, words) : value;
    },
  };
}

/** One of some words. */
export function word<W extends string>(...words: readonly W[]): Shape<W> {
  const parse = (value: unknown): W | undefined => words.find((each) => each === value);
  return scalar(listed(words), { enum: words }, parse, words);
}

/** Nothing but `true`: what counts is that the name stands there. */
export const flag: Shape<true> = {
  takes: 'true',
  schema: { const: true },
  fits: ({ value }) => scalarOf(value) === true,
  read({ name, place, value }, file) {
    return scalarOf(value) === true ? true : file.fail(place, `write "${name}: true"`);
  },
};

export function text(takes: string, pattern?: RegExp): Shape<string> {
  const schema = { type: 'string', ...(pattern ? { pattern: pattern.source } : { minLength: 1 }) };
  return scalar(takes, schema, (value) => {
    if (typeof value !== 'string' || value === '') return undefined;
    return pattern && !pattern.test(value) ? undefined : value;
  });
}

export function number(takes: string, minimum: number, maximum: number): Shape<number> {
  return scalar(`${takes} from ${minimum} to ${maximum}`, { type: 'number', minimum, maximum }, (value) =>
    typeof value === 'number' && value >= minimum && value <= maximum ? value : undefined,
  );
}

/** What the fields of a map are read into. */
export type Fields = Readonly<Record<string, Shape<unknown>>>;
export type Values = Readonly<Record<string, unknown>>;

/** Which of the fields have to be there. */
export interface Need {
  readonly all?: readonly string[];
  /** Exactly one of these. */
  readonly one?: readonly string[];
  /** How those are written, for the sentence. */
  readonly like?: string;
  /** At most one of these. */
  readonly few?: readonly string[];
}

/** A map with known fields. @param what names it in sentences: "a tone" */
export function map<T>(what: string, fields: Fields, need: Need, make: (values: Values) => T): Shape<T> {
  const names = Object.keys(fields);
  return {
    takes: `{${names.join(', ')}}`,
    schema: mapSchema(fields, need),
    fits: ({ value }) => isMap(value),
    read: (entry, file) => {
      if (!isMap(entry.value)) return file.fail(entry.place, `"${entry.name}" takes {${names.join(', ')}}`);
      return make(readFields(entry, file, what, fields, need));
    },
  };
}

/** Reads the fields of a map; those that are not there are left out. */
export function readFields(entry: Entry, file: YamlFile, what: string, fields: Fields, need: Need): Values {
  const { value, place } = entry;
  if (!isMap(value)) return file.fail(place, `${what} is a map of ${Object.keys(fields).join(', ')}`);
  file.onlyFields(value, Object.keys(fields), what);
  const entries = file.entries(value);
  const has = (name: string): boolean => entries.some((each) => each.name === name);
  for (const name of need.all ?? [])
    if (!has(name)) file.fail(place, `${what} needs "${name}": ${fields[name]!.takes}`);
  const ofOne = (need.one ?? []).filter(has);
  if (need.one && ofOne.length !== 1) file.fail(place, `${what} needs one of ${need.like ?? quoted(need.one)}`);
  if ((need.few ?? []).filter(has).length > 1)
    file.fail(place, `${what} takes one of ${quoted(need.few!)}, not several`);
  return Object.fromEntries(entries.map((each) => [each.name, fields[each.name]!.read(each, file)]));
}

export function mapSchema(fields: Fields, { all = [], one, few }: Need): JsonSchema {
  const pairs = (few ?? []).flatMap((a, i) => few!.slice(i + 1).map((b) => ({ required: [a, b] })));
  return {
    type: 'object',
    properties: Object.fromEntries(Object.entries(fields).map(([name, shape]) => [name, shape.schema])),
    ...(all.length > 0 && { required: all }),
    additionalProperties: false,
    ...(one && { oneOf: one.map((name) => ({ required: [name] })) }),
    ...(pairs.length > 0 && { not: { anyOf: pairs } }),
  };
}

/** The first shape that fits. */
export function either<T>(...shapes: readonly Shape<T>[]): Shape<T> {
  const takes = listed(
    shapes.flatMap((shape) => (Array.isArray(shape.schema.enum) ? (shape.schema.enum as string[]) : [shape.takes])),
  );
  const words = shapes.flatMap(({ schema }) => (Array.isArray(schema.enum) ? (schema.enum as string[]) : []));
  return {
    takes,
    schema: { anyOf: shapes.map(({ schema }) => schema) },
    fits: (entry) => shapes.some((shape) => shape.fits(entry)),
    read(entry, file) {
      const shape = shapes.find((each) => each.fits(entry));
      return shape ? shape.read(entry, file) : refuse(entry, file, takes, words);
    },
  };
}

/** A list with at least one item. */
export function list<T>(what: string, item: Shape<T>): Shape<readonly T[]> {
  return {
    takes: what,
    schema: { type: 'array', minItems: 1, items: item.schema },
    fits: ({ value }) => isSeq(value),
    read({ name, place, value }, file) {
      if (!isSeq(value) || value.items.length === 0) return file.fail(place, `"${name}" takes ${what}`);
      return value.items.map((each) =>
        item.read({ name, place: (each as Entry['value']) ?? place, value: each as Entry['value'] }, file),
      );
    },
  };
}

/** The same value with a description for the editor, and changed on the way. */
export function described<T>(shape: Shape<T>, description: string): Shape<T> {
  return { ...shape, schema: { ...shape.schema, description } };
}

export function mapped<T, U>(shape: Shape<T>, change: (value: T) => U): Shape<U> {
  return { ...shape, read: (entry, file) => change(shape.read(entry, file)) };
}

/** One way to write a map: told by one of its names, and by what stands behind that. */
export interface Variant<T> {
  readonly key: string;
  readonly main: Shape<unknown>;
  readonly fields: Fields;
  readonly need: Need;
  /** For the editor: what it does, in a sentence. */
  readonly says: string;
  /** The inside of a map in braces. */
  readonly example: string;
  readonly make: (values: Values, entry: Entry, file: YamlFile) => T;
}

/**
 * A map that is written in one of several ways. @param what "a step", for sentences
 * @param like how one is written
 */
export function variants<T>(what: string, like: string, all: readonly Variant<T>[]): Shape<T> {
  const keys = [...new Set(all.map(({ key }) => key))];
  const takes = `one of ${keys.join(', ')}`;
  return {
    takes,
    schema: { anyOf: all.map(variantSchema) },
    fits: ({ value }) => isMap(value),
    read(entry, file) {
      const { value, place } = entry;
      if (!isMap(value)) return file.fail(value ?? place, `${what} is ${takes}, like "${like}"`);
      const entries = file.entries(value);
      const [named, another] = entries.filter(({ name }) => keys.includes(name));
      if (another) {
        const remedy = like.startsWith('-') ? 'begin each with its own dash' : 'write one of them';
        return file.fail(value, `this ${bare(what)} is both ${named!.name} and ${another.name}: ${remedy}`);
      }
      if (!named) return file.fail(entries[0]?.place ?? value, unknown(entries[0]?.name ?? '', what, keys));
      const same = all.filter(({ key }) => key === named.name);
      const variant = same.find(({ main }) => main.fits(named)) ?? (same.length === 1 ? same[0] : undefined);
      // Of several ways none fits: the sentence about all of them is better than that about one.
      if (!variant) return either(...same.map(({ main }) => main)).read(named, file) as T;
      const fields = { [variant.key]: variant.main, ...variant.fields };
      const step = same.length === 1 ? named.name : `${named.name}: ${show(named.value)}`;
      const inside = { name: entry.name, place: value, value };
      return variant.make(readFields(inside, file, `"${step}"`, fields, variant.need), inside, file);
    },
  };
}

function bare(what: string): string {
  return what.replace(/^an? /, '');
}

function unknown(name: string, what: string, keys: readonly string[]): string {
  const meant = nearest(name, keys);
  const known = `one of ${keys.join(', ')}`;
  if (meant === undefined) return `unknown ${bare(what)} "${name}": ${what} is ${known}`;
  return `unknown ${bare(what)} "${name}", did you mean "${meant}"? It is ${known}`;
}

function variantSchema({ key, main, fields, need, says }: Variant<unknown>): JsonSchema {
  const whole = { ...need, all: [key, ...(need.all ?? [])] };
  const schema = mapSchema({ [key]: described(main, says), ...fields }, whole);
  return { description: says, ...schema };
}

function refuse(entry: Entry, file: YamlFile, takes: string, words: readonly string[]): never {
  const shown = show(entry.value);
  const meant = nearest(shown, words);
  const guess = meant === undefined ? '' : `: did you mean ${meant}?`;
  const instead = shown === '' ? 'and nothing stands there' : `not "${shown}"`;
  const place = isScalar(entry.value) && entry.value.value !== null ? entry.value : entry.place;
  file.fail(place, `"${entry.name}" takes ${takes}, ${instead}${guess}`);
}

function quoted(words: readonly string[]): string {
  return listed(words.map((each) => `"${each}"`));
}
