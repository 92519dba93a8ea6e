import { type RefusalName, refuse } from './refusals.js';

export type Method = 'GET' | 'POST';

/** The fields of a request, from a form body or a query. Empty fields count as given: Twilio clears a setting with them. */
export class Form {
  readonly #fields: URLSearchParams;

  constructor(text: string) {
    this.#fields = new URLSearchParams(text);
  }

  /** The first value; undefined when the field was not sent. */
  text(name: string): string | undefined {
    return this.#fields.get(name) ?? undefined;
  }

  /** The first value, and undefined for an empty one. */
  filled(name: string): string | undefined {
    return this.text(name) || undefined;
  }

  has(name: string): boolean {
    return this.#fields.has(name);
  }

  /** Every value: lists are sent as a field many times; some clients send blanks between the values instead. */
  list(name: string): string[] {
    return this.#fields
      .getAll(name)
      .flatMap((value) => value.split(' '))
      .filter((value) => value !== '');
  }

  /** `true` and `false`, in any case; Twilio takes everything else for false. */
  flag(name: string): boolean | undefined {
    return this.text(name)?.toLowerCase() === 'true' ? true : this.has(name) ? false : undefined;
  }

  whole(name: string, low: number, high: number, refusal: RefusalName = 'parameter'): number | undefined {
    const text = this.filled(name);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (Number.isInteger(value) && value >= low && value <= high) return value;
    throw refuse(refusal, refusal === 'parameter' ? `Invalid parameter: ${name}` : text);
  }

  choice<Value extends string>(name: string, values: readonly Value[], refusal: RefusalName): Value | undefined {
    const text = this.filled(name);
    if (text === undefined) return undefined;
    if ((values as readonly string[]).includes(text)) return text as Value;
    throw refuse(refusal, text, name);
  }

  method(name: string, refusal: RefusalName): Method | undefined {
    const text = this.filled(name);
    if (text === undefined) return undefined;
    const upper = text.toUpperCase();
    if (upper === 'GET' || upper === 'POST') return upper;
    throw refuse(refusal, text, name);
  }

  /** An absolute http or https address with a host. An empty one is the empty text. */
  url(name: string, refusal: RefusalName, mayBePrivate = true): string | undefined {
    const text = this.text(name);
    if (text === undefined || text === '') return text;
    if (!isHttpUrl(text) || (!mayBePrivate && isPrivate(new URL(text).hostname))) throw refuse(refusal, text, name);
    return text;
  }

  entries(): [string, string][] {
    return [...this.#fields.entries()];
  }
}

function isHttpUrl(text: string): boolean {
  if (!/^https?:\/\/[^/?#\s]/i.test(text)) return false;
  try {
    // Twilio documents that underscores are not permitted in the host.
    return !new URL(text).hostname.includes('_');
  } catch {
    return false;
  }
}

/** Twilio's servers cannot reach these, and its API says so: `VoiceUrl is not valid: http://localhost:3001/…`. */
function isPrivate(hostname: string): boolean {
  const host = hostname.replace(/^\[|\]$/g, '');
  return (
    host === 'localhost' ||
    host.endsWith('.localhost') ||
    /^(127|10)\.|^192\.168\.|^169\.254\.|^172\.(1[6-9]|2\d|3[01])\.|^0\.0\.0\.0$/.test(host) ||
    host === '::1' ||
    !/[.:]/.test(host)
  );
}

/** E.164 as Twilio would read what was typed: separators dropped, ten digits taken for North America. Undefined: no number. */
export function phoneNumber(text: string): string | undefined {
  const plain = text.replaceAll(/[\s().-]/g, '');
  if (/^\+[1-9]\d{7,14}$/.test(plain)) return isNorthAmerican(plain) ? plain : undefined;
  if (/^[2-9]\d{9}$/.test(plain)) return `+1${plain}`;
  if (/^1[2-9]\d{9}$/.test(plain)) return `+${plain}`;
  return undefined;
}

/** +1 has ten digits after it, and neither the area nor the exchange begins with 0 or 1; 555 0xxx are Twilio's magic. */
function isNorthAmerican(number: string): boolean {
  return !number.startsWith('+1') || /^\+1[2-9]\d{9}$/.test(number);
}
