import type { z } from 'zod';
import { nearest } from '../../../nearest.js';

export interface Mistake {
  readonly path: readonly PropertyKey[];
  readonly reason: string;
}

type Issue = z.core.$ZodIssue;

/** The first thing that is wrong with a value, in a sentence: what stands there, what could, and what was probably meant. */
export function explainMistake(
  issue: Issue,
  value: unknown,
  known: (path: readonly PropertyKey[]) => string[],
): Mistake {
  const path = issue.path;
  const given = at(value, path);
  const name = nameOf(path);
  switch (issue.code) {
    case 'unrecognized_keys': {
      const key = issue.keys[0]!;
      const names = known(path);
      const meant = nearest(key, names);
      const guess = meant === undefined ? ': it' : `, did you mean "${meant}"? It`;
      return { path: [...path, key], reason: `${name} has no "${key}"${guess} has ${names.join(', ')}` };
    }
    case 'invalid_value': {
      const values = issue.values.map(String);
      const meant = typeof given === 'string' ? nearest(given, values) : undefined;
      return { path, reason: takes(name, listed(values), given, meant) };
    }
    case 'invalid_union': {
      // Of the ways it could have been meant, the one whose kind is right says the most.
      const own = issue.errors.find((issues) => issues.length > 0 && !issues.some((each) => isWrongKind(each)));
      if (own?.[0]) return explainMistake({ ...own[0], path: [...path, ...own[0].path] }, value, known);
      return { path, reason: takes(name, plain(issue.message) ?? 'something else', given) };
    }
    case 'custom':
      return { path, reason: `${name} ${issue.message}` };
    case 'invalid_type':
      if (given === undefined) return { path: path.slice(0, -1), reason: `${nameOf(path.slice(0, -1))} needs ${name}` };
      return { path, reason: takes(name, plain(issue.message) ?? withArticle(issue.expected), given) };
    case 'too_small':
    case 'too_big': {
      const limit = issue.code === 'too_small' ? `at least ${issue.minimum}` : `at most ${issue.maximum}`;
      const counted = Array.isArray(given) ? `${limit} entry` : limit;
      return { path, reason: takes(name, plain(issue.message) ?? counted, given) };
    }
    default:
      return { path, reason: takes(name, plain(issue.message) ?? 'something else', given) };
  }
}

/** The value is not even of the kind this way of writing it wants: text, map, number. */
function isWrongKind(issue: Issue): boolean {
  return issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value');
}

/** Our own messages are phrases; those of the library are sentences. */
function plain(message: string): string | undefined {
  return /^(Invalid|Too|Unrecognized|Expected)\b/.test(message) ? undefined : message;
}

function takes(name: string, what: string, given: unknown, meant?: string): string {
  const instead = given === null || given === undefined ? 'and nothing stands there' : `not ${shown(given)}`;
  return `${name} takes ${what}, ${instead}${meant === undefined ? '' : `: did you mean ${meant}?`}`;
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty one' : 'a list';
  if (typeof value === 'object') return 'a map';
  return `"${String(value).slice(0, 60)}"`;
}

function nameOf(path: readonly PropertyKey[]): string {
  const last = path.at(-1);
  if (last === undefined) return 'the script';
  return typeof last === 'number' ? `entry ${last + 1} of "${String(path.at(-2))}"` : `"${String(last)}"`;
}

function withArticle(expected: string): string {
  const kind =
    { array: 'list', object: 'map', record: 'map', int: 'whole number', string: 'text' }[expected] ?? expected;
  return `${/^[aeiou]/.test(kind) ? 'an' : 'a'} ${kind}`;
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

function at(value: unknown, path: readonly PropertyKey[]): unknown {
  let current = value;
  for (const step of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, step)) return undefined;
    current = (current as Record<PropertyKey, unknown>)[step];
  }
  return current;
}
