import { nearest } from '../../../nearest.js';
import { NOUNS, VERBS } from './grammar.js';
import type { TwimlRule } from './rules.js';
import { readXml, type TwimlElement, XmlMistake } from './xml.js';

/** A mistake in a document, before anything was done with it. */
export interface TwimlMistake {
  readonly rule: TwimlRule;
  readonly message?: string;
  /** The element, as it could have been written. */
  readonly excerpt?: string;
}

/** A document that was read: what is to be done, in order, or nothing when it is none. */
export interface TwimlDocument {
  readonly verbs: readonly TwimlElement[] | undefined;
  readonly mistakes: readonly TwimlMistake[];
}

/** Twilio's limit for a body of TwiML. */
const MAX_TWIML_BYTES = 64 * 1024;
/** Name and value of one `<Parameter>` together stay below this. */
const MAX_PARAMETER_CHARACTERS = 500;

/** Reads TwiML as Twilio does, and says what is wrong with it. Never throws. */
export function readTwiml(text: string): TwimlDocument {
  if (Buffer.byteLength(text) > MAX_TWIML_BYTES) return { verbs: undefined, mistakes: [{ rule: 'webhook/too-large' }] };
  if (/^\s+<\?xml/.test(text)) {
    return { verbs: undefined, mistakes: [{ rule: 'twiml/blank-before-declaration', excerpt: text.slice(0, 60) }] };
  }
  let root: TwimlElement;
  try {
    root = readXml(text);
  } catch (error) {
    if (!(error instanceof XmlMistake)) throw error;
    const excerpt = text.split('\n')[error.line - 1]?.trim();
    const message = `the answer is not well-formed XML, line ${error.line}: ${error.message}`;
    return { verbs: undefined, mistakes: [{ rule: 'twiml/not-xml', message, ...(excerpt && { excerpt }) }] };
  }
  if (root.name !== 'Response') {
    const message = `the root of the document is <${root.name}>, not <Response>`;
    return { verbs: undefined, mistakes: [{ rule: 'twiml/no-response', message }] };
  }
  const mistakes: TwimlMistake[] = [];
  const verbs = root.children.filter((verb) => checkVerb(verb, mistakes));
  const last = root.children.at(-1);
  if (last?.name === 'Start') mistakes.push({ rule: 'stream/nothing-after-start', excerpt: shown(last) });
  return { verbs, mistakes };
}

function checkVerb(verb: TwimlElement, mistakes: TwimlMistake[]): boolean {
  const shape = VERBS[verb.name];
  if (!shape) {
    mistakes.push(verb.name in NOUNS ? misplaced(verb, 'Response') : unknown(verb, Object.keys(VERBS)));
    return false;
  }
  checkAttributes(verb, shape.attributes, mistakes);
  if (!shape.children) return true;
  for (const child of verb.children) checkChild(child, verb, shape.children, mistakes);
  if (verb.name === 'Connect') checkConnect(verb, mistakes);
  return true;
}

function checkChild(
  element: TwimlElement,
  parent: TwimlElement,
  allowed: readonly string[],
  mistakes: TwimlMistake[],
): void {
  if (!allowed.includes(element.name)) {
    const known = element.name in NOUNS || element.name in VERBS;
    mistakes.push(known ? misplaced(element, parent.name) : unknown(element, allowed));
    return;
  }
  const shape = NOUNS[element.name];
  if (!shape) return;
  checkAttributes(element, shape.attributes, mistakes);
  if (element.name === 'Stream') checkStream(element, parent.name, mistakes);
  if (element.name === 'Parameter') checkParameter(element, mistakes);
  if (shape.children) for (const child of element.children) checkChild(child, element, shape.children, mistakes);
}

function checkAttributes(element: TwimlElement, known: readonly string[], mistakes: TwimlMistake[]): void {
  for (const name of Object.keys(element.attributes)) {
    if (known.includes(name)) continue;
    const excerpt = shown(element);
    if (element.name === 'Stream' && name.toLowerCase() === 'bidirectional') {
      mistakes.push({ rule: 'twiml/bidirectional', excerpt });
      continue;
    }
    const message = `<${element.name}> has no attribute ${name}${meant(name, known)}`;
    mistakes.push({ rule: 'twiml/unknown-attribute', message, excerpt });
  }
}

