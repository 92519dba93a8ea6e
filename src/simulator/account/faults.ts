import type { RefusalName } from './refusals.js';

/** How the account can be made to fail. */
export const FAULTS = ['401', '404', '429', '500', 'timeout', 'malformed', 'empty'] as const;
export type FaultKind = (typeof FAULTS)[number];

/** The next requests fail. */
export interface Fault {
  readonly kind: FaultKind;
  /** How many of them; without it all, until `clear`. */
  readonly times?: number;
  /** Only these, as `'POST'`, `'/Calls'` or `'POST /Messages'`: the method, then a part of the path. */
  readonly on?: string;
  /** With 429: `Retry-After`, in seconds. */
  readonly retryAfterSeconds?: number;
}

export const FAULT_REFUSALS: Readonly<Partial<Record<FaultKind, RefusalName>>> = {
  '401': 'authenticate',
  '404': 'notFound',
  '429': 'tooManyRequests',
  '500': 'internal',
};

/** Which request fails how; the first fault that fits is used up. */
export class FaultPlan {
  #faults: (Fault & { left: number })[] = [];

  add(fault: Fault): void {
    this.#faults.push({ ...fault, left: fault.times ?? Number.POSITIVE_INFINITY });
  }

  clear(): void {
    this.#faults = [];
  }

  next(method: string, path: string): Fault | undefined {
    const fault = this.#faults.find(({ left, on }) => left > 0 && fits(on, method, path));
    if (fault) fault.left -= 1;
    return fault;
  }
}

function fits(on: string | undefined, method: string, path: string): boolean {
  if (on === undefined) return true;
  const [, verb, part] = /^([A-Z]+)?\s*(\S*)$/.exec(on) ?? [];
  return (verb === undefined || verb === method) && path.includes(part ?? '');
}
