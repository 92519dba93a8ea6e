import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const SRC = join(dirname(fileURLToPath(import.meta.url)), '..', 'src');

/** From the ground up. A file imports from its own folder, from folders further down, and from the root files. */
const LAYERS: readonly (readonly string[])[] = [
  ['audio'],
  ['carrier', 'model', 'store', 'archive'],
  ['call'],
  ['config'],
  ['relay', 'simulator', 'measure'],
  ['cli'],
  ['vitest'],
];

/** The witness: the simulated ends of a call and the measures, which read each other's records. */
const WITNESS = ['simulator', 'measure'];
/** The accused, of which the witness must know nothing, so that no mistake can be in both and cancel out. */
const ACCUSED = ['call', 'config', 'relay', 'model'];

/** What the package shows to programs that import it: stands above everything. */
const PUBLIC_FILE = 'index.ts';

/** Sentences about the imports of one source file that break a rule. `file` is relative to src, with slashes. */
function brokenRules(file: string, source: string): string[] {
  const from = folderOf(file);
  const broken: string[] = [];
  if (from !== undefined && layerOf(from) === -1) broken.push(`${file}: the folder ${from} has no place in LAYERS`);
  for (const specifier of importsOf(source)) {
    if (!specifier.startsWith('.')) continue;
    const target = posix.join(posix.dirname(file), specifier);
    const to = folderOf(target);
    if (target.startsWith('..')) broken.push(`${file} imports ${target}, outside of src`);
    else if (from !== undefined && WITNESS.includes(from) && to !== undefined && ACCUSED.includes(to)) {
      broken.push(`${file} imports ${target}: the witness shares nothing with the accused`);
    } else if (!pointsDown(file, from, to, target)) broken.push(`${file} imports ${target}: imports point down`);
  }
  return broken;
}

function pointsDown(file: string, from: string | undefined, to: string | undefined, target: string): boolean {
  if (file === PUBLIC_FILE || from === to) return true;
  if (posix.basename(target, posix.extname(target)) === 'index' && to === undefined) return false;
  if (to === undefined) return true;
  if (from === undefined) return false;
  if (WITNESS.includes(from) && WITNESS.includes(to)) return true;
  return layerOf(to) !== -1 && layerOf(to) < layerOf(from);
}

function layerOf(folder: string): number {
  return LAYERS.findIndex((folders) => folders.includes(folder));
}

/** The first folder of a path inside src; undefined for the files at its root. */
function folderOf(file: string): string | undefined {
  return file.includes('/') ? file.split('/')[0] : undefined;
}

/** Every module named by an import, a type import, a re-export or a dynamic import, comments left out. */
function importsOf(source: string): string[] {
  const code = source.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const statements = /\b(?:import|export)\b[^'"`;()]*?\bfrom\s*(['"])(?<from>[^'"]+)\1/g;
  const bare = /\bimport\s*\(?\s*(['"])(?<bare>[^'"]+)\1/g;
  return [
    ...Array.from(code.matchAll(statements), (match) => match.groups!.from!),
    ...Array.from(code.matchAll(bare), (match) => match.groups!.bare!),
  ];
}

function sourceFiles(): string[] {
  return readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => relative(SRC, join(SRC, name)).split(sep).join('/'));
}

describe('the boundaries between the parts', () => {
  it('hold in every source file', () => {
    const files = sourceFiles();
    expect(files).toContain('audio/g711.ts');
    expect(files.flatMap((file) => brokenRules(file, readFileSync(join(SRC, file), 'utf8')))).toEqual([]);
  });

  it.each<[file: string, source: string]>([
    ['call/session.ts', "import { bytesPerMs } from '../audio/format.js';"],
    ['call/session.ts', "import type { Clock } from '../clock.js';\nimport { x } from './playback.js';"],
    ['simulator/phone/call.ts', "import { decodeRelay } from '../../carrier/twilio/phone.js';"],
    ['simulator/phone/call.ts', "import { y } from '../model/server.js';"],
    ['simulator/phone/script.ts', "import { findSpeech } from '../../measure/voice.js';"],
    ['measure/turns.ts', "import type { CallRecord } from '../simulator/phone/events.js';"],
    ['measure/turns.ts', "// import { Session } from '../call/session.js';\n/* import '../relay/server.js'; */"],
    ['cli/bench.ts', "const { startRelay } = await import('../relay/server.js');"],
    ['audio/wav.ts', "import { readFile } from 'node:fs/promises';\nimport wavefile from 'wavefile';"],
    ['index.ts', "export { startRelay } from './relay/server.js';"],
  ])('let %s import what lies below it (%#)', (file, source) => {
    expect(brokenRules(file, source)).toEqual([]);
  });

  it.each<[file: string, source: string, sentence: string]>([
    [
      'simulator/phone/playout.ts',
      "import { Playback } from '../../call/playback.js';",
      'simulator/phone/playout.ts imports call/playback.js: the witness shares nothing with the accused',
    ],
    [
      'measure/truncation.ts',
      "import type { ModelEvent } from '../model/model.js';",
      'measure/truncation.ts imports model/model.js: the witness shares nothing with the accused',
    ],
    [
      'simulator/model/server.ts',
      "const relay = await import(\n  '../../relay/server.js'\n);",
      'simulator/model/server.ts imports relay/server.js: the witness shares nothing with the accused',
    ],
    [
      'measure/report-json.ts',
      "export {\n  a,\n  type B,\n} from '../relay/calls.js';",
      'measure/report-json.ts imports relay/calls.js: the witness shares nothing with the accused',
    ],
    [
      'audio/level.ts',
      "import { Carrier } from '../carrier/carrier.js';",
      'audio/level.ts imports carrier/carrier.js: imports point down',
    ],
    [
      'carrier/twilio.ts',
      "import { x } from '../model/openai.js';",
      'carrier/twilio.ts imports model/openai.js: imports point down',
    ],
    [
      'relay/server.ts',
      "import '../simulator/model/server.js';",
      'relay/server.ts imports simulator/model/server.js: imports point down',
    ],
    [
      'call/session.ts',
      "import { Calls } from '../relay/calls.js';",
      'call/session.ts imports relay/calls.js: imports point down',
    ],
    ['clock.ts', "import { x } from './audio/tone.js';", 'clock.ts imports audio/tone.js: imports point down'],
    ['audio/wav.ts', "import { x } from '../index.js';", 'audio/wav.ts imports index.js: imports point down'],
    [
      'cli/main.ts',
      "import { x } from '../../test/helpers/y.js';",
      'cli/main.ts imports ../test/helpers/y.js, outside of src',
    ],
    ['misc/x.ts', '', 'misc/x.ts: the folder misc has no place in LAYERS'],
  ])('do not let %s break a rule (%#)', (file, source, sentence) => {
    expect(brokenRules(file, source)).toEqual([sentence]);
  });
});
