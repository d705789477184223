import { headBlob } from '../../oci/client/head-blob.ts';
import { linkBlob } from '../../store/metadata/blobs.ts';
import { ensureRepository } from '../../store/metadata/repositories.ts';
import { cameFromUpstream } from '../../store/metadata/upstream-blobs.ts';
import { asked } from './asked.ts';
import type { BlobWanted } from './blob-wanted.ts';
import type { UpstreamParts } from './surroundings.ts';

/*
 * A blob that is kept becomes one of a further repository, without its bytes coming again, when two things are true: these very bytes
 * came from the same upstream before, and that upstream says now that it would send them for this repository, to this registry's
 * credentials. Then nobody gets from here what the upstream would not give them.
 *
 * Neither is enough alone. That a manifest names a digest proves nothing, since whoever writes a manifest may name any; what an upstream
 * says proves nothing about bytes which it never had, since it may say anything. So blobs that were pushed here, and those of other
 * upstreams, are fetched: only who has the bytes can send them.
 */

/** Makes a kept blob one of its repository where it may be shared. False when it has to be fetched. @throws OciError */
export async function shareKept(parts: UpstreamParts, wanted: BlobWanted): Promise<boolean> {
  const { upstream, digest, size } = wanted;
  if (!(await cameFromUpstream(parts.content.database, upstream.config.url, digest, size))) return false;
  return (await isServed(parts, wanted)) && (await linkShared(parts, wanted));
}

/** Whether the upstream would send a blob for its repository; false when it does not tell. @throws OciError when it would not */
export function isServed(parts: UpstreamParts, { upstream, repository, digest, size }: BlobWanted): Promise<boolean> {
  const path = upstream.path(repository);
  return asked(parts, upstream, (client) => headBlob(client, path, { digest, size }, parts.closing));
}

/** Makes a blob one of its repository that came from its upstream, and that the upstream would send for it. False when it is not here. */
export async function linkShared({ content }: UpstreamParts, wanted: BlobWanted): Promise<boolean> {
  const { upstream, repository, digest, size } = wanted;
  const { url } = upstream.config;
  if (!(await cameFromUpstream(content.database, url, digest, size))) return false;
  return content.database.transaction(async (queries) => {
    if (!(await cameFromUpstream(queries, url, digest, size))) return false;
    const id = await ensureRepository(queries, repository, content.now());
    return linkBlob(queries, id, digest, content.now());
  });
}

/** The name under which the bytes of a blob are fetched from an upstream, for whichever of its repositories. */
export function bytesLease({ upstream, digest, size }: BlobWanted): string {
  return `bytes ${upstream.config.url} ${digest} ${size}`;
}
