import { LangError } from '../error.ts';
import { celLimits } from './limits.ts';
import { allNodes, type CelNode, childrenOf } from './node.ts';

/** Counts the steps of an evaluation, so that none runs for long whatever it is given. */
export class Meter {
  #steps = 0;

  /** For the next evaluation. */
  reset(): void {
    this.#steps = 0;
  }

  /** @throws LangError LIMIT_EXCEEDED */
  charge(steps: number): void {
    this.#steps += steps;
    if (this.#steps > celLimits.steps) throw tooMany();
  }

  /** The language takes an error for no answer where another part of the expression decides; this one it must not. */
  check(): void {
    if (this.#steps > celLimits.steps) throw tooMany();
  }
}

/** Operators that look into both sides. */
const comparing: ReadonlySet<string> = new Set(['==', '!=', 'in']);

/** Has a tree charge a meter for each visit, and for the size of what it yields. To be called when its types were checked. */
export function meterNodes(root: CelNode, meter: Meter): void {
  const nodes = allNodes(root);
  const compared = new Set([...nodes].filter(({ op }) => comparing.has(op)).flatMap(childrenOf));
  for (const node of nodes) {
    const { evaluate } = node.meta;
    const isCompared = compared.has(node);
    node.setMeta('evaluate', (evaluator, self, context) => {
      meter.charge(1);
      const value = evaluate(evaluator, self, context);
      if (isCompared) chargeWhole(value, meter);
      else meter.charge(sizeOf(value));
      return value;
    });
  }
}

/** Sixteen characters or elements are one step. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string' || Array.isArray(value) || value instanceof Uint8Array) return value.length >> 4;
  return 0;
}

function chargeWhole(value: unknown, meter: Meter): void {
  meter.charge(sizeOf(value));
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return;
  const open: unknown[] = [value];
  for (let each = open.pop(); each !== undefined; each = open.pop()) {
    meter.charge(1 + sizeOf(each));
    if (typeof each !== 'object' || each === null || each instanceof Uint8Array) continue;
    for (const member of each instanceof Map ? each.values() : Object.values(each)) open.push(member);
  }
}

function tooMany(): LangError {
  return new LangError('LIMIT_EXCEEDED', `The condition takes more than ${celLimits.steps} steps`);
}
