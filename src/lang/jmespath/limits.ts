/**
 * Caps on JMESPath. Policies are written by people who may be trusted with less than the process that evaluates them, and the documents
 * that they look at are anybody's (CVE-2025-47281, CVE-2026-23881).
 */
export const jmespathLimits: {
  /** Code units of an expression. */
  readonly characters: number;
  /** Parts of an expression within each other. */
  readonly depth: number;
  /** Operators, dots and brackets of an expression. */
  readonly operators: number;
  /** Visits of parts of the expression, and of elements by projections and functions, in one evaluation. */
  readonly steps: number;
  /** Code units of a text that a function makes. */
  readonly text: number;
  /** Objects and lists within each other in what an expression compares or copies. */
  readonly nesting: number;
} = { characters: 65_536, depth: 100, operators: 2000, steps: 1_000_000, text: 2_097_152, nesting: 200 };
