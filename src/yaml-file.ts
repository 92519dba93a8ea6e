import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type YAMLMap,
} from 'yaml';
import { VoicebridgeError } from './errors.js';
import { nearest } from './nearest.js';
import { yamlSentence } from './yaml-mistakes.js';

/** Where something stands in a file; nothing for the file as a whole. */
export type Place = Node | null | undefined;

/** One `name: value` of a file. */
export interface Entry {
  readonly name: string;
  /** Where the name stands. */
  readonly place: Place;
  readonly value: Place;
}

/** What a mistake in a file of this kind is answered with. */
export interface FileKind {
  readonly error: 'script-invalid' | 'config-invalid';
  readonly hint: string;
  /** `<<: *other` takes over what stands in another map, as many tools read it. */
  readonly merge?: boolean;
}

/** A YAML file whose every part knows its line. */
export class YamlFile {
  readonly path: string;
  readonly root: Node | null;
  readonly #kind: FileKind;
  readonly #document: Document;
  readonly #lines = new LineCounter();

  /** Throws VoicebridgeError of the kind when the text is not YAML. */
  constructor(text: string, path: string, kind: FileKind) {
    this.path = path;
    this.#kind = kind;
    this.#document = this.#parse(text);
    const mistake = this.#document.errors[0];
    if (mistake) this.failAt(this.#lines.linePos(mistake.pos[0]).line, yamlSentence(mistake, text));
    this.root = this.#document.contents;
  }

  #parse(text: string): Document {
    try {
      const { merge = false } = this.#kind;
      return parseDocument(text, { lineCounter: this.#lines, prettyErrors: false, logLevel: 'error', merge });
    } catch (error) {
      // Lists in lists in lists … exhaust the stack of the parser.
      this.failAt(1, unreadable(error));
    }
  }

  /** Counts from 1. */
  lineOf(place: Place): number {
    return place?.range ? this.#lines.linePos(place.range[0]).line : 1;
  }

  /** The line of what stands at a path of names and indices, or of the nearest thing around it that is there. */
  lineAt(path: readonly PropertyKey[]): number {
    let node: Place = this.root;
    let line = 1;
    for (const step of path) {
      if (isAlias(node)) node = node.resolve(this.#document);
      if (isMap(node)) {
        const entry = this.#entryOf(node, String(step));
        if (!entry) return line;
        line = this.lineOf(entry.place);
        node = entry.value;
      } else if (isSeq(node)) {
        node = node.items[Number(step)] as Place;
        if (node?.range) line = this.lineOf(node);
      } else return line;
    }
    return line;
  }

  /** Also of a map that is merged into this one. */
  #entryOf(map: YAMLMap, name: string): Entry | undefined {
    const entries = this.entries(map);
    const own = entries.find((entry) => entry.name === name);
    if (own || !this.#kind.merge) return own;
    const merged = entries
      .filter((entry) => entry.name === MERGE)
      .flatMap(({ value }) => (isSeq(value) ? value.items : [value]));
    for (const each of merged as Place[]) {
      const other = isAlias(each) ? each.resolve(this.#document) : each;
      const found = isMap(other) ? this.entries(other).find((entry) => entry.name === name) : undefined;
      if (found) return found;
    }
    return undefined;
  }

  /** The whole file as plain values. Aliases may make it hold itself. */
  toValue(): unknown {
    try {
      return this.#document.toJS();
    } catch (error) {
      this.failAt(1, unreadable(error));
    }
  }

  fail(place: Place, reason: string): never {
    this.failAt(this.lineOf(place), reason);
  }

  /** What a map has, in order. A name twice is a mistake of YAML itself. */
  entries(map: YAMLMap): Entry[] {
    return (map.items as Pair[]).map((pair) => ({
      name: isScalar(pair.key) ? nameOf(pair.key.value) : '?',
      place: pair.key as Place,
      value: pair.value as Place,
    }));
  }

  /** Fails at the first entry whose name is not one of `known`. @param what for example "a say step" */
  onlyFields(map: YAMLMap, known: readonly string[], what: string): void {
    for (const { name, place } of this.entries(map)) {
      if (known.includes(name)) continue;
      const meant = nearest(name, known);
      const guess = meant === undefined ? ': it' : `, did you mean "${meant}"? It`;
      this.fail(place, `${what} has no "${name}"${guess} has ${known.join(', ')}`);
    }
  }

  failAt(line: number, reason: string, hint = this.#kind.hint): never {
    throw new VoicebridgeError(this.#kind.error, { path: this.path, line, reason, hint });
  }
}

const MERGE = '<<';

/** The parser makes a symbol of the sign for merging. */
function nameOf(key: unknown): string {
  return typeof key === 'symbol' ? (key.description ?? '') : String(key);
}

function unreadable(error: unknown): string {
  if (error instanceof RangeError) return 'it is nested too deeply';
  const { message } = error as Error;
  const [, alias] = /^Unresolved alias .*: (.*)$/s.exec(message) ?? [];
  if (alias !== undefined)
    return `*${alias.slice(0, 60)} stands for nothing: there is no &${alias.slice(0, 60)} before it`;
  if (/^Excessive alias count/.test(message)) return 'its aliases stand for too much';
  return `it cannot be read: ${message}`;
}

/** What stands behind a name, as far as it is one value: text, number, true, false or null. */
export function scalarOf(value: Place): unknown {
  return isScalar(value) ? value.value : value === undefined ? null : value;
}

/** The same for people. */
export function show(value: Place): string {
  const plain = scalarOf(value);
  if (plain === null) return '';
  if (typeof plain === 'object') return isMap(value) ? 'a map' : 'a list';
  return String(plain).slice(0, 60);
}
