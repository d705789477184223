import { errorMessage, isSeaworthyError } from '../../../base/error.ts';
import { printable } from '../../../base/printable.ts';
import { policyLimits } from '../../limits.ts';
import type { ResourceImage } from '../../resource/images.ts';
import type { ImageCheck, ImageResult, Lookup } from '../../resource/policy.ts';
import type { CompiledPolicy } from '../../compile.ts';
import type { JsonObject } from '../../../lang/jmespath/value.ts';
import { imageVariable } from '../extract/images-variable.ts';
import { formatKyvernoImage, type KyvernoImage, parseKyvernoImage } from '../image-name.ts';
import { type KyvernoSettings, NeedsLookup, type RuleScope } from '../rule/model.ts';
import { substitute } from '../variables/substitute.ts';
import type { VerificationEntry } from './compile-entry.ts';
import type { ResolvedEntry } from './resolve-entry.ts';
import { imageCheckOf } from './image-check.ts';
import { combineResults } from './image-result.ts';
import { contextOf, expressionOf, valueAt } from './condition-context.ts';
import { matchesReferences, spellingsOf } from './image-references.ts';
import { type EntryResult, entryResult, judgeAnswer, repositoryOf } from './judge-answer.ts';
import { missingDigest } from './told-rule.ts';

/** What a rule is asked with. */
export interface VerificationJudging {
  readonly scope: RuleScope;
  readonly entries: readonly VerificationEntry[];
  readonly settings: KyvernoSettings;
  /** What becomes of an object that breaks the rule. */
  readonly action: 'deny' | 'audit';
  /** Names that expressions of the rule may use besides those of statements. */
  readonly contextNames: readonly string[];
}

/** Looks at the images of one object, one by one, and collects what is to be known first. */
export class ImageJudge {
  readonly lookups: Map<string, Lookup> = new Map();
  readonly checks: Map<string, ImageCheck> = new Map();
  readonly #judging: VerificationJudging;

  constructor(judging: VerificationJudging) {
    this.#judging = judging;
  }

