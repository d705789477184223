import { errorMessage, isSeaworthyError } from '../../../base/error.ts';
import { printable } from '../../../base/printable.ts';
import type { ConfigPath, Finding } from '../../../codec/yaml/mistake.ts';
import { LangError } from '../../../lang/error.ts';
import type { UsedPath } from '../../../lang/jmespath/used-paths.ts';
import type { KyvernoVerification } from '../document/verification/model.ts';
import { kyvernoLimits } from '../limits.ts';
import type { Search } from '../variables/template.ts';
import { pathsInConditions } from './condition-context.ts';
import { foldOldForms } from './fold-old-forms.ts';
import { conditionTexts } from './image-policy.ts';
import { type EntrySettings, resolveEntry, type ResolvedEntry } from './resolve-entry.ts';
import { hasOpenVariables, resolveVariables } from './resolve-variables.ts';
import { given } from './translation.ts';

/** An entry of `verifyImages`, ready to judge. */
export interface VerificationEntry {
  /** In the rule. */
  readonly path: ConfigPath;
  readonly patterns: readonly string[];
  /** Whether it asks anything of an image itself. */
  readonly asks: boolean;
  /** Whether there is anybody whom an image could be verified by. */
  readonly verifies: boolean;
  /** What the entry itself says becomes of an object that breaks it. */
  readonly action: 'deny' | 'audit' | undefined;
  /** Undefined where it is not said, which means true where the rule denies. */
  readonly mutateDigest: boolean | undefined;
  readonly verifyDigest: boolean;
  readonly required: boolean;
  /** Whether what was verified a while ago counts. */
  readonly usesCache: boolean;
  /** What conditions use, of the statements and of all else. */
  readonly conditionPaths: readonly UsedPath[];
  /** Names of statements, which are nothing of the context. */
  readonly statementNames: readonly string[];
  /** What to tell where `validate` denies; may have variables. */
  readonly message: string | undefined;
  /** @throws LangError, NeedsLookup what `search` throws; PolicyError for what variables made of it */
  readonly resolve: (search: Search) => ResolvedEntry;
}

/** Compiles an entry once, so that nothing is left to be found wrong when an object comes. Mistakes are added to those given. */
export function compileEntry(
  written: KyvernoVerification,
  path: ConfigPath,
  settings: EntrySettings,
  mistakes: Finding[],
): VerificationEntry {
  const folded = foldOldForms(written, path);
  mistakes.push(...folded.mistakes);
  const { entry } = folded;
  const { imageReferences = [], attestors = [], attestations = [], failureAction, mutateDigest } = entry;
  checkPatterns(entry, path, mistakes);
  for (const pattern of imageReferences) {
    if (pattern.includes('{{'))
      mistakes.push({ path: [...path, 'imageReferences'], sentence: 'cannot have variables' });
  }
  const read = <Value>(at: ConfigPath, act: () => Value, otherwise: Value): Value => {
    try {
      return act();
    } catch (error) {
      if (!isSeaworthyError(error)) throw error;
      mistakes.push({ path: at, sentence: `cannot be used: ${printable(errorMessage(error), 300)}` });
      return otherwise;
    }
  };
  // What cannot be read is told once.
  const isOpen = read(path, () => hasOpenVariables(entry), true);
  const conditionPaths = read(path, () => pathsInConditions(conditionTexts(entry)), []);
  const before = mistakes.length;
  const first = resolveEntry(written, path, settings, !isOpen, mistakes);
  // What else may be wrong with a policy of an image is told by whoever compiles it.
  if (mistakes.length === before) read(path, () => [first.policy(true), first.policy(false)], []);
  const verifies = attestors.length + attestations.length > 0;
  const kept = new Map<string, ResolvedEntry>();
  const resolve = (search: Search): ResolvedEntry => {
    if (!isOpen) return first;
    const resolved = resolveVariables(written, search);
    const key = JSON.stringify(resolved);
    const there = kept.get(key);
    if (there !== undefined) return there;
    const wrong: Finding[] = [];
    const made = resolveEntry(resolved, path, settings, true, wrong);
    const [finding] = wrong;
    if (finding !== undefined) {
      throw new LangError('EVALUATION', `With the values of variables, ${finding.path.join('.')} ${finding.sentence}`);
    }
    const [oldest] = kept.keys();
    if (oldest !== undefined && kept.size >= kyvernoLimits.resolvedEntries) kept.delete(oldest);
    kept.set(key, made);
    return made;
  };
  return {
    path,
    patterns: imageReferences,
    asks: verifies || entry.validate !== undefined,
    verifies,
    action: failureAction === undefined ? undefined : failureAction.toLowerCase() === 'enforce' ? 'deny' : 'audit',
    mutateDigest,
    verifyDigest: entry.verifyDigest ?? true,
    required: entry.required ?? true,
    usesCache: entry.useCache ?? true,
    conditionPaths,
    statementNames: attestations.flatMap(({ name }) => given(name) ?? []),
    message: given(entry.validate?.message),
    resolve,
  };
}

function checkPatterns(entry: KyvernoVerification, path: ConfigPath, mistakes: Finding[]): void {
  for (const name of ['imageReferences', 'skipImageReferences'] as const) {
    const patterns = entry[name] ?? [];
    if (patterns.length > kyvernoLimits.imagePatterns) {
      mistakes.push({ path: [...path, name], sentence: `has more than ${kyvernoLimits.imagePatterns} patterns` });
    }
    for (const [at, pattern] of patterns.entries()) {
      if (pattern.length <= kyvernoLimits.pattern) continue;
      mistakes.push({ path: [...path, name, at], sentence: `has more than ${kyvernoLimits.pattern} characters` });
    }
  }
}
