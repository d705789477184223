import type { Digest } from '../../oci/digest.ts';
import {
  addFlaws,
  ensurePackages,
  linkPackages,
  type NewPackage,
  unlinkPackages,
} from '../../store/metadata/scan-packages.ts';
import { findScan, finishScan, readFacts } from '../../store/metadata/scans.ts';
import type { SqlDatabase } from '../../store/sql/database.ts';
import type { ScanResult } from './parse-scanned.ts';
import type { ImageFacts, ScannedPackage } from './worker/tasks.ts';

/** Packages in one transaction: others wait for it. */
const together = 500;

/**
 * Keeps what a scan gave. Its packages come first, in steps that harm nobody when they are not followed by the last one, in
 * which the evidence becomes visible as a whole.
 *
 * @returns false when another process has taken the scan over
 */
export async function keepScan(
  database: SqlDatabase,
  digest: Digest,
  claim: string,
  result: ScanResult,
  now: () => number,
): Promise<boolean> {
  const { packages } = result;
  const scan = (await findScan(database, digest))?.id;
  if (scan === undefined) return false;
  const before = await readFacts(database, digest);
  const numbers: number[] = [];
  for (let at = 0; at < packages.length; at += together) {
    const part = packages.slice(at, at + together);
    const added = await database.transaction(async (queries) => {
      const known = await ensurePackages(queries, part.map(newPackage));
      const ids = part.map(({ key }) => known.get(key) as number);
      await addFlaws(
        queries,
        part.flatMap(({ flaws }, index) => flaws.map((flaw) => ({ flaw, package: ids[index] as number }))),
      );
      await linkPackages(queries, scan, ids);
      return ids;
    });
    numbers.push(...added);
  }
  const facts: ImageFacts = { ...result.facts, packages: numbers };
  const left = new Set(numbers);
  const gone = before === undefined ? [] : (JSON.parse(before) as ImageFacts).packages.filter((id) => !left.has(id));
  const { signature, isIncomplete, builtAt, content, inventory } = result;
  return await database.transaction(async (queries) => {
    const evidence = { signature, isIncomplete, builtAt, content, inventory, packages: numbers.length };
    const kept = await finishScan(queries, digest, claim, { ...evidence, facts: JSON.stringify(facts) }, now());
    if (kept !== undefined) await unlinkPackages(queries, scan, gone);
    return kept !== undefined;
  });
}

function newPackage({ key, type, name, version, source, distro, purl, record }: ScannedPackage): NewPackage {
  const built = { source: source?.name ?? null, sourceVersion: source?.version ?? null };
  return { key, type, name, version, ...built, distro, purl, record };
}
