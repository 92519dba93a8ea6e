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
    if (mistake) this.failAt(this.#lines.linePos(mistake.pos[0]).line, mistake.message);
    this.root = this.#document.contents;
  }

  #parse(text: string): Document {
    try {
      return parseDocument(text, { lineCounter: this.#lines, prettyErrors: false, logLevel: 'error' });
    } catch (error) {
      // Lists in lists in lists … exhaust the stack of the parser.
      this.failAt(1, `it cannot be read: ${(error as Error).message}`);
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
        const entry: Entry | undefined = this.entries(node).find(({ name }) => name === String(step));
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

  /** The whole file as plain values. Aliases may make it hold itself. */
  toValue(): unknown {
    try {
      return this.#document.toJS();
    } catch (error) {
      this.failAt(1, `it cannot be read: ${(error as Error).message}`);
    }
  }

  fail(place: Place, reason: string): never {
    this.failAt(this.lineOf(place), reason);
  }

  /** What a map has, in order. A name twice is a mistake of YAML itself. */
  entries(map: YAMLMap): Entry[] {
    return (map.items as Pair[]).map((pair) => ({
      name: isScalar(pair.key) ? String(pair.key.value) : '?',
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

  failAt(line: number, reason: string): never {
    throw new VoicebridgeError(this.#kind.error, { path: this.path, line, reason, hint: this.#kind.hint });
  }
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
