import type { DiscoveredResource, Discovery } from '../../kubernetes/discovery/model.ts';
import { matchesWildcard } from '../../policy/kyverno/wildcard.ts';

/** Resources of one group and version, as rules of webhooks name them. */
export interface RuleResources {
  readonly group: string;
  readonly version: string;
  /** `deployments`, `pods/ephemeralcontainers`, `*`, `*` with a slash and a star. */
  readonly resources: readonly string[];
}

interface KindPattern {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly subresource: string;
}

const everything: readonly RuleResources[] = [{ group: '*', version: '*', resources: ['*/*'] }];

/**
 * The resources that a kind of a rule stands for (`ResourceRule.kinds`). A kind that the cluster does not have, or does not
 * tell of, may come at any time: all of its group is registered then, rather than that objects of it pass unseen.
 */
export function resourcesOfKind(text: string, discovery: Discovery): readonly RuleResources[] {
  const pattern = parseKind(text);
  if (pattern === undefined) return everything;
  const { group, version, kind, subresource } = pattern;
  const place = { group: plainOrAll(group), version: plainOrAll(version) };
  if (isAll(kind)) return [{ ...place, resources: resourcesOf('*', subresource, isPodIn(pattern)) }];
  const found = discovery.resources.filter(
    (each) => matchesWildcard(group, each.group) && matchesWildcard(kind, each.kind) && isServed(each, version),
  );
  if (found.length === 0) return [{ ...place, resources: resourcesOf('*', subresource, isPodIn(pattern)) }];
  const seen = found.map((each) => ({
    group: each.group,
    version: place.version,
    resources: resourcesOf(each.resource, subresource, each.group === '' && each.kind === 'Pod'),
  }));
  // Of a group that does not answer nobody knows which kinds it has.
  const unseen = discovery.failures.flatMap(({ groupVersion }) => {
    const own = groupVersion.includes('/') ? (groupVersion.split('/')[0] ?? '') : '';
    return group !== own && matchesWildcard(group, own)
      ? [{ group: own, version: place.version, resources: resourcesOf('*', subresource, false) }]
      : [];
  });
  return [...seen, ...unseen];
}

/** `group/version/Kind` with or without a subresource; undefined for everything, and for what says nothing that is known here. */
function parseKind(text: string): KindPattern | undefined {
  const parts = text.split('/');
  const [group = '', version = '', kind = '', subresource = ''] = parts;
  if (parts.length < 3 || parts.length > 4 || version === '' || kind === '') return undefined;
  return { group, version, kind, subresource };
}

function resourcesOf(resource: string, subresource: string, isPod: boolean): readonly string[] {
  if (subresource !== '') return [`${resource}/${plainOrAll(subresource)}`];
  // Containers that are added to a running pod come with the whole pod, as a subresource (Kubernetes, "Ephemeral Containers").
  return isPod ? [resource, 'pods/ephemeralcontainers'] : [resource];
}

function isPodIn({ group, kind }: KindPattern): boolean {
  return matchesWildcard(group, '') && matchesWildcard(kind, 'Pod');
}

function isServed({ version }: DiscoveredResource, wanted: string): boolean {
  // API servers convert objects of other versions to one that is registered (`matchPolicy: Equivalent`).
  return matchesWildcard(wanted, version);
}

/** Rules of webhooks know names and a star alone. */
function plainOrAll(part: string): string {
  return /[*?]/.test(part) ? '*' : part;
}

function isAll(kind: string): boolean {
  return /^\*+$/.test(kind);
}
