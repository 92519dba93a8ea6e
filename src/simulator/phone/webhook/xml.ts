import { SaxesParser } from 'saxes';

/** An element of a TwiML document. Names are as written: TwiML tells upper case from lower. */
export interface TwimlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly TwimlElement[];
  /** What is written in it, without what its children say, blanks around it removed. */
  readonly text: string;
  /** Counted from 1. */
  readonly line: number;
}

/** Why a document is no XML. */
export class XmlMistake extends Error {
  override readonly name = 'XmlMistake';
  readonly line: number;

  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}

interface Open {
  readonly name: string;
  readonly attributes: Record<string, string>;
  readonly children: TwimlElement[];
  readonly line: number;
  text: string;
}

/**
 * Reads a document by the rules of XML 1.0, which mends nothing: a bare `&` or a tag that is never closed is a mistake.
 * @throws XmlMistake
 */
export function readXml(text: string): TwimlElement {
  const parser = new SaxesParser();
  const open: Open[] = [];
  let root: TwimlElement | undefined;
  parser.on('error', (error) => {
    // saxes begins with its own place, "2:14: ".
    throw new XmlMistake(error.message.replace(/^\d+:\d+:\s*/, '').replace(/\.$/, ''), parser.line);
  });
  parser.on('opentag', ({ name, attributes }) => {
    open.push({ name, attributes: { ...attributes }, children: [], line: parser.line, text: '' });
  });
  const onText = (piece: string): void => {
    const inside = open.at(-1);
    if (inside) inside.text += piece;
  };
  parser.on('text', onText);
  parser.on('cdata', onText);
  parser.on('closetag', () => {
    const closed = open.pop()!;
    const element: TwimlElement = { ...closed, text: closed.text.trim() };
    const parent = open.at(-1);
    if (parent) parent.children.push(element);
    else root = element;
  });
  parser.write(text).close();
  if (!root) throw new XmlMistake('the document is empty', 1);
  return root;
}
