import { isMap } from 'yaml';
import { parseDuration } from '../duration.js';
import { BUILT_IN_SOUNDS } from '../sounds.js';
import { described, either, type Fields, list, map, mapped, number, type Shape, scalar, text, word } from './shape.js';
import type { WrittenBackground, WrittenSound, WrittenSounds } from './written.js';

/** Longest made sound, in milliseconds: ten minutes. */
const MAX_SOUND_MS = 600_000;
/** Half of 8 000 Hz and more cannot be carried. */
const MAX_HZ = 3999;
/** A sine any louder does not fit into 16 bits. */
const LOUDEST_DBOV = -3.01;

export const duration: Shape<number> = scalar(
  'a time like 500ms or 1.5s',
  { type: 'string', pattern: '^\\d{1,9}(\\.\\d{1,6})?\\s*(ms|s)$' },
  parseDuration,
);

const milliseconds = number('milliseconds', 1, MAX_SOUND_MS);
const level = number('a level in dBov', -90, LOUDEST_DBOV);

const MADE: Fields = {
  file: described(text('the name of a WAV'), 'A WAV beside the call.yaml: any rate, any number of channels.'),
  text: described(
    text('a sentence'),
    'A sentence spoken by a speech synthesiser of this machine: espeak-ng, flite or macOS say.',
  ),
  silence: described(duration, 'Nothing, for so long: 2s.'),
  tone: described(
    map(
      'a tone',
      { hz: number('Hertz', 1, MAX_HZ), ms: milliseconds, dbov: level },
      { all: ['hz', 'ms', 'dbov'] },
      (v) => v,
    ),
    'A sine; it counts as speech. {hz: 440, ms: 800, dbov: -20}',
  ),
  noise: described(
    map('a noise', { ms: milliseconds, dbov: level }, { all: ['ms', 'dbov'] }, (v) => v),
    'White noise; it does not count as speech, an agent should not stop for it. {ms: 500, dbov: -30}',
  ),
};

type Unplaced = WrittenSound extends infer S ? (S extends unknown ? Omit<S, 'line'> : never) : never;

const made = map('a sound', MADE, { one: Object.keys(MADE) }, (values) => {
  const { silence, ...rest } = values;
  return (silence === undefined ? rest : { silenceMs: silence }) as Unplaced;
});

const file: Shape<Unplaced> = mapped(text('the name of a WAV'), (name) => ({ file: name }));

/** One sound, with the line it stands in. */
function placed(shape: Shape<Unplaced>): Shape<WrittenSound> {
  return {
    ...shape,
    read: (entry, yaml) => {
      // A map in the flow of a list begins in the line of its first name.
      const line = yaml.lineOf(isMap(entry.value) ? entry.value : (entry.value ?? entry.place));
      return { ...shape.read(entry, yaml), line } as WrittenSound;
    },
  };
}

const one = placed(either(file, made));

/** What a `say` or an `interrupt` speaks: a file, a made sound, or a list of them. */
export const sounds: Shape<WrittenSounds> = either(
  mapped(one, (sound): WrittenSounds => [sound]),
  list('a list of sounds', one),
);

/** What is hummed in between: a built-in sound, a WAV, or a made one. */
export const hums: Shape<WrittenSounds> = mapped(
  placed(
    either<Unplaced>(
      mapped(word(...BUILT_IN_SOUNDS.backchannel), (sound) => ({ sound })),
      mapped(text('a file with an ending like .wav', /\.[A-Za-z0-9]{1,5}$/), (name) => ({ file: name })),
      made,
    ),
  ),
  (sound) => [sound],
);

export const coughs: Shape<WrittenSounds> = mapped(
  placed(
    either<Unplaced>(
      scalar('true', { const: true }, (value) => (value === true ? { sound: 'cough' as const } : undefined)),
      mapped(text('a file with an ending like .wav', /\.[A-Za-z0-9]{1,5}$/), (name) => ({ file: name })),
      made,
    ),
  ),
  (sound) => [sound],
);

const KINDS = ['white', 'babble', 'hum', 'file'] as const;

const room = map(
  'the noise',
  {
    kind: described(word(...KINDS), 'white: hiss; babble: people talking; hum: mains; file: a WAV that goes round.'),
    dbov: described(level, 'Its level over the whole call: -60 is a quiet room, -35 a street.'),
    file: described(text('the name of a WAV'), 'The recording of kind file.'),
  },
  { all: ['kind', 'dbov'] },
  (values) => values as unknown as Omit<WrittenBackground, 'line'>,
);

/** The room around the caller. */
export const background: Shape<WrittenBackground> = {
  ...room,
  schema: {
    ...room.schema,
    if: { properties: { kind: { const: 'file' } } },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: { required: ['file'] },
    else: { not: { required: ['file'] } },
  },
  read(entry, yaml) {
    const values = room.read(entry, yaml);
    if ((values.kind === 'file') !== (values.file !== undefined))
      yaml.fail(
        entry.place,
        'a noise of kind file has a "file", others have none: {kind: file, file: street.wav, dbov: -40}',
      );
    return { ...values, line: yaml.lineOf(entry.place) };
  },
};
