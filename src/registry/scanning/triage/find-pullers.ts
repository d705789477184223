import type { Digest } from '../../../oci/digest.ts';
import { latestPulls } from '../../../store/metadata/triage.ts';
import type { SqlQueries } from '../../../store/sql/database.ts';
import type { AuditEntry } from '../../audit/entry.ts';
import type { HitImage } from './find-images.ts';

/** Who pulled an image, and when last. */
export interface Puller {
  /** `kind:name` */
  readonly who: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Entries of the trail that are read for one answer, and for one repository at least; pullers of one image that are told. */
const most = { entries: 20_000, each: 50, told: 20 };

/** Who pulled images since a time, newest first, from the audit trail. Of repositories that are pulled often, the latest pulls count. */
export async function findPullers(
  queries: SqlQueries,
  images: readonly Pick<HitImage, 'repository' | 'digest'>[],
  since: number,
): Promise<ReadonlyMap<string, readonly Puller[]>> {
  const repositories = [...new Set(images.map(({ repository }) => repository))];
  const wanted = new Set(images.map(({ repository, digest }) => imageKey(repository, digest)));
  const limit = Math.max(most.each, Math.floor(most.entries / Math.max(1, repositories.length)));
  const pullers = new Map<string, Puller[]>();
  for (const repository of repositories) {
    for (const text of await latestPulls(queries, repository, since, limit)) {
      const { actor, digest, time } = JSON.parse(text) as AuditEntry;
      const key = digest === undefined ? '' : imageKey(repository, digest);
      if (!wanted.has(key)) continue;
      const known = pullers.get(key) ?? [];
      pullers.set(key, known);
      const who = `${actor.kind}:${actor.name}`;
      if (known.length < most.told && !known.some((puller) => puller.who === who)) known.push({ who, at: time });
    }
  }
  return pullers;
}

/** The key of {@link findPullers}. */
export function imageKey(repository: string, digest: Digest): string {
  return `${repository}@${digest}`;
}
