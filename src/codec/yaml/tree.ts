import type * as JsYaml from 'js-yaml';
import type { Event } from 'js-yaml';
import { printable } from '../../base/printable.ts';
import { yamlLimits } from './limits.ts';
import { locator, type PlacedText, type TextPlace } from './text-place.ts';

/** A YAML node with the place where it begins, so that a mistake in it can be pointed at. */
export type YamlNode = YamlScalar | YamlSequence | YamlMapping;

/** A leaf. */
export interface YamlScalar extends TextPlace {
  readonly kind: 'scalar';
  /** Undefined for null: a name without a value. */
  readonly text: string | undefined;
  /** Whether it stands without quotes, so that a text may mean a number. */
  readonly isPlain: boolean;
}

/** `- a`, `[a, b]`. */
export interface YamlSequence extends TextPlace {
  readonly kind: 'sequence';
  readonly items: readonly YamlNode[];
}

/** `a: b`, `{a: b}`. */
export interface YamlMapping extends TextPlace {
  readonly kind: 'mapping';
  /** In the order of the file, each name once. */
  readonly entries: readonly YamlEntry[];
}

/** A name, where it stands, and its value. */
export interface YamlEntry extends TextPlace {
  readonly name: string;
  readonly value: YamlNode;
}

/** What is wrong with a text, and where. */
export interface YamlMistake extends TextPlace {
  /** Without a full stop. */
  readonly sentence: string;
}

/** A document as far as it could be read; there is no root when it is empty or no YAML. */
export interface YamlTree {
  readonly root: YamlNode | undefined;
  /** All that could be told at once, at most `yamlLimits.mistakes`. */
  readonly mistakes: readonly YamlMistake[];
}

/** Documents as far as they could be read; there are none when the text is empty or no YAML. */
export interface YamlDocuments {
  readonly documents: readonly YamlNode[];
  /** All that could be told at once, at most `yamlLimits.mistakes`. */
  readonly mistakes: readonly YamlMistake[];
}

/** Words for null in the YAML 1.2 core schema, where they stand without quotes. */
const nulls: ReadonlySet<string> = new Set(['', '~', 'null', 'Null', 'NULL']);

/**
 * Parses one YAML document into nodes with lines and columns. Scalars stay texts: what `yes`, `010` or `1.10` mean is the
 * setting's to say. Aliases are refused, since they let a small file stand for a huge one; so are tags, which would give a
 * text another meaning, and names that stand twice, of which readers take one or the other.
 */
export async function parseYamlTree(text: string): Promise<YamlTree> {
  const { documents, mistakes } = await parseYamlDocuments(text);
  const [root, second] = documents;
  if (second === undefined || mistakes.length >= yamlLimits.mistakes) return { root, mistakes };
  const { line, column } = locator(text)(text.trimEnd().length);
  return { root, mistakes: [...mistakes, { line, column, sentence: 'This holds several documents; keep one' }] };
}

/**
 * As {@link parseYamlTree}, of a text that may hold several documents, one after the other.
 *
 * @param depth collections inside each other
 */
export async function parseYamlDocuments(given: PlacedText, depth: number = yamlLimits.depth): Promise<YamlDocuments> {
  const { text, above = 0 } = typeof given === 'string' ? { text: given } : given;
  const top = { line: above + 1, column: 1 };
  if (text.length > yamlLimits.characters) {
    return broken({ ...top, sentence: `This is longer than ${yamlLimits.characters} characters` });
  }
  // Loaded here because most runs have no such file, and start-up counts.
  const yaml = await import('js-yaml');
  let events: readonly Event[];
  try {
    events = yaml.parseEvents(text, { maxDepth: depth });
  } catch (error) {
    const known = error instanceof yaml.YAMLException ? error : undefined;
    const place = { line: above + (known?.mark?.line ?? 0) + 1, column: (known?.mark?.column ?? 0) + 1 };
    return broken({ ...place, sentence: `This is not YAML: ${known?.reason ?? 'it cannot be parsed'}` });
  }
  if (events.length > yamlLimits.nodes) {
    return broken({ ...top, sentence: `This holds more than ${yamlLimits.nodes} names and values` });
  }
  return readDocuments(text, above, events, yaml);
}

function broken(mistake: YamlMistake): YamlDocuments {
  return { documents: [], mistakes: [mistake] };
}

type Yaml = Pick<typeof JsYaml, 'EVENT_ID' | 'SCALAR_STYLE' | 'getScalarValue'>;

function readDocuments(text: string, above: number, events: readonly Event[], yaml: Yaml): YamlDocuments {
  const locate = locator(text, above);
  const mistakes: YamlMistake[] = [];
  const tell = (place: TextPlace, sentence: string): void => {
    if (mistakes.length < yamlLimits.mistakes) mistakes.push({ line: place.line, column: place.column, sentence });
  };
  const { EVENT_ID: id } = yaml;
  let position = 0;
  // An empty value has no place of its own; it is said to be where the text before it began.
  let place: TextPlace = { line: above + 1, column: 1 };
  const read = (): YamlNode | undefined => {
    const event = events[position];
    position += 1;
    if (event === undefined || event.type === id.POP || event.type === id.DOCUMENT) return undefined;
    const offset = offsetOf(event, id);
    if (offset >= 0) place = locate(offset);
    const { line, column } = place;
    if (event.type === id.ALIAS) {
      tell(place, 'Aliases are not taken; write the value out');
      return { kind: 'scalar', text: undefined, isPlain: true, line, column };
    }
    if (event.tagStart >= 0) tell(locate(event.tagStart), 'Tags are not taken; write the plain value');
    if (event.type === id.SCALAR) {
      const value = yaml.getScalarValue(text, event);
      const isPlain = event.style === yaml.SCALAR_STYLE.PLAIN;
      return { kind: 'scalar', text: isPlain && nulls.has(value) ? undefined : value, isPlain, line, column };
    }
    const children: YamlNode[] = [];
    for (let child = read(); child !== undefined; child = read()) children.push(child);
    if (event.type === id.SEQUENCE) return { kind: 'sequence', items: children, line, column };
    return { kind: 'mapping', entries: pair(children, tell), line, column };
  };
  const documents: YamlNode[] = [];
  while (position < events.length) {
    // One event opens a document, and one closes it.
    position += 1;
    const root = read();
    position += 1;
    if (root !== undefined) documents.push(root);
  }
  return { documents, mistakes };
}

function offsetOf(event: Exclude<Event, { type: 1 | 6 }>, id: Yaml['EVENT_ID']): number {
  if (event.type === id.ALIAS) return event.anchorStart - 1;
  return event.type === id.SCALAR ? event.valueStart : event.start;
}

function pair(children: readonly YamlNode[], tell: (place: TextPlace, sentence: string) => void): YamlEntry[] {
  const entries: YamlEntry[] = [];
  const seen = new Set<string>();
  for (let index = 0; index + 1 < children.length; index += 2) {
    const name = children[index] as YamlNode;
    if (name.kind !== 'scalar' || name.text === undefined) tell(name, 'Names are plain words');
    else if (seen.has(name.text)) tell(name, `"${printable(name.text)}" stands twice; keep one`);
    else {
      seen.add(name.text);
      const value = children[index + 1] as YamlNode;
      entries.push({ name: name.text, line: name.line, column: name.column, value });
    }
  }
  return entries;
}
