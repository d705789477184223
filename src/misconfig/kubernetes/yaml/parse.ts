import { type Event, EVENT_ID, getScalarValue, parseEvents, SCALAR_STYLE, YAMLException } from 'js-yaml';
import { kubernetesValue } from '../../../codec/yaml/kubernetes-value.ts';
import type { LineRange } from '../../../finding/misconfiguration.ts';
import { manifestLimits } from '../limits.ts';
import { endOfBrackets, lastCharacter } from './end-of-node.ts';
import { type LineOf, linesOf } from './lines.ts';
import { makeMap, YamlMistake } from './make-map.ts';
import type { PlacedNode } from './node.ts';

/** What a text of YAML or JSON holds. */
export interface ParsedYaml {
  readonly documents: readonly PlacedNode[];
  /** What was read: the same lines, some of which may be further in. */
  readonly text: string;
  /** Where leaves stand, as pairs of offsets in it in ascending order: what looks like a comment there is none. */
  readonly spans: readonly number[];
}

/** A text that cannot be read, with the line, and why, without a full stop. */
export interface UnreadableYaml {
  readonly line: number;
  readonly sentence: string;
}

/**
 * Reads YAML or JSON with the lines of all values. Aliases and merge keys are followed, within bounds. Refused is what other readers may
 * understand in another way: names that stand twice, tags, and names that are no plain words.
 *
 * @param above lines before the text, which lines are counted with
 */
export function parsePlaced(text: string, above: number): ParsedYaml | UnreadableYaml {
  const first = eventsOf(text);
  if ('events' in first) return readAll(text, first.events, above);
  if (/indentation/.test(first.failure) && text.length <= manifestLimits.moved) {
    const moved = text.replaceAll(closingBracket, indentation);
    const second = eventsOf(moved);
    if ('events' in second) return readAll(moved, second.events, above);
  }
  return { line: above + first.line + 1, sentence: `this is no YAML: ${first.failure}` };
}

/** Brackets that close at the indentation of their name, which Kubernetes reads, while YAML wants them further in (1.2, 7.4). */
const closingBracket = /^(?=[ \t]*[\]}])/gm;
/** Lines stay what they are when brackets are moved so far. */
const indentation = ' '.repeat(100);

function eventsOf(
  text: string,
): { readonly events: readonly Event[] } | { readonly failure: string; readonly line: number } {
  try {
    return { events: parseEvents(text, { maxDepth: manifestLimits.depth }) };
  } catch (error) {
    const known = error instanceof YAMLException ? error : undefined;
    return { failure: known?.reason ?? 'it cannot be parsed', line: known?.mark?.line ?? 0 };
  }
}

function readAll(text: string, events: readonly Event[], above: number): ParsedYaml | UnreadableYaml {
  if (events.length > manifestLimits.nodes) {
    return { line: above + 1, sentence: `this holds more than ${manifestLimits.nodes} names and values` };
  }
  try {
    return readEvents(text, events, linesOf(text, above));
  } catch (error) {
    if (error instanceof YamlMistake) return { line: error.line, sentence: error.message };
    throw error;
  }
}

/** A node, what it would be with its aliases written out, and the offset behind it. */
interface Sized {
  readonly node: PlacedNode;
  readonly size: number;
}

function readEvents(text: string, events: readonly Event[], lineOf: LineOf): ParsedYaml {
  const anchors = new Map<string, Sized>();
  const spans: number[] = [];
  let position = 0;
  let aliases = 0;
  let total = 0;
  // An empty value has no place of its own; it is said to be where the text before it ended.
  let end = 0;
  const linesFrom = (start: number): LineRange => ({
    start: lineOf(start),
    end: lineOf(lastCharacter(text, start, end)),
  });
  const count = (size: number, at: number): void => {
    total += size;
    if (total <= manifestLimits.nodes) return;
    throw new YamlMistake(lineOf(at), `its aliases stand for more than ${manifestLimits.nodes} names and values`);
  };

  const readAlias = (start: number, stop: number): Sized => {
    const known = anchors.get(text.slice(start, stop));
    aliases += 1;
    end = stop;
    if (known === undefined) throw new YamlMistake(lineOf(start), 'an alias names no anchor before it');
    if (aliases > manifestLimits.aliases) {
      throw new YamlMistake(lineOf(start), `this holds more than ${manifestLimits.aliases} aliases; write values out`);
    }
    count(known.size, start);
    return known;
  };

  const read = (): Sized | undefined => {
    const event = events[position];
    position += 1;
    if (event === undefined || event.type === EVENT_ID.POP || event.type === EVENT_ID.DOCUMENT) return undefined;
    if (event.type === EVENT_ID.ALIAS) return readAlias(event.anchorStart, event.anchorEnd);
    if (event.tagStart >= 0) {
      throw new YamlMistake(lineOf(event.tagStart), 'tags are not read; write the plain value');
    }
    const anchor = event.anchorStart < 0 ? undefined : text.slice(event.anchorStart, event.anchorEnd);
    const found = event.type === EVENT_ID.SCALAR ? readScalar(event) : readCollection(event);
    if (anchor !== undefined) anchors.set(anchor, found);
    return found;
  };

  const readScalar = (event: Extract<Event, { type: typeof EVENT_ID.SCALAR }>): Sized => {
    const start = event.valueStart < 0 ? end : event.valueStart;
    if (event.valueStart >= 0) {
      spans.push(event.valueStart, event.valueEnd);
      // A block of text may end in any number of empty lines.
      end = lastCharacter(text, event.valueStart, event.valueEnd) + 1;
    }
    const raw = getScalarValue(text, event);
    const isPlain = event.style === SCALAR_STYLE.PLAIN;
    const isNull = isPlain && nulls.has(raw);
    const line = lineOf(lastCharacter(text, 0, start + 1));
    const value = kubernetesValue({ kind: 'scalar', text: isNull ? undefined : raw, isPlain, line, column: 1 });
    const isBlock = event.style === SCALAR_STYLE.LITERAL_BLOCK || event.style === SCALAR_STYLE.FOLDED_BLOCK;
    const lines = event.valueStart < 0 ? { start: line, end: line } : linesFrom(isBlock ? start - 1 : start);
    count(1, start);
    return { node: { kind: 'scalar', value: value as string, lines }, size: 1 };
  };

  const readCollection = (
    event: Extract<Event, { type: typeof EVENT_ID.SEQUENCE | typeof EVENT_ID.MAPPING }>,
  ): Sized => {
    end = event.start;
    const children: PlacedNode[] = [];
    let size = 1;
    for (let child = read(); child !== undefined; child = read()) {
      children.push(child.node);
      size += child.size;
    }
    count(1, event.start);
    // What is between brackets ends with one.
    if (text[event.start] === '{' || text[event.start] === '[')
      end = endOfBrackets(text, Math.max(end, event.start + 1));
    const lines = linesFrom(event.start);
    if (event.type === EVENT_ID.SEQUENCE) return { node: { kind: 'list', items: children, lines }, size };
    const map = makeMap(children, lines, (merged) => count(merged, event.start));
    return { node: map, size: Math.max(size, 2 * map.entries.size) };
  };

  const documents: PlacedNode[] = [];
  while (position < events.length) {
    // One event opens a document, and one closes it. Anchors are of one document.
    position += 1;
    anchors.clear();
    const root = read();
    position += 1;
    if (root !== undefined) documents.push(root.node);
  }
  return { documents, text, spans };
}

/** Words for null in YAML 1.1 and 1.2, where they stand without quotes. */
const nulls: ReadonlySet<string> = new Set(['', '~', 'null', 'Null', 'NULL']);
