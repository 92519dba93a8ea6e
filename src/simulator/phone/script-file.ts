import { readFile } from 'node:fs/promises';
import { isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument, type YAMLMap } from 'yaml';
import { VoicebridgeError } from '../../errors.js';
import type { InterruptAt } from './script.js';

/** A step as it stands in a call.yaml, checked; files are still names. `line` counts from 1. */
export type WrittenStep = { readonly line: number; readonly timeoutMs?: number } & (
  | { readonly type: 'say'; readonly file: string }
  | { readonly type: 'interrupt'; readonly file: string; readonly when: InterruptAt }
  | { readonly type: 'wait'; readonly until: 'agent-starts' | 'agent-finishes' }
  | { readonly type: 'pause'; readonly ms: number }
  | { readonly type: 'digits'; readonly digits: string }
  | { readonly type: 'hangup' }
);

export interface WrittenCall {
  readonly name?: string;
  readonly description?: string;
  readonly steps: readonly WrittenStep[];
}

const STEP_FIELDS = {
  wait: ['timeout'],
  say: [],
  interrupt: ['after', 'at', 'left', 'timeout'],
  digits: [],
  hangup: [],
} as const;

type StepKind = keyof typeof STEP_FIELDS;

/** Reads and checks a call.yaml. Throws VoicebridgeError file-unreadable, or script-invalid with the line. */
export async function readCallFile(path: string): Promise<WrittenCall> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new VoicebridgeError('file-unreadable', { path, reason, hint: 'check its permissions' }, { cause: error });
  });
  return parseCallFile(text, path);
}

/** `path` is for the messages. Throws VoicebridgeError script-invalid. */
export function parseCallFile(text: string, path: string): WrittenCall {
  return new CallFile(text, path).read();
}

/** Where a mistake is: at a node, or at the file as a whole. */
type Place = Node | null | undefined;

class CallFile {
  readonly #path: string;
  readonly #lines = new LineCounter();
  readonly #root: Node | null;