  /** What the entries that are about an image say of it; undefined where none is. What one says keeps no other from being asked. */
  judge(image: ResourceImage): ImageResult | undefined {
    const { entries, settings } = this.#judging;
    const named = parseKyvernoImage(image.image, settings.naming);
    if (named === undefined) {
      const name = printable(image.image);
      const message = `failed to verify image ${name}: it is no name of an image; correct ${image.pointer}`;
      return { image, name, outcome: 'failed', message };
    }
    const spellings = spellingsOf(named, settings.style.aliases);
    const about = entries.filter(({ patterns }) => matchesReferences(patterns, spellings));
    if (about.length === 0) return undefined;
    const results = about.map((entry) => this.#attempt(entry, named, spellings));
    return combineResults(image, named, [...results, ...this.#unverified(about, named)]);
  }

  /** Whatever goes wrong with an entry is said of the image, and is no reason to pass over the next one. */
  #attempt(entry: VerificationEntry, image: KyvernoImage, spellings: readonly string[]): EntryResult {
    this.#judging.scope.step();
    const result = this.#result(entry, image, spellings);
    if (result.outcome !== 'undecided' || !this.#lacksDigest(entry, image)) return result;
    // How an image is named is wrong whatever came of asking about it, so that failing open passes over none of it (Kyverno, `validateImage`).
    const message = [missingDigestOf(image), ...(result.message === '' ? [] : [result.message])].join('; ');
    return { ...result, outcome: 'failed', message };
  }

  #result(entry: VerificationEntry, image: KyvernoImage, spellings: readonly string[]): EntryResult {
    try {
      return this.#ask(entry, image, spellings);
    } catch (error) {
      if (error instanceof NeedsLookup) this.lookups.set(error.lookup.key, error.lookup);
      else if (!isSeaworthyError(error)) throw error;
      const message = `failed to verify image ${formatKyvernoImage(image)}: ${printable(errorMessage(error), policyLimits.told)}`;
      return entryResult({ outcome: 'undecided', message });
    }
  }

  #ask(entry: VerificationEntry, image: KyvernoImage, spellings: readonly string[]): EntryResult {
    const { scope } = this.#judging;
    const resolved = entry.resolve(scope.search);
    const pin = this.#pins(entry);
    const isSkipped = matchesReferences(resolved.skipPatterns, spellings);
    if (entry.asks && !isSkipped) {
      const context = this.#contextFor(entry, image);
      return this.#check(entry, resolved, resolved.policy(pin), image, context);
    }
    const result = this.#digestOf(entry, resolved, pin, image);
    if (!isSkipped || result.outcome !== 'passed') return result;
    const message = `skipping image reference image ${formatKyvernoImage(image)}, which skipImageReferences names`;
    return { ...result, outcome: 'skipped', message };
  }

  /** Of an image of which nothing else is asked. Its registry is asked only where its digest is to be put in. */
  #digestOf(entry: VerificationEntry, resolved: ResolvedEntry, pin: boolean, image: KyvernoImage): EntryResult {
    if (image.digest !== '') return entryResult({});
    if (pin && this.#judging.scope.input.pins) {
      return this.#check(entry, resolved, resolved.digestPolicy(true), image, undefined);
    }
    if (!this.#lacksDigest(entry, image)) return entryResult({});
    return entryResult({ outcome: 'failed', message: missingDigestOf(image) });
  }

  #pins({ mutateDigest, action }: VerificationEntry): boolean {
    return mutateDigest ?? (action ?? this.#judging.action) === 'deny';
  }

  /** Whether the entry wants a digest in the name, which has none and is given none. Nobody has to be asked for that. */
  #lacksDigest(entry: VerificationEntry, image: KyvernoImage): boolean {
    return entry.verifyDigest && image.digest === '' && !(this.#pins(entry) && this.#judging.scope.input.pins);
  }

  #check(
    entry: VerificationEntry,
    { access }: ResolvedEntry,
    policy: CompiledPolicy,
    image: KyvernoImage,
    context: JsonObject | undefined,
  ): EntryResult {
    const check = imageCheckOf(image, policy, access, context, entry.usesCache);
    const answer = this.#judging.scope.input.images.get(check.key);
    if (answer !== undefined) return judgeAnswer(image, answer, policy, () => this.#messageOf(entry, image));
    this.checks.set(check.key, check);
    return entryResult({ outcome: 'undecided' });
  }

  #contextFor({ conditionPaths, statementNames }: VerificationEntry, image: KyvernoImage): JsonObject | undefined {
    const { scope, contextNames } = this.#judging;
    const names = contextNames.filter((name) => !statementNames.includes(name));
    const about = { image: imageVariable(image) };
    return contextOf(conditionPaths, names, (path) =>
      path[0] === 'image' ? valueAt(about, path) : scope.search(expressionOf(path)),
    );
  }

  /** What variables in it cannot be had, as those of statements, leave it as it is written. */
  #messageOf({ message }: VerificationEntry, image: KyvernoImage): string | undefined {
    if (message === undefined || !message.includes('{{')) return message;
    try {
      const made = substitute(message, this.#judging.scope.within({ image: imageVariable(image) }).search);
      return typeof made === 'string' ? made : JSON.stringify(made);
    } catch (error) {
      if (error instanceof NeedsLookup || !isSeaworthyError(error)) throw error;
      return message;
    }
  }

  /** `required`: an image must have been verified by something, which an entry that has nothing to verify it by does not do. */
  #unverified(about: readonly VerificationEntry[], image: KyvernoImage): readonly EntryResult[] {
    const asking = about.find(({ verifies, required }) => !verifies && required);
    if (asking === undefined || about.some(({ verifies }) => verifies)) return [];
    const place = asking.path.map((part) => (typeof part === 'number' ? `[${part}]` : part)).join('');
    const message = `unverified image ${formatKyvernoImage(image)}; ${place} has nothing to verify it by: write attestors, or required: false`;
    return [entryResult({ outcome: 'failed', message })];
  }
}

function missingDigestOf(image: KyvernoImage): string {
  return missingDigest(formatKyvernoImage(image), `${repositoryOf(image)}@sha256:…`);
}
