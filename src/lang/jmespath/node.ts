import type { JsonValue } from './value.ts';

/** How two values are compared. */
export type Comparator = '==' | '!=' | '<' | '<=' | '>' | '>=';

/** An expression as it was read (JMESPath specification, "Grammar"). */
export type Node =
  | { readonly kind: 'current' }
  | { readonly kind: 'literal'; readonly value: JsonValue }
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'slice'; readonly start?: number; readonly stop?: number; readonly step?: number }
  /** The right one of what the left one gives: `a.b`, `a[0]`. */
  | { readonly kind: 'chain'; readonly left: Node; readonly right: Node }
  | { readonly kind: 'pipe'; readonly left: Node; readonly right: Node }
  /** `a[*].b`; slices project as well. */
  | { readonly kind: 'listProjection'; readonly left: Node; readonly right: Node }
  | { readonly kind: 'objectProjection'; readonly left: Node; readonly right: Node }
  | { readonly kind: 'filter'; readonly left: Node; readonly condition: Node; readonly right: Node }
  | { readonly kind: 'flatten'; readonly left: Node }
  | { readonly kind: 'or'; readonly left: Node; readonly right: Node }
  | { readonly kind: 'and'; readonly left: Node; readonly right: Node }
  | { readonly kind: 'not'; readonly operand: Node }
  | { readonly kind: 'compare'; readonly operator: Comparator; readonly left: Node; readonly right: Node }
  | { readonly kind: 'list'; readonly items: readonly Node[] }
  | { readonly kind: 'object'; readonly members: readonly (readonly [name: string, value: Node])[] }
  | { readonly kind: 'call'; readonly name: string; readonly operands: readonly Node[] }
  /** `&expression`, which a function evaluates itself. */
  | { readonly kind: 'reference'; readonly operand: Node };
