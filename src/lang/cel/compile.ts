import { Environment } from '@marcbachmann/cel-js';
import { errorMessage } from '../../base/error.ts';
import { LangError } from '../error.ts';
import { type CelExtension, registerExtension } from './extension.ts';
import { registerLists } from './function/list.ts';
import { registerNumbers } from './function/number.ts';
import { registerRegex } from './function/regex.ts';
import { registerTexts } from './function/text.ts';
import { celLimits } from './limits.ts';
import { Meter, meterNodes } from './meter.ts';
import { allNodes, type CelNode } from './node.ts';
import { type CelUses, usesOf } from './uses.ts';

/** A compiled expression: whatever it gives for the values of its variables. Ints are bigints, timestamps `Date`s. */
export interface CelExpression {
  (variables: Readonly<Record<string, unknown>>): unknown;
  /** What it uses of its variables. */
  readonly uses: CelUses;
  /** Its tree, for whoever looks for calls in it. */
  readonly root: CelNode;
}

/** A compiled condition: true or false for the values of its variables. */
export interface CelCondition extends CelExpression {
  (variables: Readonly<Record<string, unknown>>): boolean;
}

/** Functions of the library that take too long, and what is called instead. */
const replaced: Readonly<Record<string, string>> = { matches: '_matches', join: '_join' };

/**
 * Reads a condition in the Common Expression Language, as {@link compileCelExpression} does.
 *
 * @throws LangError SYNTAX or LIMIT_EXCEEDED; calling the result throws LangError EVALUATION when the condition has no answer, and
 * LIMIT_EXCEEDED
 */
export function compileCel(text: string, variables: readonly string[], extension?: CelExtension): CelCondition {
  const evaluate = compileCelExpression(text, variables, extension);
  const condition = (values: Readonly<Record<string, unknown>>): boolean => {
    const answer = evaluate(values);
    if (typeof answer === 'boolean') return answer;
    throw new LangError('EVALUATION', 'The condition is neither true nor false');
  };
  return Object.assign(condition, { uses: evaluate.uses, root: evaluate.root });
}

/**
 * Reads an expression in the Common Expression Language (github.com/google/cel-spec), with what Kubernetes adds for strings, lists and
 * regular expressions, and with optional values. Its variables are of any type and are named beforehand, so that a misspelt one is an
 * error when it is read.
 *
 * @throws LangError SYNTAX or LIMIT_EXCEEDED; calling the result throws LangError EVALUATION when it has no value, and LIMIT_EXCEEDED
 */
export function compileCelExpression(
  text: string,
  variables: readonly string[],
  extension?: CelExtension,
): CelExpression {
  if (text.length > celLimits.characters) {
    throw new LangError('LIMIT_EXCEEDED', `The condition has more than ${celLimits.characters} characters`);
  }
  const meter = new Meter();
  const environment = environmentFor(variables, meter);
  if (extension !== undefined) registerExtension(environment, extension);
  let parsed: ReturnType<Environment['parse']>;
  let root: CelNode;
  try {
    parsed = environment.parse(text);
    root = parsed.ast as unknown as CelNode;
    replaceFunctions(root);
    const { valid, error } = parsed.check();
    if (!valid) throw error ?? new Error('its types do not fit');
  } catch (cause) {
    throw new LangError('SYNTAX', `The condition cannot be read: ${sentenceOf(cause)}`, { cause });
  }
  meterNodes(root, meter);
  const evaluate = (values: Readonly<Record<string, unknown>>): unknown => {
    meter.reset();
    try {
      return parsed(values);
    } catch (cause) {
      meter.check();
      if (cause instanceof LangError) throw cause;
      throw new LangError('EVALUATION', `The condition has no answer: ${sentenceOf(cause)}`, { cause });
    }
  };
  return Object.assign(evaluate, { uses: usesOf(root, variables), root });
}

function environmentFor(variables: readonly string[], meter: Meter): Environment {
  const { characters: _characters, steps: _steps, regex: _regex, ...limits } = celLimits;
  const environment = new Environment({ limits, homogeneousAggregateLiterals: false, enableOptionalTypes: true });
  registerNumbers(environment);
  registerRegex(environment, meter);
  registerTexts(environment, meter);
  registerLists(environment);
  for (const name of variables) environment.registerVariable(name, 'dyn');
  return environment;
}

function replaceFunctions(root: CelNode): void {
  for (const node of allNodes(root)) {
    if (node.op !== 'rcall') continue;
    const [name, ...rest] = node.args as readonly [string, ...unknown[]];
    if (Object.hasOwn(replaced, name)) node.args = [replaced[name], ...rest];
  }
}

/** The first line: the rest points at the place. */
function sentenceOf(error: unknown): string {
  const line = errorMessage(error).split('\n', 1)[0] ?? '';
  return line.replaceAll(/\b_(matches|join)\b/g, '$1');
}
