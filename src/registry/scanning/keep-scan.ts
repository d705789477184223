import type { Digest } from '../../oci/digest.ts';
import { addFlaws } from '../../store/metadata/package-flaws.ts';
import { ensurePackages, linkPackages, type NewPackage, unlinkPackages } from '../../store/metadata/scan-packages.ts';
import { findScan, finishScan, readFacts } from '../../store/metadata/scans.ts';
import type { SqlDatabase } from '../../store/sql/database.ts';
import type { ScanResult } from '../../scan/process/parse-scanned.ts';
import type { ImageFacts, ScannedPackage } from '../../scan/process/worker/tasks.ts';

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
  const facts = await readFacts(database, digest);
  const before = facts === undefined ? undefined : (JSON.parse(facts) as ImageFacts);
  const numbers: number[] = [];
  for (let at = 0; at < packages.length; at += together) {
    const part = packages.slice(at, at + together);
    const added = await database.transaction(
      async (queries) => {
        const known = await ensurePackages(queries, part.map(newPackage));
        const ids = part.map(({ key }) => known.get(key) as number);
        await addFlaws(
          queries,
          part.flatMap(({ flaws }, index) => flaws.map((flaw) => ({ flaw, package: ids[index] as number }))),
          now(),
        );
        await linkPackages(queries, scan, ids);
        return ids;
      },
      // The last step is durable, and nothing after these is without them.
      { durable: false },
    );
    numbers.push(...added);
  }
  const left = new Set(numbers);
  const gone = before?.packages.filter((id) => !left.has(id)) ?? [];
  const kept: ImageFacts = { ...result.facts, packages: numbers, ...sinceWhen(numbers, before, now()) };
  const { signature, isIncomplete, builtAt, content, inventory } = result;
  return await database.transaction(async (queries) => {
    const evidence = { signature, isIncomplete, builtAt, content, inventory, packages: numbers.length };
    const isOurs = await finishScan(queries, digest, claim, { ...evidence, facts: JSON.stringify(kept) }, now());
    if (isOurs !== undefined) await unlinkPackages(queries, scan, gone);
    return isOurs !== undefined;
  });
}

/** Since when packages of an image are known: for all of them in one number, and apart for what an earlier scan did not find. */
function sinceWhen(
  packages: readonly number[],
  before: ImageFacts | undefined,
  now: number,
): Pick<ImageFacts, 'since' | 'later'> {
  if (before === undefined) return { since: now };
  const { since, later = {} } = before;
  const known = new Set(before.packages);
  const entries = packages.flatMap((id): [string, number][] => {
    const time = known.has(id) ? later[id] : now;
    return time === undefined ? [] : [[`${id}`, time]];
  });
  return {
    ...(since === undefined ? {} : { since }),
    ...(entries.length === 0 ? {} : { later: Object.fromEntries(entries) }),
  };
}

function newPackage({ key, type, name, version, source, distro, purl, record }: ScannedPackage): NewPackage {
  const built = { source: source?.name ?? null, sourceVersion: source?.version ?? null };
  return { key, type, name, version, ...built, distro, purl, record };
}
