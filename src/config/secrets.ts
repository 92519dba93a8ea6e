import type { Mistake } from './mistakes.js';
import { pathText } from './paths.js';

/** Prefixes of keys as providers write them, followed by what no word of a language is like. */
const KEY = /(^|[^A-Za-z0-9])((sk|xai|pk|rk|gsk|key)-[A-Za-z0-9_-]{16,}|AKIA[A-Z0-9]{16}|eyJ[A-Za-z0-9_-]{16,}\.eyJ)/;
/** What Azure and others hand out: nothing but letters and digits, and both of them. */
const BARE_KEY = /^(?=.*\d)(?=.*[A-Za-z])[A-Za-z0-9]{32,128}$/;

const CREDENTIAL_HEADERS = /^(authorization|proxy-authorization|cookie|.*(api-?key|token|secret).*)$/i;

/** `https://name:password@…`, and what a query calls by its name; of tools `${NAME}` may stand there. */
const PASSWORD_IN_ADDRESS =
  /^[a-z]+:\/\/[^/?#\s]*:(?!\$\{)[^/?#\s]*@|^[a-z]+:\/\/[^\s#]*[?&](api[-_]?key|access[-_]?token|secret|password)=(?!\$\{)[^&#\s]/i;

export function looksLikeKey(text: string): boolean {
  return KEY.test(text) || BARE_KEY.test(text);
}

const DEEPEST = 100;

/** Values that look like keys, and what can hold no configuration at all: a file that contains itself. */
export function unfitValues(root: unknown): Mistake[] {
  const found: Mistake[] = [];
  const look = (value: unknown, path: readonly PropertyKey[]): boolean => {
    if (path.length > DEEPEST) {
      found.push({ path: path.slice(0, 1), sentence: 'the configuration contains itself, or is nested too deeply' });
      return false;
    }
    if (typeof value === 'string' && PASSWORD_IN_ADDRESS.test(value)) {
      const sentence = `${pathText(path)} has a key or a password in its address: it belongs into an environment variable, named in a header of the tool or in a …Env setting`;
      found.push({ path, sentence });
    } else if (typeof value === 'string' && holdsKey(value, path)) {
      const sentence = `${pathText(path)} holds what looks like a key ("${value.slice(0, 3)}…"): put it into an environment variable, and the name of that here`;
      found.push({ path, sentence });
    }
    if (typeof value !== 'object' || value === null) return true;
    if (Array.isArray(value)) return value.every((inside, at) => look(inside, [...path, at]));
    return Object.entries(value).every(([name, inside]) => look(inside, [...path, name]));
  };
  look(root, []);
  return found;
}

function holdsKey(value: string, path: readonly PropertyKey[]): boolean {
  if (KEY.test(value)) return true;
  const name = String(path.at(-1));
  if (/env$/i.test(name)) return BARE_KEY.test(value);
  const isHeader = path.at(-2) === 'headers' && CREDENTIAL_HEADERS.test(name);
  return isHeader && !/\$\{[A-Za-z_]\w*\}/.test(value);
}
