import type { ConfigPath } from '../../../codec/yaml/mistake.ts';
import type { KyvernoSpec } from '../../kyverno/document/policy/model.ts';
import { actionOf } from '../../kyverno/rule/failure-action.ts';
import { matchesWildcard } from '../../kyverno/wildcard.ts';
import type { ClusterMatch } from '../../seaworthy/model.ts';

/** What becomes of objects in some namespaces that break a rule. */
export interface ActionMatch {
  readonly action: 'deny' | 'audit';
  readonly match: ClusterMatch;
}

type Tell = (path: ConfigPath, sentence: string) => void;

/**
 * What becomes of objects of a match that break a rule, by their namespaces: what is said first of a namespace counts. Paths begin at the
 * document.
 */
export function actionsOf(
  { validationFailureAction, validationFailureActionOverrides = [] }: KyvernoSpec,
  match: ClusterMatch,
  tell: Tell,
): readonly ActionMatch[] {
  const found: ActionMatch[] = [];
  const before: string[] = [];
  let isOver = false;
  const rest = (): ClusterMatch => {
    const except = [...new Set([...(match.exceptNamespaces ?? []), ...before])];
    return except.length === 0 ? match : { ...match, exceptNamespaces: except };
  };
  for (const [at, { action, namespaces, namespaceSelector }] of validationFailureActionOverrides.entries()) {
    if (action === undefined || (namespaces === undefined && namespaceSelector === undefined) || isOver) continue;
    const path = ['spec', 'validationFailureActionOverrides', at];
    if (namespaceSelector !== undefined) {
      tell(
        [...path, 'namespaceSelector'],
        'goes by labels, where an ImagePolicy would have to say what the other namespaces are; write two policies',
      );
      continue;
    }
    if ((namespaces ?? []).some((each) => !/^[a-z0-9*?-]{1,253}$/.test(each))) {
      tell([...path, 'namespaces'], 'has what is no pattern of namespaces');
      continue;
    }
    const both = intersection(match.namespaces, namespaces ?? []);
    if (both === undefined) {
      tell(
        [...path, 'namespaces'],
        'are patterns of which nothing tells what is in those of match as well; name them one by one',
      );
      continue;
    }
    isOver = (namespaces ?? []).some((each) => /^\*+$/.test(each));
    if (both.length > 0)
      found.push({ action: actionOf(action), match: isOver ? rest() : { ...rest(), namespaces: both } });
    before.push(...(namespaces ?? []));
  }
  if (!isOver) found.push({ action: actionOf(validationFailureAction ?? 'Audit'), match: rest() });
  const [first] = found;
  // The same everywhere is said once.
  return first !== undefined && found.every(({ action }) => action === first.action)
    ? [{ action: first.action, match }]
    : found;
}

/** Patterns of the names that both lists match; undefined where that cannot be told. */
function intersection(some: readonly string[] | undefined, others: readonly string[]): readonly string[] | undefined {
  if (some === undefined) return others;
  const found = new Set<string>();
  for (const one of some) {
    for (const other of others) {
      if (one === other || matchesWildcard(other, one)) found.add(one);
      else if (matchesWildcard(one, other)) found.add(other);
      else if (/[*?]/.test(one) && /[*?]/.test(other)) return undefined;
    }
  }
  return [...found];
}
