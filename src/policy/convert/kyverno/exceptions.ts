import type { ConfigPath, Finding } from '../../../codec/yaml/mistake.ts';
import type { KyvernoException } from '../../kyverno/document/exception/model.ts';
import { parseKindSelector } from '../../kyverno/match/kind-selector.ts';
import { matchesWildcard } from '../../kyverno/wildcard.ts';
import type { PolicyException } from '../../model.ts';
import type { ObjectFilter } from '../../resource/object-filter/model.ts';
import type { ExceptionAnswers, ImagePolicyDraft } from '../model.ts';
import { scopeOfWildcards } from '../patterns.ts';
import { ruleNamesOf } from '../write/image-policy.ts';
import { exceptionOf, filtersOf } from './match.ts';

type Tell = (path: ConfigPath, sentence: string) => void;

/** An exception that a draft is given. */
export interface DraftException {
  readonly draft: ImagePolicyDraft;
  readonly exception: Omit<PolicyException, 'name'>;
}

/** What became of an exception. Paths begin at its document. */
export interface ConvertedException {
  readonly given: readonly DraftException[];
  readonly unsaid: readonly Finding[];
}

/** What an exception says that is missing, by the flags that give it. */
const missing =
  'is an exception that nobody answers for and that never ends; give --exception-owner, --exception-reason and --exception-until';

/**
 * Makes of an exception of Kyverno one in each of the policies that its rules became. What nobody said of it is asked for, and never made up.
 *
 * @param drafts of all policies that are converted together
 */
export function convertException(
  { spec }: KyvernoException,
  drafts: readonly ImagePolicyDraft[],
  answers: ExceptionAnswers | undefined,
): ConvertedException {
  const unsaid: Finding[] = [];
  const tell: Tell = (path, sentence) => void unsaid.push({ path, sentence });
  if (answers === undefined) tell(['kind'], missing);
  if (spec.background === false)
    tell(['spec', 'background'], 'is about what comes alone, where an exception here counts for what is there as well');
  if (spec.conditions !== undefined)
    tell(['spec', 'conditions'], 'are about what is in the object, which an exception here does not go by');
  const objects = filtersOf(spec.match, ['spec', 'match'], tell).flatMap(
    ({ filter, path }) => placedFilter(filter, path, tell) ?? [],
  );
  const about = spec.exceptions.flatMap(({ policyName, ruleNames, images }, at) => {
    const path: ConfigPath = ['spec', 'exceptions', at];
    const sources = sourcesOf(
      [images?.flatMap(({ imageReferences = [] }) => imageReferences), spec.images],
      path,
      tell,
    );
    const found = drafts.flatMap((draft) => draftExceptions(draft, policyName, ruleNames, objects, sources));
    if (found.length === 0)
      tell([...path, 'policyName'], 'names no rule that is converted with it; convert both together');
    return found;
  });
  if (answers === undefined || unsaid.length > 0) return { given: [], unsaid };
  return { given: about.map(({ draft, exception }) => ({ draft, exception: { ...exception, ...answers } })), unsaid };
}

type Placed = Pick<PolicyException, 'rules' | 'objects' | 'sources'>;

/** What a rule is extended to is excepted only where it is named too. */
function draftExceptions(
  draft: ImagePolicyDraft,
  policyName: string,
  ruleNames: readonly string[],
  objects: readonly ObjectFilter[],
  sources: Placed['sources'],
): readonly { readonly draft: ImagePolicyDraft; readonly exception: Placed }[] {
  const { policy, rules } = draft.from ?? { policy: '', rules: [] };
  if (policy !== policyName) return [];
  const named = rules.filter(({ name }) => ruleNames.some((pattern) => matchesWildcard(pattern, name)));
  if (named.length === 0) return [];
  const kinds = new Set(named.flatMap((rule) => rule.kinds));
  const others = rules.filter((rule) => !named.includes(rule)).flatMap((rule) => rule.kinds);
  const isAll = others.every((kind) => kinds.has(kind));
  const filters = objects.flatMap((filter): readonly ObjectFilter[] => {
    if (isAll) return [filter];
    const own = filter.kinds === undefined ? [...kinds] : filter.kinds.filter((kind) => kinds.has(kind));
    return own.length === 0 ? [] : [{ ...filter, kinds: own }];
  });
  const exception: Placed = {
    rules: ruleNamesOf(draft),
    objects: filters,
    ...(sources === undefined ? {} : { sources }),
  };
  return filters.length === 0 ? [] : [{ draft, exception }];
}

function placedFilter(
  filter: Parameters<typeof exceptionOf>[0],
  path: ConfigPath,
  tell: Tell,
): ObjectFilter | undefined {
  const placed = exceptionOf(filter, path, tell, true);
  if (placed === undefined) return undefined;
  const { name = '', names = [] } = filter.resources ?? {};
  if (name !== '' && names.length > 0)
    tell([...path, 'resources', 'name'], 'must hold beside names, where an exception here has one list of them');
  const written = name === '' ? names : [name];
  for (const each of written) {
    if (!/^[a-z0-9.*?-]{1,253}$/.test(each))
      tell([...path, 'resources', 'names'], 'has what is no name of an object here, in small letters');
  }
  const kinds =
    placed.kinds === undefined || placed.kinds.length === 0 ? undefined : kindNamesOf(placed.kinds, path, tell);
  const made: ObjectFilter = {
    ...placed.filter,
    ...(kinds === undefined ? {} : { kinds }),
    ...(written.length === 0 ? {} : { names: written }),
  };
  // Whatever object: kinds are not asked then, and neither is anything else.
  return Object.keys(made).length === 0 ? { namespaces: ['*'] } : made;
}

/** Kinds by their names alone: of no group, version or part more than another. */
function kindNamesOf(kinds: readonly string[], path: ConfigPath, tell: Tell): readonly string[] | undefined {
  const selectors = kinds.flatMap((text) => parseKindSelector(text) ?? []);
  if (selectors.some(({ kind, subresource }) => kind === '*' && (subresource === '' || subresource === '*')))
    return undefined;
  for (const { kind, subresource } of selectors) {
    if (/^[A-Z][A-Za-z0-9]*$/.test(kind) && subresource === '') continue;
    tell([...path, 'resources', 'kinds'], 'has patterns or parts of kinds, where an exception here names whole kinds');
  }
  return [...new Set(selectors.map(({ kind }) => kind))];
}

/** Patterns of repositories; an exception for tags or digests could be for anything that is named so. */
function sourcesOf(
  lists: readonly (readonly string[] | undefined)[],
  path: ConfigPath,
  tell: Tell,
): Placed['sources'] | undefined {
  const [first, second] = lists.filter((list) => list !== undefined);
  if (first === undefined) return undefined;
  if (second !== undefined)
    tell([...path, 'images'], 'must be in two lists of images, where an exception here has one');
  const { sources, references } = scopeOfWildcards(first);
  if (references !== undefined)
    tell([...path, 'images'], 'are named by tags or in part; write repositories, with a star behind them');
  return sources;
}
