import type { Node } from './node.ts';
import { parseJmespath } from './parse.ts';

/** Names of members, from the value that an expression looks at: `['request', 'namespace']`; without any, the value itself. */
export type UsedPath = readonly string[];

/**
 * Which parts of a value an expression may look at, so that whoever gives it the value can leave out the rest. It is never too few:
 * where what is looked at cannot be followed any further, all that is there counts.
 *
 * @throws LangError SYNTAX, LIMIT_EXCEEDED
 */
export function usedPaths(text: string): readonly UsedPath[] {
  const reader = new Reader();
  reader.use(parseJmespath(text), []);
  return reader.paths;
}

/** Goes through an expression and notes what it uses. A value is where it is in the whole, or undefined when it was made. */
class Reader {
  readonly paths: UsedPath[] = [];

  /** An expression whose value is looked at as a whole. @param here where the current value is */
  use(node: Node, here: UsedPath | undefined): void {
    const path = this.#follow(node, here);
    if (path !== undefined) this.paths.push(path);
  }

  /** Where the value of an expression is. What it is made of is noted when it is nowhere. */
  #follow(node: Node, here: UsedPath | undefined): UsedPath | undefined {
    switch (node.kind) {
      case 'current':
        return here;
      case 'field':
        return here === undefined ? undefined : [...here, node.name];
      case 'chain':
      case 'pipe':
        return this.#follow(node.right, this.#follow(node.left, here));
      case 'literal':
        return undefined;
      case 'index':
      case 'slice':
        if (here !== undefined) this.paths.push(here);
        return undefined;
      case 'listProjection':
      case 'objectProjection':
      case 'filter':
      case 'flatten':
        this.use(node.left, here);
        // Of elements, which are part of what was noted.
        if (node.kind === 'filter') this.use(node.condition, undefined);
        if (node.kind !== 'flatten') this.use(node.right, undefined);
        return undefined;
      case 'or':
      case 'and':
      case 'compare':
        this.use(node.left, here);
        this.use(node.right, here);
        return undefined;
      case 'not':
        this.use(node.operand, here);
        return undefined;
      case 'list':
        for (const item of node.items) this.use(item, here);
        return undefined;
      case 'object':
        for (const [, member] of node.members) this.use(member, here);
        return undefined;
      case 'call':
        for (const operand of node.operands) this.use(operand, here);
        return undefined;
      default:
        // A function gives it what its other operands hold.
        this.use(node.operand, undefined);
        return undefined;
    }
  }
}
