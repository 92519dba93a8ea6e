import { SaxesParser } from 'saxes';

/** An element of a JUnit report as a strict parser reads it. */
export interface Xml {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Xml[];
  text: string;
}

/** Reads well-formed XML and nothing else: throws a sentence for what is not. */
export function parseXml(source: string): Xml {
  const parser = new SaxesParser();
  const root: Xml = { tag: '', attributes: {}, children: [], text: '' };
  const open: Xml[] = [root];
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', ({ name, attributes }) => {
    const element: Xml = { tag: name, attributes: attributes as Record<string, string>, children: [], text: '' };
    open.at(-1)!.children.push(element);
    open.push(element);
  });
  parser.on('text', (text) => {
    open.at(-1)!.text += text;
  });
  parser.on('closetag', () => void open.pop());
  parser.write(source).close();
  return root.children[0]!;
}

interface Rule {
  readonly required: readonly string[];
  readonly optional: readonly string[];
  /** In this order, each as often as it likes. */
  readonly children: readonly string[];
}

/** The schema that Jenkins' xunit plugin publishes (junit-10.xsd), and that other readers keep to. */
const RULES: Readonly<Record<string, Rule>> = {
  testsuites: {
    required: [],
    optional: ['name', 'time', 'tests', 'failures', 'errors'],
    children: ['testsuite'],
  },
  testsuite: {
    required: ['name', 'tests'],
    optional: ['failures', 'errors', 'skipped', 'time', 'timestamp', 'hostname', 'id', 'package'],
    children: ['properties', 'testcase', 'system-out', 'system-err'],
  },
  properties: { required: [], optional: [], children: ['property'] },
  property: { required: ['name', 'value'], optional: [], children: [] },
  testcase: {
    required: ['name', 'classname'],
    optional: ['time', 'status'],
    children: ['skipped', 'error', 'failure', 'system-out', 'system-err'],
  },
  skipped: { required: [], optional: ['message', 'type'], children: [] },
  error: { required: [], optional: ['message', 'type'], children: [] },
  failure: { required: [], optional: ['message', 'type'], children: [] },
  'system-out': { required: [], optional: [], children: [] },
  'system-err': { required: [], optional: [], children: [] },
};

/** What in the report is not as the schema has it, in sentences. */
export function junitMistakes({ tag, attributes, children }: Xml): string[] {
  const rule = RULES[tag];
  if (!rule) return [`<${tag}> is not an element of JUnit's XML`];
  const names = Object.keys(attributes);
  const places = children.map((child) => rule.children.indexOf(child.tag));
  return [
    ...rule.required.filter((name) => !names.includes(name)).map((name) => `<${tag}> has no ${name}`),
    ...names
      .filter((name) => ![...rule.required, ...rule.optional].includes(name))
      .map((name) => `<${tag}> has no attribute ${name}`),
    ...children.filter((child) => !rule.children.includes(child.tag)).map((child) => `<${tag}> holds a <${child.tag}>`),
    ...(places.every((place, index) => index === 0 || places[index - 1]! <= place)
      ? []
      : [`the elements in <${tag}> are in the wrong order`]),
    ...children.flatMap(junitMistakes),
    ...(tag === 'testsuite' ? wrongTotals(attributes, children) : []),
  ];
}

function wrongTotals(attributes: Readonly<Record<string, string>>, children: readonly Xml[]): string[] {
  const cases = children.filter(({ tag }) => tag === 'testcase');
  const holding = (tag: string): number => cases.filter((each) => each.children.some((one) => one.tag === tag)).length;
  const counted = {
    tests: cases.length,
    failures: holding('failure'),
    errors: holding('error'),
    skipped: holding('skipped'),
  };
  return Object.entries(counted)
    .filter(([name, count]) => attributes[name] !== String(count))
    .map(([name, count]) => `${name} says ${attributes[name]} and there are ${count}`);
}
