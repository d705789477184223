import { matchesWildcard } from '../wildcard.ts';
import { type KindOf, ownerKindOf } from './owner-kind.ts';

/** Kinds of objects; each part is a pattern. */
export interface KindSelector {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** Empty for objects themselves alone. */
  readonly subresource: string;
}

const version = /^(?:\*|v\d+(?:(?:alpha|beta)\d+)?)$/;

/**
 * Reads `Kind`, `version/Kind`, `group/version/Kind` and each of them with `/subresource` (Kyverno, "Resource Filters"). A star alone, or
 * `*` and `*` with a slash, is everything; of a group, a star stands for any. After a star or a version, what has no capital is a
 * subresource, as in `*` and `scale`: kinds have capitals (Kyverno, `ParseKindSelector`). Older policies have a dot before the subresource,
 * and no kind has one. Undefined for what is none.
 */
export function parseKindSelector(text: string): KindSelector | undefined {
  const parts = text.split('/');
  const [kind = '', subresource] = parts.at(-1)?.split('.', 2) ?? [];
  if (subresource !== undefined && /^[A-Z*]/.test(kind)) parts.splice(-1, 1, kind, subresource);
  if (parts.some((part) => part === '' || !/^[\w.*?-]+$/.test(part))) return undefined;
  const [first = '', second = '', third = '', fourth = ''] = parts;
  switch (parts.length) {
    case 1:
      return { group: '*', version: '*', kind: first, subresource: '' };
    case 2:
      if (first === '*' && hasNoCapital(second)) return { group: '*', version: '*', kind: '*', subresource: second };
      if (version.test(first)) return { group: '*', version: first, kind: second, subresource: '' };
      return { group: '*', version: '*', kind: first, subresource: second };
    case 3:
      if (version.test(first) && second === '*' && hasNoCapital(third))
        return { group: '*', version: first, kind: '*', subresource: third };
      if (version.test(second)) return { group: first, version: second, kind: third, subresource: '' };
      return version.test(first) ? { group: '*', version: first, kind: second, subresource: third } : undefined;
    case 4:
      return version.test(second) ? { group: first, version: second, kind: third, subresource: fourth } : undefined;
    default:
      return undefined;
  }
}

function hasNoCapital(part: string): boolean {
  return part === part.toLowerCase();
}

/**
 * Whether a selector is about an object. Who is about pods is about containers that are added to running ones, which come as a subresource
 * with the whole pod.
 */
export function selectsKind(selector: KindSelector, of: KindOf): boolean {
  const isAsked = selector.subresource === '' ? isWhole(of) : matchesWildcard(selector.subresource, of.subresource);
  if (!isAsked) return false;
  const owner = ownerKindOf(of);
  return (
    owner.isOf(selector.kind) &&
    matchesWildcard(selector.group, owner.group) &&
    matchesWildcard(selector.version, owner.version)
  );
}

function isWhole({ group, kind, subresource }: KindOf): boolean {
  return subresource === '' || (group === '' && kind === 'Pod' && subresource === 'ephemeralcontainers');
}
