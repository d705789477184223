import type { Problem } from '../base/problem.ts';
import { isPause, type Steps } from '../base/steps.ts';
import { osReleaseId } from '../package/distro-of-purl.ts';
import type { Distro } from '../package/distro.ts';
import { osPackageTypes, type InventoryPackage } from '../package/package.ts';
import { carriedPrefix } from './carried-properties.ts';
import { importPackage, type ImportedComponent } from './imported-component.ts';
import { compareInventoryPackages } from '../package/inventory-order.ts';
import type { SbomDocument, SbomPackage, SbomRelationship, SbomSubject, SbomTool } from './model.ts';
import { packageIds } from './package-id.ts';
import { readJsonShape } from './schema.ts';

/** What a decoder found in a document, in the document's own names. */
export interface DecodedParts {
  readonly subject: SbomSubject;
  /** The operating system, when the document has a component for it. */
  readonly system?: Distro | undefined;
  readonly components: readonly ImportedComponent[];
  /** `[from, to]`: the first needs the second. */
  readonly dependencies: readonly (readonly [string, string])[];
  /** `[owner, owned]`. */
  readonly containments: readonly (readonly [string, string])[];
  readonly problems: readonly Problem[];
  /** Components that break the format. */
  readonly malformed: number;
  readonly tool: SbomTool;
  readonly scanSignature: string | undefined;
  readonly createdAt: string;
  readonly uuid: string;
}

/** Makes the document: components become packages, references become ids, and what cannot be used becomes a problem. */
export function* assembleDocument(parts: DecodedParts): Steps<SbomDocument> {
  const found: { ref: string; pkg: InventoryPackage }[] = [];
  const hints = new Map<string, { distro: Distro; count: number }>();
  let unidentified = 0;
  for (const [round, component] of parts.components.entries()) {
    if (isPause(round)) yield;
    const imported = importPackage(component);
    if (imported === undefined) {
      unidentified += 1;
      continue;
    }
    found.push({ ref: component.ref, pkg: imported.package });
    if (imported.distro !== undefined && osPackageTypes.has(imported.package.type)) countHint(hints, imported.distro);
  }
  found.sort((a, b) => compareInventoryPackages(a.pkg, b.pkg));
  const ids = packageIds(found.map(({ pkg }) => pkg));
  const byRef = new Map(found.map(({ ref, pkg }, index) => [ref, { id: ids[index] as string, pkg }]));

  yield;
  const relationships = yield* resolveEdges(byRef, parts);
  const needs = yield* neededNames(byRef, parts.dependencies);
  const packages = found.map(({ ref, pkg }, index): SbomPackage => {
    const dependsOn = pkg.dependsOn ?? needs.get(ref);
    return { id: ids[index] as string, ...pkg, ...(dependsOn === undefined ? {} : { dependsOn }) };
  });
  const distro = chooseDistro(parts.system, hints);
  return {
    subject: parts.subject,
    ...(distro === undefined ? {} : { distro }),
    packages,
    relationships,
    problems: [...parts.problems, ...skipped(parts, unidentified)],
    tool: parts.tool,
    ...(parts.scanSignature === undefined ? {} : { scanSignature: parts.scanSignature }),
    createdAt: parts.createdAt,
    uuid: parts.uuid,
  };
}

/** The distribution of an operating-system component: this program's own facts, else the name as its producer writes it. */
export function systemOf(name: string, version: string, properties: ReadonlyMap<string, string>): Distro {
  const own = readJsonShape('distro', properties.get(`${carriedPrefix}distro`) ?? '');
  if (own !== undefined) return own;
  const id = properties.get('syft:distro:id') ?? name;
  const release = properties.get('syft:distro:versionID') ?? version;
  const codename = properties.get('syft:distro:versionCodename');
  return {
    id: osReleaseId(id),
    version: release.split(' ', 1)[0] as string,
    ...(codename === undefined ? {} : { codename }),
    idLike: [],
  };
}

