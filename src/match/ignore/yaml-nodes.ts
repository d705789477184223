import type { Event } from 'js-yaml';
import { IgnoreError } from './error.ts';
import { ignoreLimits } from './limits.ts';
import { printable } from '../../base/printable.ts';

/** A YAML node with the line where it begins, from 1. An alias is the very node that its anchor names. */
export type YamlNode =
  | { readonly kind: 'scalar'; /** Undefined for null. */ readonly text: string | undefined; readonly line: number }
  | { readonly kind: 'sequence'; readonly items: readonly YamlNode[]; readonly line: number }
  | { readonly kind: 'mapping'; readonly entries: ReadonlyMap<string, YamlEntry>; readonly line: number };

/** The value of a key, and where the key stands. */
export interface YamlEntry {
  readonly line: number;
  readonly value: YamlNode;
}

/** Null in YAML 1.2's core schema, where it stands without quotes. */
const nulls: ReadonlySet<string> = new Set(['', '~', 'null', 'Null', 'NULL']);

/**
 * Parses one YAML document. Scalars stay texts, so that an id such as `0123` or a date is what the user wrote. The cost is
 * bounded by the text's length: aliases share the node they name.
 *
 * @returns undefined for an empty document
 * @throws IgnoreError
 */
export async function parseYamlNodes(text: string, source: string): Promise<YamlNode | undefined> {
  // Loaded here because most runs have no such file, and start-up counts.
  const yaml = await import('js-yaml');
  let events: readonly Event[];
  try {
    events = yaml.parseEvents(text, { maxDepth: ignoreLimits.depth });
  } catch (error) {
    const known = error instanceof yaml.YAMLException ? error : undefined;
    const at = known?.mark === undefined ? source : `${source}:${known.mark.line + 1}`;
    throw new IgnoreError('IGNORE_YAML_SYNTAX', `${at}: This is no YAML: ${known?.reason ?? 'it cannot be parsed'}`, {
      cause: error,
    });
  }
  if (events.filter((event) => event.type === yaml.EVENT_ID.DOCUMENT).length > 1) {
    throw new IgnoreError('IGNORE_YAML_SHAPE', `${source} holds several documents; keep all rules in one`);
  }
  if (events.filter((event) => event.type === yaml.EVENT_ID.ALIAS).length > ignoreLimits.aliases) {
    throw new IgnoreError(
      'IGNORE_TOO_MANY_ALIASES',
      `${source} uses more than ${ignoreLimits.aliases} aliases; write the values out`,
    );
  }

  const lineOf = lineCounter(text);
  const anchors = new Map<string, YamlNode>();
  // The first event opens the document.
  let position = 1;
  const read = (): YamlNode | undefined => {
    const event = events[position];
    position += 1;
    if (event === undefined || event.type === yaml.EVENT_ID.POP || event.type === yaml.EVENT_ID.DOCUMENT)
      return undefined;
    if (event.type === yaml.EVENT_ID.ALIAS) {
      const name = text.slice(event.anchorStart, event.anchorEnd);
      const node = anchors.get(name);
      if (node !== undefined) return node;
      throw new IgnoreError(
        'IGNORE_YAML_SYNTAX',
        `${source}:${lineOf(event.anchorStart)}: Define &${printable(name)} before it is used`,
      );
    }
    const node = event.type === yaml.EVENT_ID.SCALAR ? scalar(event) : collection(event);
    if (event.anchorStart >= 0) anchors.set(text.slice(event.anchorStart, event.anchorEnd), node);
    return node;
  };
  const scalar = (event: Extract<Event, { type: typeof yaml.EVENT_ID.SCALAR }>): YamlNode => {
    const value = yaml.getScalarValue(text, event);
    const isNull = event.style === yaml.SCALAR_STYLE.PLAIN && nulls.has(value);
    return { kind: 'scalar', text: isNull ? undefined : value, line: lineOf(event.valueStart) };
  };
  const collection = (
    event: Extract<Event, { type: typeof yaml.EVENT_ID.SEQUENCE | typeof yaml.EVENT_ID.MAPPING }>,
  ): YamlNode => {
    const line = lineOf(event.start);
    const children: YamlNode[] = [];
    for (let child = read(); child !== undefined; child = read()) children.push(child);
    if (event.type === yaml.EVENT_ID.SEQUENCE) return { kind: 'sequence', items: children, line };
    return { kind: 'mapping', entries: entriesOf(children, source), line };
  };
  return read();
}

function entriesOf(children: readonly YamlNode[], source: string): Map<string, YamlEntry> {
  if (children.length > 2 * ignoreLimits.keys) {
    throw new IgnoreError(
      'IGNORE_YAML_SHAPE',
      `${source}:${children[0]?.line}: Keep a mapping within ${ignoreLimits.keys} keys`,
    );
  }
  const entries = new Map<string, YamlEntry>();
  const merged = new Map<string, YamlEntry>();
  for (let index = 0; index + 1 < children.length; index += 2) {
    const key = children[index] as YamlNode;
    const value = children[index + 1] as YamlNode;
    if (key.kind !== 'scalar')
      throw new IgnoreError('IGNORE_YAML_SHAPE', `${source}:${key.line}: Use plain words as keys`);
    const name = key.text ?? '';
    if (entries.has(name)) {
      throw new IgnoreError('IGNORE_YAML_SHAPE', `${source}:${key.line}: "${printable(name)}" stands twice; keep one`);
    }
    if (name === '<<') mergeInto(merged, value);
    else entries.set(name, { line: key.line, value });
  }
  // A key of its own beats a merged one (YAML merge key type).
  for (const [name, entry] of merged) if (!entries.has(name)) entries.set(name, entry);
  return entries;
}

function mergeInto(merged: Map<string, YamlEntry>, value: YamlNode): void {
  const sources = value.kind === 'sequence' ? value.items : [value];
  for (const each of sources) {
    if (each.kind !== 'mapping') continue;
    for (const [name, entry] of each.entries) if (!merged.has(name)) merged.set(name, entry);
  }
}

/** Tells the line of an offset, from 1, by bisection; -1, which stands for an empty value, is on the line asked for last. */
function lineCounter(text: string): (offset: number) => number {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  let last = 1;
  return (offset) => {
    if (offset < 0) return last;
    let low = 0;
    let high = starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] as number) <= offset) low = middle;
      else high = middle;
    }
    last = low + 1;
    return last;
  };
}
