import type { ConfigPath } from '../../../codec/yaml/mistake.ts';
import type { PatternSpec } from '../../../base/name-pattern.ts';
import type { RuleScope } from '../../model.ts';
import { quoted, scopeOfWildcards } from '../patterns.ts';

type Tell = (path: ConfigPath, sentence: string) => void;

/** Patterns that policy-controller reads as ones of Docker Hub. */
const shortForms: Readonly<Record<string, string>> = {
  '*': 'index.docker.io/library/*',
  '*/*': 'index.docker.io/*/*',
};

/**
 * The members of a scope that are about the same images as the patterns of a `ClusterImagePolicy`, in which `*` stays within one part of a
 * path. There, a name matches with its tag as well as with its digest, so that only patterns that either ending matches mean the same here.
 */
export function scopeOfGlobs(
  images: readonly { readonly glob: string }[],
  tell: Tell,
): Pick<RuleScope, 'sources' | 'references'> {
  const globs = images.flatMap(({ glob }, at): readonly string[] => {
    const written = Object.hasOwn(shortForms, glob) ? (shortForms[glob] ?? glob) : glob;
    const path = ['spec', 'images', at, 'glob'];
    const last = written.slice(written.lastIndexOf('/') + 1);
    if (/[@:]/.test(last.replace(/\*\*?$/, '')) || !last.endsWith('*')) {
      tell(
        path,
        'is about names with certain tags or digests, or without any; end it with a star behind the name of a repository',
      );
    }
    return withHost(written);
  });
  const isRuns = globs.every((each) => !/(?:^|[^*])\*(?:$|[^*])/.test(each));
  if (isRuns) return scopeOfWildcards(globs.map((each) => each.replaceAll('**', '*')));
  return { references: globs.map((each): PatternSpec => ({ regex: expressionOf(each) })) };
}

/** A pattern that may be about names of Docker Hub without its host is about these with it. */
function withHost(glob: string): readonly string[] {
  const slash = glob.indexOf('/');
  const first = slash < 0 ? glob : glob.slice(0, slash);
  if (slash >= 0 && !first.includes('*') && (/[.:]/.test(first) || first === 'localhost')) return [glob];
  if (glob.startsWith('**')) return [glob];
  const inHub = `docker.io/${glob}`;
  return first.includes('*') && slash >= 0 ? [glob, inHub] : [inHub];
}

function expressionOf(glob: string): string {
  const parts = glob.match(/\*\*|\*|[^*]+/g) ?? [];
  return parts.map((part) => (part === '**' ? '.*' : part === '*' ? '[^/]*' : quoted(part))).join('');
}
