import { LangError } from '../../../lang/error.ts';
import type { JmespathEnvironment } from '../../../lang/jmespath/evaluate.ts';
import { jmespathLimits } from '../../../lang/jmespath/limits.ts';
import type { JsonValue } from '../../../lang/jmespath/value.ts';
import type { ResourceSubject } from '../../resource/model.ts';
import type { Lookup, ResourceInput } from '../../resource/policy.ts';
import { kyvernoLimits } from '../limits.ts';
import { NeedsLookup } from './model.ts';
import type { RuleTools } from './tools.ts';
import { lookedUp } from '../../resource/looked-up.ts';

interface Spent {
  readonly needs: Map<string, Lookup>;
  readonly asked: Set<string>;
  steps: number;
  context: number;
}

/** What one rule spends on one object, and what it still needs to know. */
export class Judging {
  readonly input: ResourceInput;
  readonly tools: RuleTools;
  readonly #spent: Spent;
  #environment: JmespathEnvironment | undefined;

  constructor(input: ResourceInput, tools: RuleTools, spent?: Spent) {
    this.input = input;
    this.tools = tools;
    this.#spent = spent ?? { needs: new Map(), asked: new Set(), steps: 0, context: 0 };
  }

  /** What expressions are evaluated with; most rules that are about an object have none. */
  get environment(): JmespathEnvironment {
    return (this.#environment ??= {
      functions: this.tools.functions,
      now: () => this.input.now,
      random: seededRandom(this.input.now),
      step: () => this.step(),
    });
  }

  /** What was asked for and is not known, by its key. */
  get needs(): ReadonlyMap<string, Lookup> {
    return this.#spent.needs;
  }

  /** The same rule and another form of the object: what it spends is counted together. */
  about(subject: ResourceSubject): Judging {
    return new Judging({ ...this.input, subject }, this.tools, this.#spent);
  }

  /** Counts a step of work. @throws LangError LIMIT_EXCEEDED */
  step(): void {
    this.#spent.steps += 1;
    if (this.#spent.steps <= kyvernoLimits.steps) return;
    throw new LangError('LIMIT_EXCEEDED', `The rule takes more than ${kyvernoLimits.steps} steps for one object`);
  }

  /**
   * What was looked up; undefined where there is nothing.
   *
   * @param what for people: `ConfigMap default/keys`
   * @throws NeedsLookup where nobody looked yet; LangError EVALUATION where that failed, LIMIT_EXCEEDED
   */
  lookUp(lookup: Lookup, what: string): JsonValue | undefined {
    this.#spent.asked.add(lookup.key);
    if (this.#spent.asked.size > kyvernoLimits.lookups) {
      throw new LangError(
        'LIMIT_EXCEEDED',
        `The rule asks for more than ${kyvernoLimits.lookups} things to be looked up`,
      );
    }
    const found = this.input.lookups.get(lookup.key);
    if (found !== undefined) return lookedUp(found, what);
    this.#spent.needs.set(lookup.key, lookup);
    throw new NeedsLookup(lookup);
  }

  /** Counts a value of the context as the JSON that it would be. @throws LangError LIMIT_EXCEEDED */
  countContext(value: JsonValue): void {
    this.#add(value, 0);
  }

  /** Values may share parts, so that a small one in memory is large when it is written out (CVE-2026-23881). */
  #add(value: JsonValue, depth: number): void {
    this.#spent.context += typeof value === 'string' ? value.length + 3 : 6;
    if (this.#spent.context > kyvernoLimits.context) {
      throw new LangError('LIMIT_EXCEEDED', `The rule's context has more than ${kyvernoLimits.context} characters`);
    }
    if (value === null || typeof value !== 'object') return;
    if (depth > jmespathLimits.nesting) {
      throw new LangError('LIMIT_EXCEEDED', `A value has more than ${jmespathLimits.nesting} parts within each other`);
    }
    for (const [name, each] of Object.entries(value)) {
      this.#spent.context += name.length + 4;
      this.#add(each, depth + 1);
    }
  }
}

/** The same numbers for the same time, so that rules that use them say the same when they are asked again (mulberry32). */
function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
