import type { LineRange } from '../../../finding/misconfiguration.ts';
import type { Comment } from '../yaml/comments.ts';
import type { PlacedNode } from '../yaml/node.ts';

/** Gives the lines that a comment is about; undefined where nothing follows it. */
export type ScopeOf = (comment: Pick<Comment, 'line' | 'until'>) => LineRange | undefined;

/**
 * Prepares to look up what a comment is about: the value that begins on its line, or else the next one. Of several that begin there, it is
 * the largest: above the first name of an object it is about the object, and beside the first name of a container about the container.
 * Lists are none of them: what stands above the first container is about that one alone.
 */
export function scopesOf(roots: readonly PlacedNode[]): ScopeOf {
  const byStart = new Map<number, LineRange>();
  const add = (lines: LineRange): void => {
    const known = byStart.get(lines.start);
    if (known === undefined || known.end < lines.end) byStart.set(lines.start, lines);
  };
  const seen = new Set<PlacedNode>();
  const walk = (node: PlacedNode): void => {
    // What aliases name is met many times.
    if (seen.has(node)) return;
    seen.add(node);
    if (node.kind === 'list') {
      for (const item of node.items) {
        add(item.lines);
        walk(item);
      }
    } else if (node.kind === 'map') {
      for (const entry of node.entries.values()) {
        add(entry.lines);
        walk(entry.value);
      }
    }
  };
  for (const root of roots) {
    add(root.lines);
    walk(root);
  }
  const starts = Int32Array.from([...byStart.keys()].sort((a, b) => a - b));
  return ({ line, until }) => {
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((starts[middle] as number) < line) low = middle + 1;
      else high = middle;
    }
    const start = starts[low];
    return start === undefined || start > until ? undefined : byStart.get(start);
  };
}
