import type { z } from 'zod';
import { nearest } from '../nearest.js';
import { pathText, plain } from './paths.js';
import { looksLikeKey } from './secrets.js';
import { BARE_TOOLS } from './tools-shape.js';
import { LONGEST_TEXT } from './words.js';

/** What is wrong with a configuration, and where. */
export interface Mistake {
  /** Names and indices that lead to it; of something missing or unknown they end with its name. */
  readonly path: readonly PropertyKey[];
  /** One sentence, without the line. */
  readonly sentence: string;
}

type Issue = z.core.$ZodIssue;

/** Sentences about what the shapes refused. @param root the whole file as plain values */
export function mistakesOf(issues: readonly Issue[], root: unknown): Mistake[] {
  const mistakes = worthTelling(issues).flatMap((issue) => explain(issue, [], root));
  // A value may break several rules of one sentence.
  return [...new Map(mistakes.map((mistake) => [mistake.sentence, mistake])).values()];
}

/**
 * What is misspelt is also missing: only the sentence that helps is told. And what a map says that does not belong there
 * is told before what the map as a whole lacks.
 */
function worthTelling(issues: readonly Issue[]): Issue[] {
  const unknown = issues.filter((issue) => issue.code === 'unrecognized_keys');
  const meant = unknown.flatMap(({ keys, message, path }) =>
    keys.map((key) => [...path, nearest(key, message.split(', ')) ?? '']),
  );
  const others = issues.filter((issue) => {
    if (issue.code === 'unrecognized_keys' || meant.some((path) => same(path, issue.path))) return false;
    return issue.code !== 'custom' || !unknown.some(({ path }) => same(path, issue.path));
  });
  return [...unknown, ...others];
}

function same(a: readonly PropertyKey[], b: readonly PropertyKey[]): boolean {
  return a.length === b.length && a.every((step, at) => step === b[at]);
}

function explain(issue: Issue, around: readonly PropertyKey[], root: unknown): Mistake[] {
  const path = [...around, ...issue.path];
  const value = valueAt(root, path);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...path, key],
      sentence: unknownName(path, key, issue.message.split(', ')),
    }));
  }
  if (issue.code === 'invalid_key') {
    const name = String(path.at(-1));
    return [{ path, sentence: `${pathText(path.slice(0, -1))} takes ${keyTakes(issue)}, not "${plain(name)}"` }];
  }
  if (issue.code === 'invalid_union') {
    const meant = issue.errors.find((branch) => branch.length > 0 && !branch.some(isOfAnotherKind));
    if (meant) return worthTelling(meant).flatMap((each) => explain(each, path, root));
  }
  if (value === undefined && path.length > 0 && isMap(valueAt(root, path.slice(0, -1)))) {
    return [{ path, sentence: `${pathText(path.slice(0, -1))} needs "${String(path.at(-1))}": ${issue.message}` }];
  }
  if (/^(needs|takes) /.test(issue.message)) return [{ path, sentence: `${pathText(path)} ${issue.message}` }];
  return [{ path, sentence: wrongValue(path, issue.message, value, wordsOf(issue)) }];
}

/** `agents.sales.voice takes text, not "5"`. `words` are those that it could have been. */
export function wrongValue(
  path: readonly PropertyKey[],
  takes: string,
  value: unknown,
  words: readonly string[],
): string {
  const meant = typeof value === 'string' ? nearest(value, words) : undefined;
  const guess = meant === undefined ? advice(path, takes, value) : `: did you mean ${meant}?`;
  return `${pathText(path)} takes ${takes}, ${instead(value)}${guess}`;
}

/** What to type, where the value itself shows what went wrong. */
function advice(path: readonly PropertyKey[], takes: string, value: unknown): string {
  if (value === null && path.length > 0 && /^(a map of|names, each)/.test(takes))
    return ': what belongs to it is indented further than its name';
  if (typeof value === 'string' && /^a (whole )?number from/.test(takes) && /^-?[\d.]+$/.test(value)) {
    return ': write it without quotes';
  }
  // `instructions: {{shop}} is open` is a map in a map to YAML.
  const isVariable = isMap(value) && Object.keys(value as object).some((key) => /^\{ ?\w+/.test(key));
  return isVariable ? ': {{…}} at the beginning needs quotes around the text' : '';
}

function unknownName(path: readonly PropertyKey[], key: string, known: readonly string[]): string {
  const whole = pathText([...path, key]);
  if (path.length === 0 && key === 'recording') return 'recording is not part of this version';
  if (path[0] === 'models' && /^(api_?)?(key|token|secret)$/i.test(key)) {
    return `${whole}: a key does not belong into this file; name the environment variable that holds it, like keyEnv: OPENAI_API_KEY`;
  }
  if (path.at(-2) === 'tools' && BARE_TOOLS.includes(key))
    return `${pathText(path)}: ${key} takes no settings, write "- ${key}"`;
  const meant = nearest(key, known);
  const guess = meant === undefined ? ': it' : `, did you mean "${meant}"? It`;
  return `${pathText(path)} has no "${key}"${guess} has ${known.join(', ')}`;
}

/** The way of writing it was not meant: a text where a map was expected, and the like. */
function isOfAnotherKind({ code, path }: Issue): boolean {
  return path.length === 0 && !['unrecognized_keys', 'custom', 'too_small'].includes(code);
}

function wordsOf(issue: Issue): readonly string[] {
  if (issue.code === 'invalid_value') return issue.values.filter((value) => typeof value === 'string');
  if (issue.code === 'invalid_union') return issue.errors.flat().flatMap(wordsOf);
  return [];
}

function keyTakes(issue: Issue & { code: 'invalid_key' }): string {
  return issue.issues[0]?.message ?? 'other names';
}

function instead(value: unknown): string {
  if (value === undefined || value === null) return 'and nothing stands there';
  if (Array.isArray(value)) return value.length > 0 ? 'not a list' : 'not an empty list';
  if (typeof value === 'object') return Object.keys(value).length > 0 ? 'not a map' : 'not an empty map';
  const written = String(value);
  if (typeof value === 'number') return `not ${written}`;
  if (written.length > LONGEST_TEXT) return `not one of ${written.length} characters`;
  return `not "${looksLikeKey(written) ? `${written.slice(0, 3)}…` : plain(written)}"`;
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  let value = root;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[step];
  }
  return value;
}

function isMap(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
