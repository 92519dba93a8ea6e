import { isScalar } from 'yaml';
import { scalarOf } from '../../../yaml-file.js';
import { ASSUMPTIONS, type AssumptionName, type Assumptions, readAssumption } from '../assumptions.js';
import type { NetworkOptions } from '../carrier-script.js';
import { FAULTS, type NetworkFault, parseFault } from '../faults.js';
import { described, type Fields, list, map, mapped, type Shape } from './shape.js';
import { duration } from './sound-shapes.js';

/** What a script says about the carrier's side of its call: the words are those of the command line. */

const faultNames = Object.keys(FAULTS);

const fault: Shape<NetworkFault> = {
  takes: `a fault like ${FAULTS.stall.example}`,
  schema: {
    type: 'string',
    pattern: `^(${faultNames.join('|')})@`,
    examples: Object.values(FAULTS).map(({ example }) => example),
  },
  fits: () => true,
  read({ place, value }, file) {
    const written = scalarOf(value);
    const parsed = parseFault(typeof written === 'string' ? written : '');
    return 'mistake' in parsed ? file.fail(place, parsed.mistake) : parsed.fault;
  },
};

/** What goes wrong on the way, and when. */
export const faults: Shape<readonly NetworkFault[]> = list('a list of faults', fault);

const ONE_WAY = 'One way; 40ms is a good line.';

/** Delays of the carrier's leg. */
export const network: Shape<NetworkOptions> = map(
  'the network',
  {
    toServer: described(duration, `From the phone to the server. ${ONE_WAY}`),
    toPhone: described(duration, `From the server to the phone. ${ONE_WAY}`),
    jitter: described(duration, 'Each message takes so much longer or shorter at most.'),
  },
  {},
  ({ toServer = 0, toPhone = 0, jitter = 0 }) =>
    ({ toServerMs: toServer, toPhoneMs: toPhone, jitterMs: jitter }) as unknown as NetworkOptions,
);

function assumption(name: AssumptionName): Shape<Partial<Assumptions>> {
  const { takes, says } = ASSUMPTIONS[name];
  const words = typeof takes === 'string' ? undefined : [...takes];
  const schema = words ? { enum: words.flatMap((each) => (/^\d+$/.test(each) ? [each, Number(each)] : [each])) } : {};
  return {
    takes: words ? words.join(' or ') : takes === 'time' ? 'a time like 500ms' : 'a number of bytes',
    schema: { ...schema, description: says },
    fits: () => true,
    read({ place, value }, file) {
      const written = isScalar(value) ? String(value.value) : '';
      const parsed = readAssumption(name, written);
      return 'mistake' in parsed ? file.fail(place, parsed.mistake) : parsed.assume;
    },
  };
}

const names = Object.keys(ASSUMPTIONS) as AssumptionName[];
const fields: Fields = Object.fromEntries(names.map((name) => [name, assumption(name)]));

/** What Twilio does where it does not say what it does. */
export const assume: Shape<Partial<Assumptions>> = mapped(
  map('what is assumed', fields, {}, (values) => Object.values(values) as Partial<Assumptions>[]),
  (all) => Object.assign({}, ...all) as Partial<Assumptions>,
);
