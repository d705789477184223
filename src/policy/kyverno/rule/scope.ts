import { lazyObject } from '../../../base/lazy-object.ts';
import { once } from '../../../base/once.ts';
import type { JsonObject, JsonValue } from '../../../lang/jmespath/value.ts';
import type { ResourceSubject } from '../../resource/model.ts';
import type { ResourceInput } from '../../resource/policy.ts';
import type { ResourceImages } from '../../resource/images.ts';
import type { ContextEntryLoader } from '../context/compile-context.ts';
import type { Judging } from './judging.ts';
import type { RuleScope } from './model.ts';

/** Gives the value of a variable, where an expression uses it. */
export type Variable = () => JsonValue;

/** What a rule knows of the object that it judges. */
export interface Circumstances {
  readonly judging: Judging;
  readonly action: () => 'deny' | 'audit';
  readonly images: () => ResourceImages;
  readonly asked: (subject: ResourceSubject) => JudgingScope | undefined;
}

/**
 * The variables of a rule at one place of it. Each scope adds to the one around it, and a variable is computed when an expression first
 * looks at it, with those before it: so none can need itself.
 */
export class JudgingScope implements RuleScope {
  readonly input: ResourceInput;
  readonly #about: Circumstances;
  readonly #around: JudgingScope | undefined;
  readonly #own: () => ReadonlyMap<string, Variable>;
  #root: JsonObject | undefined;

  /** @param own is asked when an expression looks at any variable, of this scope or of one within it */
  constructor(about: Circumstances, own: () => ReadonlyMap<string, Variable>, around?: JudgingScope) {
    this.#about = about;
    this.#own = own;
    this.#around = around;
    this.input = about.judging.input;
  }

  // These are fields, and not assigned by the constructor: V8 makes functions that are assigned to a property among the old at once, and
  // with each of them all that its object holds outlives the collections of the youngest.
  readonly step = (): void => this.judging.step();

  readonly search = (expression: string): JsonValue => {
    const { tools, environment } = this.judging;
    return tools.expressions.get(expression).search((this.#root ??= this.#makeRoot()), environment);
  };

  readonly within = (variables: Readonly<Record<string, JsonValue>>): JudgingScope => {
    const added = Object.entries(variables).map(([name, value]) => [name, () => value] as const);
    return new JudgingScope(this.#about, () => new Map(added), this);
  };

  get action(): 'deny' | 'audit' {
    return this.#about.action();
  }

  get images(): ResourceImages {
    return this.#about.images();
  }

  get judging(): Judging {
    return this.#about.judging;
  }

  /** The same variables, with other images. */
  withImages(images: () => ResourceImages): JudgingScope {
    return new JudgingScope({ ...this.#about, images }, () => new Map(), this);
  }

  /**
   * The same rule, asked about another form of the object; undefined where it is not known to be about that. What it spends and needs is
   * counted together.
   */
  asked(subject: ResourceSubject): JudgingScope | undefined {
    return this.#about.asked(subject);
  }

  /** With entries of a `context`, each of which sees those before it. */
  withContext(entries: readonly ContextEntryLoader[]): JudgingScope {
    return entries.reduce<JudgingScope>((before, { name, load }) => {
      const value = once(() => {
        const loaded = load(before);
        this.judging.countContext(loaded);
        return loaded;
      });
      return new JudgingScope(this.#about, () => new Map([[name, value]]), before);
    }, this);
  }

  #makeRoot(): JsonObject {
    const found = new Map<string, Variable>();
    this.#collect(found);
    return lazyObject(found) as JsonObject;
  }

  /** Those that are nearest count. */
  #collect(found: Map<string, Variable>): void {
    if (this.#around !== undefined) this.#around.#collect(found);
    for (const [name, variable] of this.#own()) found.set(name, variable);
  }
}
