import type { Digest } from '../../oci/digest.ts';
import { knownFlaws } from '../../store/metadata/package-flaws.ts';
import { readFacts } from '../../store/metadata/scans.ts';
import type { SqlQueries } from '../../store/sql/database.ts';
import type { ScanFinding } from '../../scan/process/evidence-content.ts';
import type { ImageFacts } from '../../scan/process/worker/tasks.ts';

/**
 * Says of each finding since when it is known here that this image has it: since its package was found in the image and the flaw in the
 * package, whichever came later. A flaw that goes by another name is the same while one of its ids stays. What is not known is left
 * out; a grace that counts from then has ended, to be on the safe side.
 *
 * @param scannedAt when its layers were read, for images that an older version of this program scanned first
 */
export async function withKnownSince(
  queries: SqlQueries,
  digest: Digest,
  findings: readonly ScanFinding[] | null,
  scannedAt: number,
): Promise<readonly ScanFinding[] | null> {
  if (findings === null || findings.length === 0) return findings;
  const text = await readFacts(queries, digest);
  if (text === undefined) return findings;
  const { packages, since = scannedAt, later = {} } = JSON.parse(text) as ImageFacts;
  const known = new Map<string, number>();
  for (const row of await knownFlaws(queries, packages)) {
    const key = keyOf(row.flaw, row);
    const time = Math.max(row.since, later[row.package] ?? since);
    known.set(key, Math.min(time, known.get(key) ?? time));
  }
  return findings.map((finding) => {
    const times = [finding.id, ...finding.aliases].flatMap((id) => known.get(keyOf(id, finding.package)) ?? []);
    return times.length === 0 ? finding : { ...finding, knownSince: Math.min(...times) };
  });
}

function keyOf(flaw: string, { type, purl, version }: NamedPackage): string {
  return JSON.stringify([flaw, type, purl, version]);
}

interface NamedPackage {
  readonly type: string;
  readonly purl: string;
  readonly version: string;
}
