import { SaxesParser } from 'saxes';
import { maxDocumentDepth, maxDocumentElements } from './limits.ts';

/** An element of a document: its name without a prefix, its own text, and the elements in it. */
export interface XmlElement {
  readonly name: string;
  readonly text: string;
  readonly children: readonly XmlElement[];
}

interface Growing {
  readonly name: string;
  text: string;
  readonly children: Growing[];
}

/** Reads a document that a store answered; undefined when it is not well formed, defines entities, or is too deep or long. */
export function parseXml(text: string): XmlElement | undefined {
  const open: Growing[] = [];
  let root: Growing | undefined;
  let elements = 0;
  const parser = new SaxesParser();
  const refuse = (): never => {
    throw new Error('not a document that a store answers');
  };
  parser.on('doctype', refuse);
  parser.on('opentag', ({ name }) => {
    elements += 1;
    if (open.length === maxDocumentDepth || elements > maxDocumentElements) refuse();
    const element: Growing = { name: name.slice(name.indexOf(':') + 1), text: '', children: [] };
    open.at(-1)?.children.push(element);
    root ??= element;
    open.push(element);
  });
  const addText = (piece: string): void => {
    const element = open.at(-1);
    if (element !== undefined) element.text += piece;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('closetag', () => void open.pop());
  try {
    parser.write(text).close();
  } catch {
    return undefined;
  }
  return root;
}

/** The text of the first element of a name in another; undefined when there is none. */
export function textOf(element: XmlElement, name: string): string | undefined {
  return element.children.find((child) => child.name === name)?.text;
}

/** The elements of a name in another. */
export function elementsOf(element: XmlElement, name: string): XmlElement[] {
  return element.children.filter((child) => child.name === name);
}
