import type { ResourceSubject } from '../../resource/model.ts';
import { resourceNameOf } from '../../resource/resource-name.ts';
import { matchesWildcard } from '../wildcard.ts';

/** An object as selectors of kinds see it. */
export type KindOf = Pick<ResourceSubject, 'group' | 'version' | 'kind' | 'subresource' | 'request'>;

/** What kind something is, for selectors of kinds. */
export interface OwnerKind {
  readonly group: string;
  readonly version: string;
  /** Whether it is of a kind. @param pattern with wildcards */
  readonly isOf: (pattern: string) => boolean;
}

/**
 * The kind that an object counts as. What is sent to a subresource may be of a kind of its own (a `Scale` to `deployments/scale`,
 * `PodExecOptions` to `pods/exec`), and then counts as what it is sent to (Kyverno, `withTopLevelGVK`). Of that a review tells the
 * name in paths alone, so where the cluster was not asked, kinds are compared by how its own tools make such names of them.
 */
export function ownerKindOf({ group, version, kind, subresource, request }: KindOf): OwnerKind {
  const own = { group, version, isOf: (pattern: string) => matchesWildcard(pattern, kind) };
  const owner = request?.resource;
  if (subresource === '' || owner === undefined) return own;
  // A status is sent with all that has it, by whatever name that goes in paths.
  const isOwn =
    owner.group === group &&
    (subresource === 'status' || kind === request?.resourceKind || owner.resource === resourceNameOf({ kind }));
  if (isOwn) return own;
  const told = request?.resourceKind;
  const isOf = (pattern: string): boolean =>
    told === undefined ? isCalled(pattern, owner.resource) : matchesWildcard(pattern, told);
  return { group: owner.group, version: owner.version, isOf };
}

/** Whether a kind that a pattern is for is called so in paths. */
function isCalled(pattern: string, resource: string): boolean {
  if (!/[*?]/.test(pattern)) return resourceNameOf({ kind: pattern }) === resource;
  const small = pattern.toLowerCase();
  return singularsOf(resource).some((kind) => matchesWildcard(small, kind));
}

/** The kinds in small letters that may be called so. */
function singularsOf(resource: string): readonly string[] {
  const endings = [
    ['', ''],
    ['s', ''],
    ['es', ''],
    ['ies', 'y'],
  ] as const;
  const all = endings.map(([plural, singular]) =>
    resource.endsWith(plural) ? `${resource.slice(0, resource.length - plural.length)}${singular}` : '',
  );
  return all.filter((kind) => kind !== '' && resourceNameOf({ kind }) === resource);
}
