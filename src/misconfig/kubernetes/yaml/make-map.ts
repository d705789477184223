import { printable } from '../../../base/printable.ts';
import type { LineRange } from '../../../finding/misconfiguration.ts';
import type { PlacedEntry, PlacedMap, PlacedNode } from './node.ts';

/** Thrown while a document is read, and caught by whoever reads it: what is wrong, without a full stop. */
export class YamlMistake extends Error {
  readonly line: number;

  constructor(line: number, sentence: string) {
    super(sentence);
    this.line = line;
  }
}

/**
 * Makes a map of names and values that follow each other. A merge key (`<<`) brings what its maps have; names of the map's own are before
 * these, and earlier maps before later ones (YAML merge key type).
 *
 * @param count is told how many entries a merge brings
 * @throws YamlMistake
 */
export function makeMap(
  children: readonly PlacedNode[],
  lines: LineRange,
  count: (entries: number) => void,
): PlacedMap {
  const entries = new Map<string, PlacedEntry>();
  const merges: PlacedNode[] = [];
  for (let index = 0; index + 1 < children.length; index += 2) {
    const key = children[index] as PlacedNode;
    const value = children[index + 1] as PlacedNode;
    const name = nameOf(key);
    if (name === '<<') {
      for (const each of value.kind === 'list' ? value.items : [value]) merges.push(each);
      continue;
    }
    if (entries.has(name)) throw new YamlMistake(key.lines.start, `"${printable(name)}" stands twice; keep one`);
    entries.set(name, { lines: { start: key.lines.start, end: endOf(key, value, lines) }, value });
  }
  for (const each of merges) {
    if (each.kind !== 'map') throw new YamlMistake(each.lines.start, 'only names with values can be merged by <<');
    count(each.entries.size);
    for (const [name, entry] of each.entries) if (!entries.has(name)) entries.set(name, entry);
  }
  return { kind: 'map', entries, lines };
}

/** Kubernetes turns numbers and truth values that are names into texts. */
function nameOf(key: PlacedNode): string {
  if (key.kind !== 'scalar' || key.value === null) throw new YamlMistake(key.lines.start, 'names are plain words');
  return String(key.value);
}

/** An alias's value stands elsewhere: the entry is the line of its name then. */
function endOf(key: PlacedNode, value: PlacedNode, { end }: LineRange): number {
  const isHere = value.lines.start >= key.lines.start && value.lines.end <= end;
  return isHere ? Math.max(key.lines.end, value.lines.end) : key.lines.end;
}
