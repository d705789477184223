import { meetsExpressions } from '../../resource/label-selector.ts';
import type { LabelSelector } from '../document/match/model.ts';
import { matchesWildcard } from '../wildcard.ts';

/**
 * Whether labels are as a selector says (Kubernetes, "Labels and Selectors"). Names and values of `matchLabels` may be patterns in
 * Kyverno; a name that is one must match a label whose value matches.
 */
export function selectsLabels(
  { matchLabels = {}, matchExpressions }: LabelSelector,
  labels: Readonly<Record<string, string>>,
): boolean {
  return hasAll(matchLabels, labels) && meetsExpressions(matchExpressions, labels);
}

/** Whether each of the patterns is met by some pair of a name and its value. */
export function hasAll(patterns: Readonly<Record<string, string>>, texts: Readonly<Record<string, string>>): boolean {
  const pairs = Object.entries(texts);
  return Object.entries(patterns).every(([name, value]) =>
    pairs.some(([own, text]) => matchesWildcard(name, own) && matchesWildcard(value, text)),
  );
}
