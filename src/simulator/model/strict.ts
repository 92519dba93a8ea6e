import type { z } from 'zod';
import { ApiError, REFUSALS } from './api-error.js';
import { CLIENT_EVENTS, type ClientEvent } from './schema.js';

/** The events a client may send, by their type. */
export type ClientEvents = Readonly<Record<string, z.ZodType<ClientEvent>>>;

/**
 * Reads one text frame from a client. Throws ApiError in the service's own words for anything a GA server refuses:
 * JSON that is none, an unknown event, a missing, unknown, mistyped or out-of-range value.
 */
export function parseClientEvent(frame: string, events: ClientEvents = CLIENT_EVENTS): ClientEvent {
  const event = parseJson(frame);
  const { type } = event;
  if (type === undefined) throw missing('type');
  if (typeof type !== 'string') throw wrongType('type', 'string', type);
  if (!Object.hasOwn(events, type)) throw unsupported('type', type, Object.keys(events));
  refuseKnownMisfits(event);
  const parsed = events[type]!.safeParse(event);
  if (parsed.success) return parsed.data;
  throw explain(parsed.error.issues[0]!, event);
}

/** The client's own event_id, for the error that answers it, as far as the frame lets itself be read. */
export function eventIdOf(frame: string): string | null {
  try {
    const eventId = parseJson(frame).event_id;
    return typeof eventId === 'string' ? eventId : null;
  } catch {
    return null;
  }
}

type Json = Record<string, unknown>;

function parseJson(frame: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(frame);
  } catch {
    throw REFUSALS.invalidJson();
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrongType('', 'object', value);
  return value as Json;
}

/** Refusals for which the service has a sentence of its own. */
function refuseKnownMisfits(event: Json): void {
  for (const holder of ['session', 'response'] as const) {
    const inner = event[holder];
    if (typeof inner !== 'object' || inner === null) continue;
    if (holder === 'session' && (inner as Json).type === 'transcription') throw REFUSALS.transcriptionSession();
    const modalities = (inner as Json).output_modalities;
    if (Array.isArray(modalities) && modalities.length > 1 && modalities.every((name) => typeof name === 'string'))
      throw REFUSALS.modalities(modalities, `${holder}.output_modalities`);
  }
}

type Issue = z.core.$ZodIssue;

function explain(issue: Issue, event: unknown, base: readonly PropertyKey[] = []): ApiError {
  const path = [...base, ...issue.path];
  const param = pathText(path);
  const given = valueAt(event, path);
  switch (issue.code) {
    case 'unrecognized_keys': {
      const key = pathText([...path, issue.keys[0]!]);
      return new ApiError(`Unknown parameter: '${key}'.`, 'unknown_parameter', key);
    }
    case 'invalid_type':
      return given === undefined ? missing(param) : wrongType(param, issue.expected, given);
    case 'invalid_value':
      if (given === undefined) return missing(param);
      return typeof given === 'string'
        ? unsupported(param, given, issue.values.map(String))
        : wrongType(param, 'string', given);
    case 'invalid_union':
      return explainUnion(issue, event, path);
    case 'too_small':
    case 'too_big':
      return outOfRange(issue, param, given);
    default:
      return new ApiError(`Invalid value for '${param}': ${issue.message}.`, 'invalid_value', param);
  }
}