type ByRef = ReadonlyMap<string, { readonly id: string; readonly pkg: InventoryPackage }>;

/** In the order of their names. */
const relationshipKinds = ['contains', 'depends-on'] as const satisfies readonly SbomRelationship['kind'][];

/**
 * The edges between packages, each once, by the id where they begin, their kind and the id where they end. There may be a
 * million, so that an edge is a number while they are sorted: three digits, as it were.
 */
function* resolveEdges(byRef: ByRef, { dependencies, containments }: DecodedParts): Steps<SbomRelationship[]> {
  const ids = [...byRef.values()].map(({ id }) => id).sort();
  const ranks = new Map(ids.map((id, rank) => [id, rank]));
  const rankOf = (ref: string): number | undefined => ranks.get(byRef.get(ref)?.id ?? '');
  const found = new Set<number>();
  for (const [kind, edges] of [containments, dependencies].entries()) {
    for (const [round, [fromRef, toRef]] of edges.entries()) {
      if (isPause(round)) yield;
      const from = rankOf(fromRef);
      const to = rankOf(toRef);
      if (from !== undefined && to !== undefined && from !== to) found.add((from * 2 + kind) * ids.length + to);
    }
  }
  yield;
  const relationships: SbomRelationship[] = [];
  for (const edge of Float64Array.from(found).sort()) {
    if (isPause(relationships.length)) yield;
    const start = Math.floor(edge / ids.length);
    const from = ids[Math.floor(start / 2)] as string;
    const kind = relationshipKinds[start % 2] as SbomRelationship['kind'];
    relationships.push({ from, kind, to: ids[edge % ids.length] as string });
  }
  return relationships;
}

/** For documents of other programs: the names behind the edges, within one kind of package. */
function* neededNames(byRef: ByRef, dependencies: DecodedParts['dependencies']): Steps<Map<string, string[]>> {
  const found = new Map<string, Set<string>>();
  for (const [round, [from, to]] of dependencies.entries()) {
    if (isPause(round)) yield;
    const target = byRef.get(to)?.pkg;
    if (target === undefined || byRef.get(from)?.pkg.type !== target.type) continue;
    const names = found.get(from);
    if (names === undefined) found.set(from, new Set([target.name]));
    else names.add(target.name);
  }
  return new Map([...found].map(([ref, names]) => [ref, [...names].sort()]));
}

function countHint(hints: Map<string, { distro: Distro; count: number }>, distro: Distro): void {
  const key = `${distro.id}\0${distro.version}\0${distro.codename ?? ''}`;
  const known = hints.get(key);
  if (known === undefined) hints.set(key, { distro, count: 1 });
  else known.count += 1;
}

/** The document's operating system, unless only the packages' purls know its release; the most frequent one of these. */
function chooseDistro(
  system: Distro | undefined,
  hints: ReadonlyMap<string, { readonly distro: Distro; readonly count: number }>,
): Distro | undefined {
  if (system !== undefined && system.version !== '') return system;
  const same = [...hints.values()].filter(({ distro }) => system === undefined || distro.id === system.id);
  const known = same.toSorted((a, b) => b.count - a.count)[0]?.distro;
  return known !== undefined && (system === undefined || known.version !== '') ? known : system;
}

function skipped({ subject, malformed }: DecodedParts, unidentified: number): Problem[] {
  const found: Problem[] = [];
  if (unidentified > 0) {
    found.push({
      code: 'SBOM_COMPONENTS_UNIDENTIFIED',
      subject: subject.name,
      message: `${unidentified} components have no package URL of a kind that is matched against advisories; they were not looked up.`,
    });
  }
  if (malformed > 0) {
    found.push({
      code: 'SBOM_COMPONENTS_MALFORMED',
      subject: subject.name,
      message: `${malformed} components break the format of the document; they were not looked up.`,
    });
  }
  return found;
}
