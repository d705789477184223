import { LangError } from '../error.ts';
import type { FunctionTable, Operand } from './function/declare.ts';
import { checkOperands } from './function/check-operands.ts';
import { jmespathLimits } from './limits.ts';
import type { Comparator, Node } from './node.ts';
import { parseJmespath } from './parse.ts';
import { areEqual, isFalse, isObject, type JsonValue, memberOf, objectOf } from './value.ts';

/** What an expression may use besides the value that it looks at. */
export interface JmespathEnvironment {
  readonly functions: FunctionTable;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** A number from 0 to 1, 1 not included. */
  readonly random: () => number;
  /** Called for each step, where several evaluations have one budget. @throws LangError LIMIT_EXCEEDED */
  readonly step?: () => void;
}

/** An expression that is ready to be used. */
export interface JmespathExpression {
  /** As written. */
  readonly text: string;
  /**
   * The value that it finds; null where there is nothing.
   *
   * @throws LangError EVALUATION for operands that do not fit, LIMIT_EXCEEDED
   */
  search(value: JsonValue, environment: JmespathEnvironment): JsonValue;
}

/**
 * Compiles a JMESPath expression (jmespath.org/specification.html). What functions there are is told when it is carried out.
 *
 * @throws LangError SYNTAX, LIMIT_EXCEEDED
 */
export function compileJmespath(text: string): JmespathExpression {
  const node = parseJmespath(text);
  return { text, search: (value, environment) => new Evaluation(environment).visit(node, value) };
}

/** One evaluation, which may take so many steps. */
class Evaluation {
  readonly #environment: JmespathEnvironment;
  #steps = 0;

  constructor(environment: JmespathEnvironment) {
    this.#environment = environment;
  }

  visit(node: Node, value: JsonValue): JsonValue {
    this.#step();
    switch (node.kind) {
      case 'current':
        return value;
      case 'literal':
        return node.value;
      case 'field':
        return memberOf(value, node.name);
      case 'index':
        return Array.isArray(value) ? ((value as readonly JsonValue[]).at(node.index) ?? null) : null;
      case 'slice':
        return Array.isArray(value) ? sliceOf(value, node) : null;
      case 'chain': {
        const left = this.visit(node.left, value);
        return left === null ? null : this.visit(node.right, left);
      }
      case 'pipe':
        return this.visit(node.right, this.visit(node.left, value));
      case 'listProjection': {
        const left = this.visit(node.left, value);
        return Array.isArray(left) ? this.#project(left, node.right) : null;
      }
      case 'objectProjection': {
        const left = this.visit(node.left, value);
        return isObject(left) ? this.#project(Object.values(left), node.right) : null;
      }
      case 'filter': {
        const left = this.visit(node.left, value);
        if (!Array.isArray(left)) return null;
        const kept = (left as readonly JsonValue[]).filter((each) => !isFalse(this.visit(node.condition, each)));
        return this.#project(kept, node.right);
      }
      case 'flatten': {
        const left = this.visit(node.left, value);
        return Array.isArray(left) ? this.#flatten(left) : null;
      }
      case 'or': {
        const left = this.visit(node.left, value);
        return isFalse(left) ? this.visit(node.right, value) : left;
      }
      case 'and': {
        const left = this.visit(node.left, value);
        return isFalse(left) ? left : this.visit(node.right, value);
      }
      case 'not':
        return isFalse(this.visit(node.operand, value));
      case 'compare':
        return this.#compare(node.operator, this.visit(node.left, value), this.visit(node.right, value));
      case 'list':
        return value === null ? null : node.items.map((item) => this.visit(item, value));
      case 'object':
        if (value === null) return null;
        return objectOf(node.members.map(([name, member]) => [name, this.visit(member, value)] as const));
      case 'call':
        return this.#call(node.name, node.operands, value);
      default:
        throw new LangError('EVALUATION', 'A reference such as &name can only be given to a function that takes one');
    }
  }

  #project(values: readonly JsonValue[], right: Node): JsonValue {
    const found: JsonValue[] = [];
    for (const each of values) {
      const one = this.visit(right, each);
      if (one !== null) found.push(one);
    }
    return found;
  }

  #flatten(values: readonly JsonValue[]): JsonValue {
    const flat: JsonValue[] = [];
    for (const each of values) {
      this.#step();
      if (!Array.isArray(each)) flat.push(each);
      else {
        for (const inner of each as readonly JsonValue[]) {
          this.#step();
          flat.push(inner);
        }
      }
    }
    return flat;
  }

  /** Which one is greater is said of numbers alone; null for anything else. */
  #compare(operator: Comparator, left: JsonValue, right: JsonValue): JsonValue {
    if (operator === '==') return areEqual(left, right, () => this.#step());
    if (operator === '!=') return !areEqual(left, right, () => this.#step());
    if (typeof left !== 'number' || typeof right !== 'number') return null;
    switch (operator) {
      case '<':
        return left < right;
      case '<=':
        return left <= right;
      case '>':
        return left > right;
      default:
        return left >= right;
    }
  }

  #call(name: string, nodes: readonly Node[], value: JsonValue): JsonValue {
    const found = this.#environment.functions.get(name);
    if (found === undefined) throw new LangError('EVALUATION', `There is no JMESPath function "${name}"`);
    const operands = nodes.map((node): Operand => {
      if (node.kind !== 'reference') return { kind: 'value', value: this.visit(node, value) };
      return { kind: 'reference', search: (each) => this.visit(node.operand, each) };
    });
    checkOperands(found, operands);
    const { now, random } = this.#environment;
    return found.call(operands, { step: () => this.#step(), now, random });
  }

  #step(): void {
    this.#steps += 1;
    this.#environment.step?.();
    if (this.#steps <= jmespathLimits.steps) return;
    throw new LangError('LIMIT_EXCEEDED', `The expression takes more than ${jmespathLimits.steps} steps`);
  }
}

/** As Python does (JMESPath specification, "Slices"). */
function sliceOf(
  values: readonly JsonValue[],
  { start, stop, step = 1 }: { readonly start?: number; readonly stop?: number; readonly step?: number },
): JsonValue {
  const { length } = values;
  const [lowest, highest] = step < 0 ? [-1, length - 1] : [0, length];
  const placeOf = (given: number | undefined, otherwise: number): number => {
    if (given === undefined) return otherwise;
    return Math.min(Math.max(given < 0 ? given + length : given, lowest), highest);
  };
  const from = placeOf(start, step < 0 ? length - 1 : 0);
  const to = placeOf(stop, step < 0 ? -1 : length);
  const found: JsonValue[] = [];
  for (let at = from; step < 0 ? at > to : at < to; at += step) found.push(values[at] ?? null);
  return found;
}
