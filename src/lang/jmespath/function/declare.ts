import type { JsonType, JsonValue } from '../value.ts';

/** What a parameter takes: types of JSON, lists of one type, anything, or a reference to an expression. */
export type ParameterType = JsonType | 'any' | 'array-number' | 'array-string' | 'reference';

/** What a call gives a function. */
export type Operand =
  | { readonly kind: 'value'; readonly value: JsonValue }
  | { readonly kind: 'reference'; readonly search: (value: JsonValue) => JsonValue };

/** What a function may use. */
export interface CallContext {
  /** To be called for each element that is looked at. @throws LangError LIMIT_EXCEEDED */
  readonly step: () => void;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly random: () => number;
}

/** A function of the language. */
export interface JmespathFunction {
  readonly name: string;
  /** The types that each operand may have. */
  readonly parameters: readonly (readonly ParameterType[])[];
  /** Whether the last parameter may be given any number of times, at least once. */
  readonly isVariadic?: boolean;
  /**
   * Called with operands that fit.
   *
   * @throws LangError EVALUATION, LIMIT_EXCEEDED
   */
  call(operands: readonly Operand[], context: CallContext): JsonValue;
}

/** Functions by their names. */
export type FunctionTable = ReadonlyMap<string, JmespathFunction>;

/** Puts functions into a table; later ones replace earlier ones of the same name. */
export function functionTable(...lists: readonly (readonly JmespathFunction[])[]): FunctionTable {
  return new Map(lists.flat().map((each) => [each.name, each]));
}

/** A function of values: references are for those that are declared in full. */
export function valueFunction(
  name: string,
  parameters: readonly (ParameterType | readonly ParameterType[])[],
  call: (values: readonly JsonValue[], context: CallContext) => JsonValue,
  more: { readonly isVariadic?: boolean } = {},
): JmespathFunction {
  return {
    name,
    parameters: parameters.map((types) => (typeof types === 'string' ? [types] : types)),
    ...more,
    call: (operands, context) =>
      call(
        operands.map((operand) => (operand.kind === 'value' ? operand.value : null)),
        context,
      ),
  };
}
