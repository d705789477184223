import type { Event } from 'js-yaml';
import { ConfigError } from './error.ts';

/** A YAML node with its place, so that errors name a line. */
export type YamlNode = YamlScalar | YamlSequence | YamlMapping;

/** A leaf. */
export interface YamlScalar {
  readonly kind: 'scalar';
  /** Undefined for null: a name without a value. */
  readonly text: string | undefined;
  /** From 1. */
  readonly line: number;
}

/** `- a`, `[a, b]`. */
export interface YamlSequence {
  readonly kind: 'sequence';
  readonly items: YamlNode[];
  readonly line: number;
}

/** `a: b`, `{a: b}`. */
export interface YamlMapping {
  readonly kind: 'mapping';
  readonly entries: { readonly name: string; readonly line: number; readonly value: YamlNode }[];
  readonly line: number;
}

/** Words for null in the YAML 1.2 core schema, where they stand without quotes. */
const nulls: ReadonlySet<string> = new Set(['', '~', 'null', 'Null', 'NULL']);

/** Settings nest three deep; what nests deeper is none. */
const deepest = 10;

/**
 * Parses one YAML document into nodes with lines. Scalars stay texts: what `yes` or `010` mean is the setting's to say.
 * Anchors and aliases are refused: settings need none, and they let a small file stand for a huge one.
 *
 * @param name of the file, for errors
 * @returns undefined for an empty document
 * @throws ConfigError SETTINGS_FILE_MALFORMED
 */
export async function parseYamlTree(text: string, name: string): Promise<YamlNode | undefined> {
  // Loaded here because most runs have no settings file, and start-up counts.
  const yaml = await import('js-yaml');
  const lines = lineStarts(text);
  const fail = (offset: number, sentence: string): ConfigError =>
    new ConfigError('SETTINGS_FILE_MALFORMED', `${name}:${lineAt(lines, offset)}: ${sentence}`);

  let events: readonly Event[];
  try {
    events = yaml.parseEvents(text, { maxDepth: deepest });
  } catch (error) {
    const mark = error instanceof yaml.YAMLException ? error.mark : undefined;
    const reason = error instanceof yaml.YAMLException ? error.reason : 'it cannot be parsed';
    throw new ConfigError('SETTINGS_FILE_MALFORMED', `${name}:${(mark?.line ?? 0) + 1}: This is not YAML: ${reason}`, {
      cause: error,
    });
  }

  let position = 0;
  const read = (): YamlNode | undefined => {
    const event = events[position];
    position += 1;
    if (event === undefined || event.type === yaml.EVENT_ID.POP) return undefined;
    if (event.type === yaml.EVENT_ID.DOCUMENT)
      throw fail(text.length, 'A settings file is one document; remove the others');
    if (event.type === yaml.EVENT_ID.ALIAS)
      throw fail(event.anchorStart, 'Settings take no aliases; write the value out');
    if (event.type === yaml.EVENT_ID.SCALAR) {
      const value = yaml.getScalarValue(text, event);
      const isNull = event.style === yaml.SCALAR_STYLE.PLAIN && nulls.has(value);
      return { kind: 'scalar', text: isNull ? undefined : value, line: lineAt(lines, Math.max(0, event.valueStart)) };
    }
    const line = lineAt(lines, event.start);
    const children: YamlNode[] = [];
    for (let child = read(); child !== undefined; child = read()) children.push(child);
    if (event.type === yaml.EVENT_ID.SEQUENCE) return { kind: 'sequence', items: children, line };
    return { kind: 'mapping', entries: pair(children, name), line };
  };

  position = 1;
  if (events.length === 0) return undefined;
  const root = read();
  if (root !== undefined && events.length > position + 1) {
    throw new ConfigError('SETTINGS_FILE_MALFORMED', `${name} holds several documents; a settings file is one`);
  }
  return root;
}

function pair(children: readonly YamlNode[], file: string): YamlMapping['entries'] {
  const entries: YamlMapping['entries'] = [];
  const seen = new Set<string>();
  for (let index = 0; index + 1 < children.length; index += 2) {
    const name = children[index] as YamlNode;
    if (name.kind !== 'scalar' || name.text === undefined) {
      throw new ConfigError('SETTINGS_FILE_MALFORMED', `${file}:${name.line}: Names of settings are plain words`);
    }
    if (seen.has(name.text)) {
      throw new ConfigError(
        'SETTINGS_FILE_MALFORMED',
        `${file}:${name.line}: "${name.text.slice(0, 60)}" stands twice; keep one`,
      );
    }
    seen.add(name.text);
    entries.push({ name: name.text, line: name.line, value: children[index + 1] as YamlNode });
  }
  return entries;
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** The line, from 1, by bisection. */
function lineAt(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] as number) <= offset) low = middle;
    else high = middle;
  }
  return low + 1;
}
