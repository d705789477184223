import type { Logger } from '../../base/logger.ts';
import type { CompiledTexts, OtherDocument, PolicyText, TextMistake } from '../../policy/dialects/model.ts';
import type { ResourcePolicy } from '../../policy/resource/policy.ts';

/** Compiles texts of policies (`compileTexts`). */
export type CompilePolicies = (texts: readonly PolicyText[]) => Promise<CompiledTexts>;

/** What came of new texts. */
export interface PolicyChange {
  readonly mistakes: readonly TextMistake[];
  /** Files whose text from before counts on, since the new one is wrong. */
  readonly kept: readonly string[];
  /** Documents that nobody judges by. */
  readonly others: readonly OtherDocument[];
}

/**
 * The policies that count. What is wrong with a new text of a policy leaves the one before it in force, so that a slip of the pen opens
 * nothing; a policy that was never right is not there, which is told.
 */
export class PolicySet {
  readonly #compile: CompilePolicies;
  readonly #logger: Logger;
  readonly #listeners = new Set<() => void>();
  #good = new Map<string, PolicyText>();
  #policies: readonly ResourcePolicy[] = [];
  #mistakes: readonly TextMistake[] = [];
  #isLoaded = false;
  #last: Promise<unknown> = Promise.resolve();

  constructor(compile: CompilePolicies, logger: Logger) {
    this.#compile = compile;
    this.#logger = logger;
  }

  get policies(): readonly ResourcePolicy[] {
    return this.#policies;
  }

  /** What is wrong with the texts as they are now. */
  get mistakes(): readonly TextMistake[] {
    return this.#mistakes;
  }

  /** Whether texts were read at all: before, nothing may be let pass. */
  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  /** Calls whoever must know of other policies. @returns what ends that */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /**
   * Takes these texts in the place of all before; one after the other, in the order of the calls.
   *
   * @param teller who tells what is wrong: the log, or whoever calls
   */
  replace(texts: readonly PolicyText[], teller: 'log' | 'caller' = 'log'): Promise<PolicyChange> {
    const next = this.#last.then(() => this.#replace(texts, teller));
    this.#last = next.catch(() => undefined);
    return next;
  }

  async #replace(texts: readonly PolicyText[], teller: 'log' | 'caller'): Promise<PolicyChange> {
    const made = await this.#compile(texts);
    const wrong = new Set(made.mistakes.map(({ file }) => file));
    if (wrong.size === 0) {
      this.#good = new Map(texts.map((text) => [text.file, text]));
      this.#take(made.policies, []);
      return { mistakes: [], kept: [], others: made.others };
    }
    const usable = texts.flatMap((text) => (wrong.has(text.file) ? (this.#good.get(text.file) ?? []) : [text]));
    const kept = usable.filter(({ file }) => wrong.has(file)).map(({ file }) => file);
    const mended = await this.#compile(usable);
    // Texts that are wrong only together: then what counted before is all that is known to be right.
    if (mended.mistakes.length === 0) {
      this.#good = new Map(usable.map((text) => [text.file, text]));
      this.#take(mended.policies, made.mistakes);
    } else this.#take(this.#policies, made.mistakes);
    if (teller === 'log') this.#tell(made.mistakes, kept);
    return { mistakes: made.mistakes, kept, others: made.others };
  }

  #take(policies: readonly ResourcePolicy[], mistakes: readonly TextMistake[]): void {
    this.#policies = policies;
    this.#mistakes = mistakes;
    this.#isLoaded = true;
    for (const listener of this.#listeners) listener();
  }

  #tell(mistakes: readonly TextMistake[], kept: readonly string[]): void {
    for (const { file, line, column, path, sentence } of mistakes.slice(0, 20)) {
      this.#logger.error('A policy is wrong', { file, line, column, path, sentence, before: kept.includes(file) });
    }
  }
}
