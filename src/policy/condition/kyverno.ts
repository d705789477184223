import { LangError } from '../../lang/error.ts';
import { compileJmespath, type JmespathEnvironment, type JmespathExpression } from '../../lang/jmespath/evaluate.ts';
import { isObject, type JsonObject, type JsonValue, objectOf } from '../../lang/jmespath/value.ts';
import { evaluateCondition } from '../kyverno/condition/evaluate-condition.ts';
import type { ConditionStyle } from '../kyverno/condition/model.ts';
import type { Condition, ConditionBlock } from '../kyverno/document/conditions/model.ts';
import { kyvernoFunctions } from '../kyverno/function/list.ts';
import { usualNaming } from '../kyverno/image-name.ts';
import { substitute } from '../kyverno/variables/substitute.ts';
import { policyLimits } from '../limits.ts';
import type { CompiledCondition, ConditionInput } from './model.ts';

const functions = kyvernoFunctions(usualNaming);

/**
 * Compiles conditions of Kyverno: each block must hold, or, with `denies`, not all of them may. Variables are the members of the predicate, where there is one, the variables by
 * their names, and the members of the context. What surrounds the image cannot be given another value by what a statement says of it.
 *
 * @throws LangError SYNTAX for a condition without an operator
 */
export function compileKyvernoConditions(
  blocks: readonly ConditionBlock[],
  exact: boolean,
  denies = false,
): CompiledCondition {
  for (const { any = [], all = [] } of blocks) {
    if ([...any, ...all].some(({ operator }) => operator === undefined)) {
      throw new LangError('SYNTAX', 'A condition has no operator; add one, such as Equals');
    }
  }
  const expressions = new Map<string, JmespathExpression>();
  const text = JSON.stringify(blocks);
  return {
    whyNot: (input) => {
      const judgement = new Judgement(input, expressions, { keysArePatterns: exact });
      return denies ? whyDenied(blocks, judgement) : whyNot(blocks, judgement);
    },
    usesOf: () => 'all',
    usesTime: text.includes('time_'),
  };
}

function whyNot(blocks: readonly ConditionBlock[], judgement: Judgement): string | undefined {
  for (const { any, all = [] } of blocks) {
    const unmet = all.find((condition) => !judgement.holds(condition));
    if (unmet !== undefined) return judgement.describe(unmet);
    if (any !== undefined && !any.some((condition) => judgement.holds(condition))) {
      const [only, ...more] = any;
      return only !== undefined && more.length === 0 ? judgement.describe(only) : 'none of its conditions is met';
    }
  }
  return undefined;
}

/** Every condition is asked, so that one without an answer is found whatever the others say. */
function whyDenied(blocks: readonly ConditionBlock[], judgement: Judgement): string | undefined {
  const met: Condition[] = [];
  let denied = true;
  for (const { any, all = [] } of blocks) {
    const [some, every] = [any ?? [], all].map((list) => list.filter((condition) => judgement.holds(condition)));
    if (every?.length !== all.length || (any !== undefined && some?.length === 0)) denied = false;
    met.push(...(every ?? []), ...(some ?? []));
  }
  if (!denied) return undefined;
  const said = met.flatMap(({ message }) => message ?? []);
  return said.length === 0 ? 'what it denies is the case' : `what it denies is the case: ${said.join('; ')}`;
}

/** Conditions about one input, which may take so many steps. */
class Judgement {
  readonly #values: JsonObject;
  readonly #expressions: Map<string, JmespathExpression>;
  readonly #style: ConditionStyle;
  readonly #environment: JmespathEnvironment;
  #steps = 0;

  constructor(input: ConditionInput, expressions: Map<string, JmespathExpression>, style: ConditionStyle) {
    this.#values = valuesOf(input);
    this.#expressions = expressions;
    this.#style = style;
    this.#environment = { functions, now: () => input.now, random: noRandom };
  }

  holds({ key = null, operator, value = null }: Condition): boolean {
    if (operator === undefined) return false;
    return evaluateCondition(operator, this.#fill(key), this.#fill(value), this.#style, () => this.#step());
  }

  /** Says what was compared, with the policy's own message where it has one. */
  describe({ key = null, operator = 'Equals', value = null, message }: Condition): string {
    if (message !== undefined) return `its condition is not met: ${message}`;
    const found = shown(this.#fill(key));
    return `its condition is not met: ${shown(key)} is ${found}, and not ${operator} ${shown(this.#fill(value))}`;
  }

  #fill(value: JsonValue): JsonValue {
    return substitute(value, (expression) => {
      let compiled = this.#expressions.get(expression);
      if (compiled === undefined) {
        compiled = compileJmespath(expression);
        // Texts that are put together anew each time have no end.
        if (this.#expressions.size < 1000) this.#expressions.set(expression, compiled);
      }
      return compiled.search(this.#values, this.#environment);
    });
  }

  #step(): void {
    this.#steps += 1;
    if (this.#steps > policyLimits.conditionSteps) {
      throw new LangError('LIMIT_EXCEEDED', `The conditions take more than ${policyLimits.conditionSteps} steps`);
    }
  }
}

function valuesOf({ variables, context = {} }: ConditionInput): JsonObject {
  const given = variables as JsonObject;
  const predicate = given['predicate'] ?? null;
  const members = isObject(predicate) ? Object.entries(predicate) : [];
  return objectOf([...members, ...Object.entries(context), ...Object.entries(given)]);
}

function noRandom(): never {
  throw new LangError('EVALUATION', 'random() has no value here, since a verdict must be the same each time');
}

function shown(value: JsonValue): string {
  const text = JSON.stringify(value);
  return text.length > policyLimits.told / 2 ? `${text.slice(0, policyLimits.told / 2)}…` : text;
}