function checkConnect(connect: TwimlElement, mistakes: TwimlMistake[]): void {
  if (connect.children.length > 1) {
    const message = `<Connect> holds ${connect.children.length} nouns: ${connect.children.map(({ name }) => `<${name}>`).join(', ')}`;
    mistakes.push({ rule: 'stream/two-streams', message, excerpt: shown(connect) });
  }
}

function checkStream(stream: TwimlElement, verb: string, mistakes: TwimlMistake[]): void {
  // <Stop> names a stream, and opens none.
  if (verb === 'Stop') return;
  for (const mistake of streamMistakes(stream, verb)) mistakes.push(mistake);
}

/** What keeps Twilio from opening a stream, and what it drops from its address. */
function streamMistakes(stream: TwimlElement, verb: string): TwimlMistake[] {
  const { url, track, connectorName } = stream.attributes;
  const excerpt = shown(stream);
  const mistakes: TwimlMistake[] = [];
  if (url === undefined || !URL.canParse(url)) {
    const message = url === undefined ? '<Stream> has no url' : `"${url}" is no address`;
    if (connectorName === undefined) mistakes.push({ rule: 'stream/no-url', message, excerpt });
  } else {
    const address = new URL(url);
    if (!isSecure(address)) {
      const message = `the stream has the scheme ${address.protocol}//, not wss://`;
      mistakes.push({ rule: 'stream/not-wss', message, excerpt });
    }
    if (address.search !== '') {
      const message = `the url of <Stream> has the query string ${address.search.slice(0, 80)}`;
      mistakes.push({ rule: 'stream/query', message, excerpt });
    }
  }
  const tracks = verb === 'Connect' ? ['inbound_track'] : ['inbound_track', 'outbound_track', 'both_tracks'];
  if (track !== undefined && !tracks.includes(track)) {
    const message = `a <Stream> in <${verb}> cannot have track="${track}"`;
    mistakes.push({ rule: 'stream/track', message, excerpt });
  }
  return mistakes;
}

/** Whether Twilio would open no stream at all for this element. */
export function isUnopenable(stream: TwimlElement, verb: 'Connect' | 'Start'): boolean {
  return streamMistakes(stream, verb).some(({ rule }) => rule !== 'stream/query');
}

/** `ws://` is for servers on this machine, where nothing can be overheard and no certificate can be had. */
function isSecure({ protocol, hostname }: URL): boolean {
  if (protocol === 'wss:') return true;
  return protocol === 'ws:' && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}

function checkParameter(parameter: TwimlElement, mistakes: TwimlMistake[]): void {
  const { name, value } = parameter.attributes;
  if (name === undefined || value === undefined) {
    mistakes.push({ rule: 'stream/parameter-without-name', excerpt: shown(parameter) });
  } else if (isTooLong(name, value)) {
    const message = `<Parameter name="${name.slice(0, 40)}"> has ${name.length + value.length} characters in name and value`;
    mistakes.push({ rule: 'stream/parameter-too-long', message });
  }
}

function isTooLong(name: string, value: string): boolean {
  return name.length + value.length >= MAX_PARAMETER_CHARACTERS;
}

/** What arrives in `start.customParameters`. */
export function parametersOf(stream: TwimlElement): Record<string, string> {
  const parameters: Record<string, string> = {};
  for (const { name: element, attributes } of stream.children) {
    const { name, value } = attributes;
    if (element !== 'Parameter' || name === undefined || value === undefined || isTooLong(name, value)) continue;
    parameters[name] = value;
  }
  return parameters;
}

function misplaced(element: TwimlElement, parent: string): TwimlMistake {
  const message = `<${element.name}> cannot stand in <${parent}>`;
  return { rule: 'twiml/misplaced', message, excerpt: shown(element) };
}

function unknown(element: TwimlElement, known: readonly string[]): TwimlMistake {
  const message = `TwiML knows no <${element.name}>${meant(element.name, known)}`;
  return { rule: 'twiml/unknown-verb', message, excerpt: shown(element) };
}

function meant(word: string, known: readonly string[]): string {
  const likely =
    known.find((each) => each.toLowerCase() === word.toLowerCase().replaceAll('_', '')) ?? nearest(word, known);
  return likely === undefined ? '' : `, did you mean ${likely}?`;
}

function shown({ name, attributes }: TwimlElement): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${value.replaceAll('"', '&quot;')}"`);
  return `<${name}${written.join('')}>`;
}