  constructor(text: string, path: string) {
    this.#path = path;
    const document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false });
    const mistake = document.errors[0];
    if (mistake) this.#failAt(this.#lines.linePos(mistake.pos[0]).line, mistake.message);
    this.#root = document.contents;
  }

  read(): WrittenCall {
    const root = this.#root;
    if (!isMap(root)) this.#fail(root, 'a call is a list of "steps"');
    this.#onlyFields(root, ['name', 'description', 'steps'], 'a call');
    const steps = root.get('steps', true) as Place;
    if (!isSeq(steps) || steps.items.length === 0)
      this.#fail(steps ?? root, '"steps" must be a list with at least one step');
    const name = this.#optionalText(root, 'name');
    const description = this.#optionalText(root, 'description');
    return {
      ...(name !== undefined && { name }),
      ...(description !== undefined && { description }),
      steps: steps.items.map((item) => this.#step(item as Place)),
    };
  }

  #step(node: Place): WrittenStep {
    const kinds = Object.keys(STEP_FIELDS) as StepKind[];
    if (!isMap(node)) this.#fail(node, `a step is one of ${kinds.join(', ')}, like "- say: hello.wav"`);
    const named = kinds.filter((kind) => node.has(kind));
    const kind = named[0];
    if (!kind) this.#fail(node, `a step is one of ${kinds.join(', ')}; this one is "${fieldNames(node).join(', ')}"`);
    if (named.length > 1) this.#fail(node, `this step is both ${named.join(' and ')}: begin each with its own dash`);
    this.#onlyFields(node, [kind, ...STEP_FIELDS[kind]], `a ${kind} step`);
    const line = this.#lineOf(node);
    const timeoutMs = this.#optionalDuration(node, 'timeout');
    return { ...this.#body(kind, node), line, ...(timeoutMs !== undefined && { timeoutMs }) } as WrittenStep;
  }

  #body(kind: StepKind, node: YAMLMap): object {
    switch (kind) {
      case 'say':
        return { type: 'say', file: this.#file(node, 'say') };
      case 'interrupt':
        return { type: 'interrupt', file: this.#file(node, 'interrupt'), when: this.#when(node) };
      case 'wait':
        return this.#wait(node);
      case 'digits':
        return { type: 'digits', digits: this.#digits(node) };
      case 'hangup':
        if (scalar(node, 'hangup') !== true) this.#fail(this.#at(node, 'hangup'), 'write "hangup: true"');
        return { type: 'hangup' };
    }
  }

  #wait(node: YAMLMap): object {
    const until = scalar(node, 'wait');
    if (until === 'agent-starts' || until === 'agent-finishes') return { type: 'wait', until };
    const ms = parseDuration(until);
    if (ms === undefined)
      this.#fail(
        this.#at(node, 'wait'),
        `"wait" takes agent-starts, agent-finishes or a time like 500ms, not "${show(until)}"`,
      );
    if (node.has('timeout')) this.#fail(this.#at(node, 'timeout'), 'a wait for a time has no timeout');
    return { type: 'pause', ms };
  }

  #when(node: YAMLMap): InterruptAt {
    const given = (['after', 'at', 'left'] as const).filter((name) => node.has(name));
    if (given.length !== 1)
      this.#fail(node, 'an interrupt step needs one of "after: 1200ms", "at: 50%" and "left: 100ms"');
    if (given[0] === 'at') return { share: this.#share(node) };
    const ms = this.#optionalDuration(node, given[0]!)!;
    return given[0] === 'after' ? { afterMs: ms } : { leftMs: ms };
  }

  #share(node: YAMLMap): number {
    const written = scalar(node, 'at');
    const percent = typeof written === 'string' ? /^(\d+(?:\.\d+)?)\s*%$/.exec(written)?.[1] : undefined;
    if (percent === undefined || Number(percent) > 100)
      this.#fail(this.#at(node, 'at'), `"at" takes a share of the answer like 50%, not "${show(written)}"`);
    return Number(percent) / 100;
  }

  #digits(node: YAMLMap): string {
    const written = scalar(node, 'digits');
    const digits = typeof written === 'number' ? String(written) : written;
    if (typeof digits !== 'string' || !/^[0-9*#]+$/.test(digits))
      this.#fail(
        this.#at(node, 'digits'),
        `"digits" takes keys of a telephone in quotes, like "12#", not "${show(written)}"`,
      );
    return digits;
  }

  #file(node: YAMLMap, name: string): string {
    const file = scalar(node, name);
    if (typeof file !== 'string' || file === '')
      this.#fail(this.#at(node, name), `"${name}" takes the name of a WAV, not "${show(file)}"`);
    return file;
  }

  #optionalText(node: YAMLMap, name: string): string | undefined {
    if (!node.has(name)) return undefined;
    const text = scalar(node, name);
    if (typeof text !== 'string') this.#fail(this.#at(node, name), `"${name}" is not text`);
    return text;
  }

  #optionalDuration(node: YAMLMap, name: string): number | undefined {
    if (!node.has(name)) return undefined;
    const written = scalar(node, name);
    const ms = parseDuration(written);
    if (ms === undefined)
      this.#fail(this.#at(node, name), `"${name}" takes a time like 500ms or 1.5s, not "${show(written)}"`);
    return ms;
  }

  #onlyFields(node: YAMLMap, known: readonly string[], what: string): void {
    for (const pair of node.items as Pair[]) {
      const name = isScalar(pair.key) ? String(pair.key.value) : '?';
      if (!known.includes(name)) this.#fail(pair.key as Place, `${what} has no "${name}": it has ${known.join(', ')}`);
    }
  }

  #at(node: YAMLMap, name: string): Place {
    return (node.items as Pair[]).find((pair) => isScalar(pair.key) && pair.key.value === name)?.key as Place;
  }

  #lineOf(node: Place): number {
    return node?.range ? this.#lines.linePos(node.range[0]).line : 1;
  }

  #fail(node: Place, reason: string): never {
    this.#failAt(this.#lineOf(node), reason);
  }

  #failAt(line: number, reason: string): never {
    const hint = 'samples/interrupt/call.yaml shows how a call is written';
    throw new VoicebridgeError('script-invalid', { path: this.#path, line, reason, hint });
  }
}

/** Milliseconds of `500ms`, `1.5s`; undefined for anything else, a bare number too: its unit would be a guess. */
export function parseDuration(written: unknown): number | undefined {
  const match = typeof written === 'string' ? /^(\d{1,9}(?:\.\d{1,6})?)\s*(ms|s)$/.exec(written) : null;
  return match ? Number(match[1]) * (match[2] === 's' ? 1000 : 1) : undefined;
}

function scalar(node: YAMLMap, name: string): unknown {
  const value = node.get(name, true);
  return isScalar(value) ? value.value : value;
}

function fieldNames(node: YAMLMap): string[] {
  return (node.items as Pair[]).map((pair) => (isScalar(pair.key) ? String(pair.key.value) : '?'));
}

function show(value: unknown): string {
  return typeof value === 'object' ? (value === null ? '' : 'a list or map') : String(value).slice(0, 60);
}
