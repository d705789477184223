import type { JsonObject } from '../../lang/jmespath/value.ts';

/** What a condition is asked about. */
export interface ConditionInput {
  /** Values by the names of variables. Of CEL's, members may be getters, which throw for what is not known. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** What surrounds the image; conditions of Kyverno alone may use it. */
  readonly context?: JsonObject;
  /** Milliseconds since 1970, as `coarseTime` gives it. */
  readonly now: number;
}

/** A condition, ready to be asked. */
export interface CompiledCondition {
  /**
   * Why it does not hold, for people and without a full stop; undefined where it does.
   *
   * @throws LangError where it has no answer, or takes too long for one
   */
  readonly whyNot: (input: ConditionInput) => string | undefined;
  /** Which members of a variable it uses; undefined where it uses none of it. */
  readonly usesOf: (variable: string) => ReadonlySet<string> | 'all' | undefined;
  /** Whether its answer hangs on what time it is. */
  readonly usesTime: boolean;
}
