/** What each package needs, by ids of whatever kind. */
export type LockGraph = ReadonlyMap<string, readonly string[]>;

/**
 * The packages that only development needs: what can be reached from its roots and from no other. What no root leads to
 * is not among them, since the file does not say who needs it.
 */
export function developmentOnly(
  graph: LockGraph,
  production: Iterable<string>,
  development: Iterable<string>,
): ReadonlySet<string> {
  const needed = reachable(graph, production);
  return new Set([...reachable(graph, development)].filter((id) => !needed.has(id)));
}

function reachable(graph: LockGraph, roots: Iterable<string>): Set<string> {
  const seen = new Set(roots);
  // A set is walked in the order in which things are added, those that are added meanwhile included.
  for (const id of seen) for (const next of graph.get(id) ?? []) seen.add(next);
  return seen;
}
