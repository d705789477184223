import { type JsonValue, memberOf } from '../../../lang/jmespath/value.ts';
import type { Gathered } from '../../evidence.ts';
import type { ResourceSubject } from '../../resource/model.ts';
import type { Lookup, ResourceInput } from '../../resource/policy.ts';
import { namespaceLabelsLookup, rolesLookup } from '../context/lookup.ts';
import { namespaceLabelsOf } from '../context/namespace-labels.ts';
import type { MatchBlock, ResourceFilter } from '../document/match/model.ts';

/** The object with what was looked up of its namespace and of who asks. */
export function withLookedUp(input: ResourceInput): ResourceSubject {
  const { subject, lookups } = input;
  if (lookups.size === 0) return subject;
  const namespaceLabels = namespaceLabelsOf(input);
  const roles = lookups.get(rolesLookup().key);
  const { user } = subject;
  if (user === undefined || roles === undefined) {
    return namespaceLabels === undefined ? subject : { ...subject, namespaceLabels };
  }
  return {
    ...subject,
    ...(namespaceLabels === undefined ? {} : { namespaceLabels }),
    user: {
      ...user,
      roles: user.roles ?? mapped(roles, (value) => listOf(memberOf(value, 'roles'))),
      clusterRoles: user.clusterRoles ?? mapped(roles, (value) => listOf(memberOf(value, 'clusterRoles'))),
    },
  };
}

/** What blocks ask for that nobody looked up yet. */
export function missingFor(blocks: readonly (MatchBlock | undefined)[], subject: ResourceSubject): readonly Lookup[] {
  const filters = blocks.flatMap((block) => (block === undefined ? [] : filtersOf(block)));
  const found: Lookup[] = [];
  const { namespaceLabels, namespace, user } = subject;
  const asksLabels = filters.some(({ resources }) => resources?.namespaceSelector !== undefined);
  if (asksLabels && namespaceLabels === undefined && namespace !== '') found.push(namespaceLabelsLookup(namespace));
  const asksRoles = filters.some(
    ({ roles, clusterRoles }) =>
      (roles !== undefined && user?.roles === undefined) ||
      (clusterRoles !== undefined && user?.clusterRoles === undefined),
  );
  if (asksRoles && user !== undefined) found.push(rolesLookup());
  return found;
}

/** All filters of a block. */
export function filtersOf({ any = [], all = [], ...own }: MatchBlock): readonly ResourceFilter[] {
  return [...any, ...all, own];
}

function mapped<Value>(found: Gathered<JsonValue>, map: (value: JsonValue) => Value): Gathered<Value> {
  return found.state === 'known' ? { ...found, value: map(found.value) } : found;
}

function listOf(value: JsonValue): readonly string[] {
  return Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];
}
