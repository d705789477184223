/**
 * A node of the library's syntax tree, with what it keeps of macros and of how a node is evaluated. The library is pinned, and the tests
 * of `meter.ts` fail where it has these no more.
 */
export interface CelNode {
  readonly op: string;
  args: unknown;
  readonly meta: {
    /** What a macro became. */
    readonly alternate?: CelNode;
    readonly evaluate: Evaluate;
  };
  setMeta(name: 'evaluate', evaluate: Evaluate): unknown;
}

/** Gives the value of a node. */
export type Evaluate = (evaluator: unknown, node: CelNode, context: unknown) => unknown;

/** What a node is made of. */
export function childrenOf({ args }: CelNode): readonly CelNode[] {
  return nodesIn(args);
}

function nodesIn(part: unknown): readonly CelNode[] {
  if (isNode(part)) return [part];
  if (Array.isArray(part)) return part.flatMap(nodesIn);
  if (typeof part !== 'object' || part === null) return [];
  // A comprehension has its parts by name.
  const { iterable, init, step } = part as Readonly<Record<string, unknown>>;
  return [iterable, init, step].filter(isNode);
}

function isNode(part: unknown): part is CelNode {
  return typeof part === 'object' && part !== null && 'setMeta' in part && 'op' in part;
}

/** Every node of a tree once, with those that macros became. */
export function allNodes(root: CelNode): ReadonlySet<CelNode> {
  const found = new Set<CelNode>();
  const open = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (found.has(node)) continue;
    found.add(node);
    open.push(...childrenOf(node));
    if (node.meta.alternate !== undefined) open.push(node.meta.alternate);
  }
  return found;
}
