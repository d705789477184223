import assert from 'node:assert/strict';
import test from 'node:test';
import type { Advisory } from '../src/finding/advisory.ts';
import type { Distro } from '../src/package/distro.ts';
import type { Inventory } from '../src/package/inventory.ts';
import type { InventoryPackage } from '../src/package/package.ts';
import type { FeedUpdate } from '../src/vulndb/feed-update.ts';
import { matchInventory, type MatchOptions, type MatchResult } from '../src/match/match-inventory.ts';
import { advisoryUpdate, makeAdvisory, makeAffected, withDatabase } from './vulnerability-database.ts';

/** Two flaws. */
export const one: string = 'CVE-2024-0001';
export const two: string = 'CVE-2024-0002';

/** A distribution of which nothing more is known. */
export function distro(id: string, version: string, parts: Partial<Distro> = {}): Distro {
  return { id, version, idLike: [], ...parts };
}

/** A package in short: `deb libssl3 3.0.1-1`. */
export function pkg(text: string, parts: Partial<InventoryPackage> = {}): InventoryPackage {
  const [type, name, version = ''] = text.split(' ');
  return {
    type: type as InventoryPackage['type'],
    name: name as string,
    version,
    licenses: [],
    cataloger: 'test',
    purl: `pkg:${type}/${name}@${version}`,
    locations: [{ path: 'somewhere' }],
    ...parts,
  };
}

/** An advisory in short: its id, and what it affects as {@link makeAffected} takes it. */
export function flaw(id: string, ...affected: readonly (readonly [string, ...string[]])[]): Advisory {
  return makeAdvisory({ id, affected: affected.map(([where, ...runs]) => makeAffected(where, runs)) });
}

/** Matches packages with a database that is made for this. */
export async function match(
  packages: readonly InventoryPackage[],
  advisories: readonly Advisory[],
  parts: { readonly distro?: Distro; readonly options?: MatchOptions; readonly more?: readonly FeedUpdate[] } = {},
): Promise<MatchResult> {
  const inventory: Inventory = {
    packages,
    problems: [],
    ...(parts.distro === undefined ? {} : { distro: parts.distro }),
  };
  return withDatabase([advisoryUpdate(advisories), ...(parts.more ?? [])], (database) =>
    matchInventory(inventory, database, parts.options),
  );
}

/** Findings in short: `name: id fixed…`. */
export function told({ findings }: MatchResult): string[] {
  return findings.map(({ id, package: { name }, fixedVersions }) => [`${name}:`, id, ...fixedVersions].join(' '));
}

/** Problems in short: `CODE subject`. */
function codes({ problems }: MatchResult): string[] {
  return problems.map(({ code, subject }) => `${code} ${subject}`);
}

/** Packages, advisories, and what must come of them. */
export interface MatchCase {
  readonly what: string;
  readonly distro?: Distro;
  readonly packages: readonly InventoryPackage[];
  readonly advisories: readonly Advisory[];
  readonly findings: readonly string[];
  readonly problems?: readonly string[];
}

/** Registers a test for each case. */
export function testMatches(cases: readonly MatchCase[]): void {
  for (const { what, packages, advisories, findings, problems = [], ...parts } of cases) {
    test(`matchInventory() matches ${what}`, async () => {
      const found = await match(packages, advisories, parts);
      assert.deepEqual(told(found), findings);
      assert.deepEqual(codes(found), problems);
    });
  }
}
