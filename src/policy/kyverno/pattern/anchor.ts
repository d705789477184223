/** What is special about a name in a pattern (Kyverno, "Anchors"). */
export type AnchorKind =
  /** `(name)`: what stands beside it counts only where this matches. */
  | 'conditional'
  /** `<(name)`: the whole rule counts only where this matches. */
  | 'global'
  /** `=(name)`: it may be missing. */
  | 'equality'
  /** `^(name)`: one element of the list is enough. */
  | 'existence'
  /** `X(name)`: it must be missing. */
  | 'negation'
  /** `+(name)`: it is added, where objects are changed. */
  | 'addition';

/** A name in a pattern. */
export interface PatternName {
  readonly anchor: AnchorKind | undefined;
  /** Without what marks it. */
  readonly name: string;
}

const marks: Readonly<Record<string, AnchorKind>> = {
  '': 'conditional',
  '<': 'global',
  '=': 'equality',
  '^': 'existence',
  X: 'negation',
  '+': 'addition',
};

/** Reads a name; parentheses without an end are part of it. */
export function parsePatternName(text: string): PatternName {
  const [, mark, name] = /^([<=^X+]?)\((.+)\)$/s.exec(text) ?? [];
  if (mark === undefined || name === undefined) return { anchor: undefined, name: text };
  return { anchor: marks[mark], name: name.trim() };
}
