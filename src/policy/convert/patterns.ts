import type { PatternSpec } from '../../base/name-pattern.ts';
import { dockerHubHosts } from '../../oci/reference.ts';
import type { RuleScope } from '../model.ts';

/** Pattern of an image's whole name, in which a star is any run of characters and a question mark one. */
export type NameWildcard = string;

/**
 * The members of a scope that are about the same images as patterns of whole names: patterns of images, where all of the patterns are about
 * repositories whatever tag or digest follows, and of references otherwise. A pattern that everything matches leaves nothing to say.
 */
export function scopeOfWildcards(
  included: readonly NameWildcard[],
  excluded: readonly NameWildcard[] = [],
): Pick<RuleScope, 'sources' | 'exceptSources' | 'references' | 'exceptReferences'> {
  const isAll = included.some((each) => /^\*+$/.test(each));
  return {
    ...(isAll
      ? {}
      : included.every(isOfRepositories)
        ? { sources: included.map(specOf) }
        : { references: included.map(specOf) }),
    ...(excluded.length === 0
      ? {}
      : excluded.every(isOfRepositories)
        ? { exceptSources: excluded.map(specOf) }
        : { exceptReferences: excluded.map(specOf) }),
  };
}

/**
 * Whether what stands behind a repository's name cannot matter: the pattern begins with a host that has one name, and its last piece before
 * the star at its end is a part of the repository's name.
 */
function isOfRepositories(pattern: NameWildcard): boolean {
  const [, host = '', rest = ''] = /^([^/*?]+)\/(.+)\*$/.exec(pattern) ?? [];
  if (!/[.:]|^localhost$/.test(host) || dockerHubHosts.includes(host.replace(/:443$/, '')) || host.endsWith(':443'))
    return false;
  if (rest.includes('?')) return false;
  const last = rest.slice(rest.lastIndexOf('*') + 1);
  if (/[:@]/.test(rest)) return false;
  return !rest.includes('*') || last.includes('/');
}

function specOf(pattern: NameWildcard): PatternSpec {
  if (!pattern.includes('?')) return { wildcard: pattern };
  const parts = pattern.match(/[*?]|[^*?]+/g) ?? [];
  return { regex: parts.map((part) => (part === '*' ? '.*' : part === '?' ? '.' : quoted(part))).join('') };
}

/** A text in an RE2 expression. */
export function quoted(text: string): string {
  return text.replaceAll(/[\\^$.|?*+()[\]{}]/g, String.raw`\$&`);
}
