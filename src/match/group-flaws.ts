import { compareText } from '../base/compare-text.ts';
import { cveOf, isVendorAnnouncement } from './flaw-id.ts';

/** Ids of an advisory. */
export interface AdvisoryIds {
  readonly id: string;
  readonly aliases: readonly string[];
  readonly upstream: readonly string[];
}

/** One flaw among the advisories that touch a package. */
export interface Flaw<Member> {
  /** The CVE, else the GHSA, else the first of the sources' own ids. */
  readonly id: string;
  /** Every other id of the flaw, sorted; ids of vendor announcements are apart. */
  readonly aliases: readonly string[];
  /** Sorted. */
  readonly vendorIds: readonly string[];
  /** The advisories that speak of it, sorted by id. */
  readonly members: readonly Member[];
}

/**
 * Brings together the advisories that touch one package, so that one flaw is one row: by CVE where there is one, and
 * through shared aliases where there is none. An announcement of several CVEs stands in the row of each.
 *
 * The result does not depend on the order of the advisories.
 */
export function groupFlaws<Member>(members: readonly Member[], idsOf: (member: Member) => AdvisoryIds): Flaw<Member>[] {
  const known = members.map((member) => describe(member, idsOf(member)));
  known.sort((a, b) => compareText(a.own, b.own));
  const cvesOfId = linkIds(known);
  const flaws = new Map<string, Described<Member>[]>();
  const add = (id: string, entry: Described<Member>): void => {
    const list = flaws.get(id);
    if (list === undefined) flaws.set(id, [entry]);
    else if (!list.includes(entry)) list.push(entry);
  };
  const orphans: Described<Member>[] = [];
  for (const entry of known) {
    if (entry.cves.length === 0) orphans.push(entry);
    for (const cve of entry.cves) add(cve, entry);
  }
  for (const component of componentsOf(orphans)) {
    const cves = new Set(component.flatMap(({ others }) => others.flatMap((id) => [...(cvesOfId.get(id) ?? [])])));
    const rows = cves.size > 0 ? [...cves] : [shownId(component)];
    for (const row of rows) for (const entry of component) add(row, entry);
  }
  return [...flaws].map(([id, entries]) => finish(id, entries)).sort((a, b) => compareText(a.id, b.id));
}

interface Described<Member> {
  readonly member: Member;
  readonly own: string;
  /** The CVEs that the advisory names, in whatever form. */
  readonly cves: readonly string[];
  /** Its other ids, its own included. */
  readonly others: readonly string[];
}

function describe<Member>(member: Member, { id, aliases, upstream }: AdvisoryIds): Described<Member> {
  const named = [...new Set([id, ...aliases, ...upstream])].sort();
  const cves = [...new Set(named.map(cveOf).filter((cve) => cve !== undefined))].sort();
  return { member, own: id, cves, others: named.filter((name) => !name.startsWith('CVE-')) };
}

/** Which CVEs an id stands for: told by advisories of a single CVE. */
function linkIds(known: readonly Described<unknown>[]): Map<string, Set<string>> {
  const links = new Map<string, Set<string>>();
  for (const { cves, others } of known) {
    const [cve] = cves;
    if (cve === undefined || cves.length > 1) continue;
    for (const id of others) {
      if (isVendorAnnouncement(id)) continue;
      const linked = links.get(id);
      if (linked === undefined) links.set(id, new Set([cve]));
      else linked.add(cve);
    }
  }
  return links;
}

/** Advisories without a CVE that share an id, directly or through others. */
function componentsOf<Member>(orphans: readonly Described<Member>[]): Described<Member>[][] {
  const parents = orphans.map((_, index) => index);
  const find = (index: number): number => {
    let at = index;
    while (parents[at] !== at) {
      parents[at] = parents[parents[at] as number] as number;
      at = parents[at] as number;
    }
    return at;
  };
  const firstWith = new Map<string, number>();
  for (const [index, { own, others }] of orphans.entries()) {
    for (const id of others) {
      if (id !== own && isVendorAnnouncement(id)) continue;
      const first = firstWith.get(id);
      if (first === undefined) firstWith.set(id, index);
      else parents[find(index)] = find(first);
    }
  }
  const components = new Map<number, Described<Member>[]>();
  for (const [index, entry] of orphans.entries()) {
    const root = find(index);
    const list = components.get(root);
    if (list === undefined) components.set(root, [entry]);
    else list.push(entry);
  }
  return [...components.values()];
}

function shownId(component: readonly Described<unknown>[]): string {
  const ids = component.flatMap(({ others }) => others).sort(compareText);
  const own = component.map((entry) => entry.own).sort(compareText);
  return ids.find((id) => id.startsWith('GHSA-')) ?? (own[0] as string);
}

function finish<Member>(id: string, entries: readonly Described<Member>[]): Flaw<Member> {
  const aliases = new Set<string>();
  const vendorIds = new Set<string>();
  for (const { own, cves, others } of entries) {
    // What else an advisory of several CVEs names could belong to any of them.
    for (const name of cves.length > 1 ? [own] : others) {
      if (name === id || name.startsWith('CVE-')) continue;
      if (isVendorAnnouncement(name)) vendorIds.add(name);
      else if (cveOf(name) === undefined || cveOf(name) === id) aliases.add(name);
    }
  }
  return {
    id,
    aliases: [...aliases].sort(compareText),
    vendorIds: [...vendorIds].sort(compareText),
    members: entries.map(({ member }) => member),
  };
}