function explainUnion(
  issue: Extract<Issue, { code: 'invalid_union' }>,
  event: unknown,
  path: readonly PropertyKey[],
): ApiError {
  const param = pathText(path);
  const given = valueAt(event, path);
  if (given === undefined) return missing(param);
  if ('discriminator' in issue && issue.discriminator !== undefined) {
    const options = ('options' in issue ? (issue.options as readonly unknown[] | undefined) : undefined) ?? [];
    return typeof given === 'string'
      ? unsupported(param, given, options.map(String))
      : wrongType(param, 'string', given);
  }
  // Of the ways it could have been meant, the one that got furthest says the most.
  const attempts = issue.errors.map((issues) => issues[0]!).filter((attempt) => attempt !== undefined);
  const meant =
    attempts.find((attempt) => attempt.code === 'too_small' || attempt.code === 'too_big') ??
    attempts.find((attempt) => attempt.path.length > 0) ??
    attempts.find((attempt) => attempt.code === 'unrecognized_keys') ??
    attempts.find((attempt) => attempt.code === 'invalid_type' && typeof given === 'number') ??
    attempts.find((attempt) => attempt.code === 'invalid_value') ??
    attempts[0];
  if (meant === undefined) return new ApiError(`Invalid value for '${param}'.`, 'invalid_value', param);
  return explain(meant, event, path);
}

function missing(param: string): ApiError {
  return new ApiError(`Missing required parameter: '${param}'.`, 'missing_required_parameter', param);
}

function wrongType(param: string, expected: string, given: unknown): ApiError {
  const where = param === '' ? 'Invalid type for event' : `Invalid type for '${param}'`;
  return new ApiError(
    `${where}: expected ${article(expected)}, but got ${nameOf(given)} instead.`,
    'invalid_type',
    param === '' ? null : param,
  );
}

function unsupported(param: string, given: string, supported: readonly string[]): ApiError {
  const quoted = supported.map((value) => `'${value}'`);
  const list =
    quoted.length === 1
      ? `Value must be ${quoted[0]}.`
      : quoted.length === 2
        ? `Supported values are: ${quoted.join(' and ')}.`
        : `Supported values are: ${quoted.slice(0, -1).join(', ')}, and ${quoted.at(-1)}.`;
  return new ApiError(`Invalid value: '${shorten(given)}'. ${list}`, 'invalid_value', param);
}

/** The values with a limit that are not whole numbers of milliseconds, tokens or hertz. */
const DECIMALS = /\.(threshold|speed|strength|retention_ratio)$/;

function outOfRange(issue: Extract<Issue, { code: 'too_small' | 'too_big' }>, param: string, given: unknown): ApiError {
  const below = issue.code === 'too_small';
  const limit = below ? issue.minimum : issue.maximum;
  const side = below ? 'below_min' : 'above_max';
  if (typeof given === 'string') {
    const length = `Expected a string with ${below ? 'minimum' : 'maximum'} length ${limit}, but got a string with length ${given.length} instead.`;
    return new ApiError(
      `Invalid '${param}': string too ${below ? 'short' : 'long'}. ${length}`,
      `string_${side}_length`,
      param,
    );
  }
  if (Array.isArray(given)) {
    const length = `Expected an array with ${below ? 'minimum' : 'maximum'} length ${limit}, but got an array with length ${given.length} instead.`;
    return new ApiError(
      `Invalid '${param}': array too ${below ? 'short' : 'long'}. ${length}`,
      `array_${side}_length`,
      param,
    );
  }
  const kind = DECIMALS.test(param) ? 'decimal' : 'integer';
  return new ApiError(
    `Invalid '${param}': ${kind} ${below ? 'below minimum' : 'above maximum'} value. Expected a value ${below ? '>=' : '<='} ${limit}, but got ${String(given)} instead.`,
    `${kind}_${side}_value`,
    param,
  );
}

function pathText(path: readonly PropertyKey[]): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`;
    else text += text === '' ? String(step) : `.${String(step)}`;
  }
  return text;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  let current = value;
  for (const step of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, step)) return undefined;
    current = (current as Record<PropertyKey, unknown>)[step];
  }
  return current;
}

function article(expected: string): string {
  const name = { int: 'integer', number: 'decimal number', record: 'object' }[expected] ?? expected;
  return `${/^[aeiou]/.test(name) ? 'an' : 'a'} ${name}`;
}

function nameOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'an integer' : 'a decimal number';
  return article(typeof value);
}

function shorten(value: string): string {
  return value.length > 64 ? `${value.slice(0, 61)}...` : value;
}
