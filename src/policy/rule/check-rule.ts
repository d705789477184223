import type { Evidence, Subject } from '../evidence.ts';
import type { Fact, UnknownFact } from '../verdict.ts';
import type { PreparedFinding } from './prepare-findings.ts';

/** What rules look at. */
export interface RuleInput {
  readonly subject: Subject;
  readonly evidence: Evidence;
  /** Of the scan, worst first, made ready once for all rules; empty when no scan is known. */
  readonly findings: () => readonly PreparedFinding[];
  /** Says what a fact is, once for all rules. */
  readonly describe: (fact: Fact) => string;
}

/** What a rule found, before exceptions. It depends on the evidence and on `now` alone. */
export interface Assessment {
  /** What breaks the rule, worst first. */
  readonly violations: readonly Fact[];
  /** What could not be known and may break it. */
  readonly unknown: readonly UnknownFact[];
  /** What it rests on when it passed. */
  readonly support: readonly Fact[];
  /** Times, in milliseconds since 1970, at which the same evidence gives something else; what lies behind does not count. */
  readonly changesAt: readonly number[];
  /** Findings that the violations are about, at the same indexes; absent where they are about no findings. */
  readonly findings?: readonly PreparedFinding[];
}

/** A rule, compiled. */
export type CheckRule = (input: RuleInput) => Assessment;

/** The assessment of a rule that holds. */
export const passed: Assessment = { violations: [], unknown: [], support: [], changesAt: [] };

/** An assessment with what is different from {@link passed}. */
export function assess(parts: Partial<Assessment>): Assessment {
  return { ...passed, ...parts };
}
