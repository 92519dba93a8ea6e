import { isMap, isScalar, LineCounter, type Node, type Pair, parseDocument, type YAMLMap } from 'yaml';
import { VoicebridgeError } from '../../../errors.js';
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

/** A YAML file whose every part knows its line. */
export class YamlFile {
  readonly path: string;
  readonly root: Node | null;
  readonly #lines = new LineCounter();

  /** Throws VoicebridgeError script-invalid when the text is not YAML. */
  constructor(text: string, path: string) {
    this.path = path;
    const document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false });
    const mistake = document.errors[0];
    if (mistake) this.failAt(this.#lines.linePos(mistake.pos[0]).line, mistake.message);
    this.root = document.contents;
  }

  /** Counts from 1. */
  lineOf(place: Place): number {
    return place?.range ? this.#lines.linePos(place.range[0]).line : 1;
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
    const hint = 'samples/interrupt/call.yaml shows how a call is written; schemas/call.schema.json knows every step';
    throw new VoicebridgeError('script-invalid', { path: this.path, line, reason, hint });
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
