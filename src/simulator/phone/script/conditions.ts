import type { Condition } from '../expectation.js';
import { described, type Fields, type Need, type Shape, scalar, text, type Variant, variants, word } from './shape.js';
import { duration } from './sound-shapes.js';

/** What can be said about the agent: demanded by `expect`, asked by `if`. */
const within = described(duration, "Counted from the caller's last word; for stops from its first.");
const forTime = described(duration, 'For so long.');
const markName = described(text('the name of a mark'), 'This mark; any when left out.');
const lintLevel = described(word('error', 'warning'), 'Mistakes of this level and worse ones; error when left out.');

type Values = Readonly<Record<string, unknown>>;

const times = ({ within: withinMs, for: forMs }: Values): { withinMs?: number; forMs?: number } => ({
  ...(typeof withinMs === 'number' && { withinMs }),
  ...(typeof forMs === 'number' && { forMs }),
});
const named = ({ name }: Values): { name?: string } => (typeof name === 'string' ? { name } : {});

function expectation(
  example: string,
  fields: Fields,
  need: Need,
  says: string,
  make: (v: Values) => Condition,
): Variant<Condition> {
  const [main] = example.split(',');
  return { key: 'expect', main: word(main!), fields, need, example: `expect: ${example}`, says, make };
}

/** The ways to write an `expect` step. */
export const EXPECTATIONS: readonly Variant<Condition>[] = [
  expectation(
    'agent-speaks, within: 1500ms',
    { within },
    { all: ['within'] },
    'The agent says something in time.',
    (v) => ({
      type: 'speaks',
      ...times(v),
    }),
  ),
  expectation(
    'agent-silent, for: 2s',
    { for: forTime },
    { all: ['for'] },
    'The agent says nothing for so long.',
    (v) => ({
      type: 'silent',
      ...times(v),
    }),
  ),
  expectation(
    'agent-stops, within: 300ms',
    { within },
    { all: ['within'] },
    'The agent, spoken over, falls silent so soon after the first word.',
    (v) => ({ type: 'stops', ...times(v) }),
  ),
  expectation(
    'agent-goes-on, for: 1s',
    { for: forTime },
    { all: ['for'] },
    'The agent does not stop for the sound before: it is still to be heard so long after it began.',
    (v) => ({ type: 'goes-on', ...times(v) }),
  ),
  expectation(
    'mark, name: greeting, within: 3s',
    { name: markName, within },
    { all: ['within'] },
    'A mark of the server has been played and went back to it.',
    (v) => ({ type: 'mark', ...named(v), ...times(v) }),
  ),
  expectation('no-lint, level: error', { level: lintLevel }, {}, 'The server has made no mistake so far.', (v) => ({
    type: 'no-lint',
    level: v.level === 'warning' ? 'warning' : 'error',
  })),
];

const anyMark: Shape<string | true> = scalar(
  'the name of a mark, or true for any',
  { anyOf: [{ type: 'string', minLength: 1 }, { const: true }] },
  (value) => (value === true || (typeof value === 'string' && value !== '') ? value : undefined),
);

/** What stands behind `if`. Without a time it asks about what has happened so far. */
export const condition: Shape<Condition> = variants<Condition>('a condition', 'if: {agent: spoke, within: 2s}', [
  {
    key: 'agent',
    main: word('spoke', 'stopped'),
    fields: { within },
    need: {},
    example: 'agent: spoke, within: 2s',
    says: 'spoke: it has said something since the caller last began to speak. stopped: it was spoken over and fell silent.',
    make: (v) => ({ type: v.agent === 'spoke' ? 'speaks' : 'stops', ...times(v) }),
  },
  {
    key: 'agent',
    main: word('silent', 'went-on'),
    fields: { for: forTime },
    need: {},
    example: 'agent: silent, for: 2s',
    says: 'silent: it has said nothing. went-on: it was spoken over and did not stop.',
    make: (v) => ({ type: v.agent === 'silent' ? 'silent' : 'goes-on', ...times(v) }),
  },
  {
    key: 'mark',
    main: anyMark,
    fields: { within },
    need: {},
    example: 'mark: greeting, within: 2s',
    says: 'This mark (any: true) has been played and went back to the server.',
    make: (v) => ({ type: 'mark', ...(typeof v.mark === 'string' && { name: v.mark }), ...times(v) }),
  },
]);
