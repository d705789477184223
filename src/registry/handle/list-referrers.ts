import type { Descriptor } from '../../oci/descriptor.ts';
import { encodeDescriptor } from '../../oci/encode-descriptor.ts';
import { indexMediaTypes } from '../../oci/media-type.ts';
import { type Answer, jsonAnswer } from '../http/answer.ts';
import { limits } from '../limits.ts';
import type { Call } from '../pipeline/call.ts';
import { nextPage, parsePage } from './page.ts';

const mediaType = indexMediaTypes[0] as string;

/**
 * GET of what is attached to a digest (distribution-spec, "Listing Referrers"): an index, empty where there is nothing, whether
 * the digest is there or not.
 */
export async function listReferrers(call: Call<'referrers'>): Promise<Answer> {
  const { content, origin, query } = call;
  const { repository: name, digest } = call.route;
  const { last, limit } = parsePage(query, content.pageEntries);
  const artifactType = query.get('artifactType') ?? undefined;
  const filter = artifactType === undefined || artifactType === '' ? undefined : artifactType;
  const wanted = { subject: digest, artifactType: filter, after: last, limit: limit === 0 ? 0 : limit + 1 };
  const { entries: found, headers = {} } = await origin.listReferrers(name, wanted, () => call.signal);
  const manifests = fitting(found.slice(0, limit));
  const more = found.length > manifests.length && limit > 0;
  const next = {
    ...(filter === undefined ? {} : { artifactType: filter }),
    ...(query.has('n') ? { n: limit } : {}),
    last: found[manifests.length - 1]?.digest ?? '',
  };
  return jsonAnswer(
    200,
    { schemaVersion: 2, mediaType, manifests },
    {
      'content-type': mediaType,
      ...(filter === undefined ? {} : { 'oci-filters-applied': 'artifactType' }),
      ...headers,
      ...(more ? nextPage(`/v2/${name}/referrers/${digest}`, next) : {}),
    },
  );
}

/** As many as fit into a page that every client reads; one at least. */
function fitting(descriptors: readonly Descriptor[]): readonly unknown[] {
  const entries: unknown[] = [];
  let bytes = 0;
  for (const descriptor of descriptors) {
    const entry = encodeDescriptor(descriptor);
    bytes += JSON.stringify(entry).length;
    if (bytes > limits.pageBytes && entries.length > 0) break;
    entries.push(entry);
  }
  return entries;
}
