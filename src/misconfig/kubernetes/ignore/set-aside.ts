import type { LineRange, Misconfiguration } from '../../../finding/misconfiguration.ts';
import type { ManifestFile } from '../read-manifests.ts';
import { type IgnoreRule, parseIgnoreComment } from '../../ignore-comment.ts';
import { scopesOf } from './scopes.ts';

/** Says where a failure is set aside; undefined where it is not. */
export type SetAside = (failure: Misconfiguration) => string | undefined;

/** Prepares to look up what the comments of a file set aside. @param now milliseconds since 1970 */
export function setAsideBy(path: string, { comments, roots }: ManifestFile, now: number): SetAside {
  if (comments.length === 0) return () => undefined;
  const scopeOf = scopesOf(roots);
  const rules: { readonly rule: IgnoreRule; readonly scope: LineRange; readonly line: number }[] = [];
  for (const comment of comments) {
    const scope = scopeOf(comment);
    if (scope === undefined) continue;
    for (const rule of parseIgnoreComment(comment.text, now)) rules.push({ rule, scope, line: comment.line });
  }
  return ({ check, lines }) => {
    if (lines === undefined) return undefined;
    const found = rules.find(({ rule, scope }) => {
      return scope.start <= lines.start && lines.end <= scope.end && rule.covers(check);
    });
    return found === undefined ? undefined : `${path}:${found.line}: ${found.rule.text}`;
  };
}
