import type { Descriptor } from '../descriptor.ts';
import type { Digest } from '../digest.ts';
import { fallbackTag, parseReferrers } from '../referrer.ts';
import { fetchManifestIfThere } from './fetch-manifest.ts';
import { clientLimits } from './limits.ts';
import { readPages } from './read-pages.ts';
import type { RegistryClient } from './registry-client.ts';
import { readProblem } from './registry-error.ts';

/** How to look for referrers. */
export interface ListReferrersOptions {
  /** Lets the registry leave out other types; it need not. What decides over a signature must not rely on it. */
  readonly artifactType?: string;
  /**
   * Reads the fallback tag even where the API answers (default true): clients wrote it before the registry had the API,
   * or because they do not know the API. It costs one request.
   */
  readonly fallbackToo?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** What is attached to a manifest, as far as its registry knows. */
export interface Referrers {
  /**
   * Each digest once, the API's entries first. Their `artifactType` and annotations are hints: fallback indexes are often
   * wrong, so read the manifests.
   */
  readonly descriptors: readonly Descriptor[];
  readonly api: 'present' | 'absent';
  readonly fallback: 'present' | 'absent' | 'not-asked';
}

const indexMediaType = 'application/vnd.oci.image.index.v1+json';

/**
 * Answers that say that a registry does not know the API (distribution-spec, "Listing Referrers", names 404); other
 * registries call the request unknown in other words. Whatever may be another answer later is none of them.
 */
const unknownStatuses: ReadonlySet<number> = new Set([404, 405, 406, 501]);

/** A registry that says so may know the API and not the manifest, against the specification: that is not remembered. */
const unknownSubjectCodes: ReadonlySet<string> = new Set(['MANIFEST_UNKNOWN', 'NAME_UNKNOWN', 'NOT_FOUND']);

/**
 * Lists what is attached to a manifest: by the referrers API, and by the tag that stands in for it where it is missing.
 * An empty list is the registry's word that there is nothing; everything else that went wrong is thrown.
 *
 * @throws OciError RATE_LIMITED, REGISTRY_UNAVAILABLE, UNAUTHORIZED, DENIED, REGISTRY_PROTOCOL, MANIFEST_INVALID,
 * LIMIT_EXCEEDED; NetError for what the user decided; the signal's reason
 */
export async function listReferrers(
  client: RegistryClient,
  repository: string,
  digest: Digest,
  options: ListReferrersOptions = {},
): Promise<Referrers> {
  const { artifactType, fallbackToo = true, signal } = options;
  // Where the tag is read in any case, nobody waits for the API first.
  const [listed, early] = await Promise.all([
    listByApi(client, repository, digest, artifactType, signal),
    fallbackToo ? listByTag(client, repository, digest, signal) : undefined,
  ]);
  const api = listed === undefined ? 'absent' : 'present';
  if (listed !== undefined && !fallbackToo) return { descriptors: distinct(listed), api, fallback: 'not-asked' };
  const index = fallbackToo ? early : await listByTag(client, repository, digest, signal);
  const fallback = index === undefined ? 'absent' : 'present';
  return { descriptors: distinct([...(listed ?? []), ...(index ?? [])]), api, fallback };
}

/**
 * Whether a repository answers the referrers API: asked, not inferred, since some registries accept subjects and do not
 * list them.
 *
 * @throws OciError as {@link listReferrers} does
 */
export async function hasReferrersApi(
  client: RegistryClient,
  repository: string,
  digest: Digest,
  signal?: AbortSignal,
): Promise<boolean> {
  const known = client.referrersApi.recall(repository);
  if (known !== undefined) return known;
  return (await askApi(client, repository, digest, undefined, signal)) !== undefined;
}

/**
 * What is attached by the referrers API alone; undefined where the registry does not answer it, which is remembered for a while.
 *
 * @throws OciError as {@link listReferrers} does
 */
export async function listByApi(
  client: RegistryClient,
  repository: string,
  digest: Digest,
  artifactType: string | undefined,
  signal: AbortSignal | undefined,
): Promise<readonly Descriptor[] | undefined> {
  if (client.referrersApi.recall(repository) === false) return undefined;
  return await askApi(client, repository, digest, artifactType, signal);
}

/**
 * What is attached by the fallback tag alone; undefined when it is not there, or is no list.
 *
 * @throws OciError as {@link listReferrers} does
 */
export async function listByTag(
  client: RegistryClient,
  repository: string,
  digest: Digest,
  signal?: AbortSignal,
): Promise<readonly Descriptor[] | undefined> {
  const fetched = await fetchManifestIfThere(client, repository, fallbackTag(digest), signal);
  if (fetched === undefined || isItself(fetched.descriptor, digest)) return undefined;
  return parseReferrers(fetched.bytes, fetched.descriptor.mediaType);
}

/** `cosign copy` gives the image itself the name of its list; nothing can list what is attached to it by its own digest. */
export function isItself(descriptor: Descriptor, digest: Digest): boolean {
  return descriptor.digest === digest;
}

/** Asks, and remembers whether there was an answer. */
async function askApi(
  client: RegistryClient,
  repository: string,
  digest: Digest,
  artifactType: string | undefined,
  signal: AbortSignal | undefined,
): Promise<Descriptor[] | undefined> {
  const query = artifactType === undefined ? '' : `?${new URLSearchParams({ artifactType }).toString()}`;
  let aboutSubject = false;
  const listed = await readPages(
    client,
    {
      path: `${repository}/referrers/${digest}${query}`,
      access: { repository, actions: 'pull' },
      accept: indexMediaType,
      name: `the referrers of ${digest}`,
      maxEntries: clientLimits.referrers,
      parse: parseReferrers,
      isAbsent: ({ status }) => unknownStatuses.has(status),
      onAbsent: (bytes) => {
        aboutSubject = unknownSubjectCodes.has(readProblem(bytes).code);
      },
    },
    signal,
  );
  if (!aboutSubject) client.referrersApi.note(repository, listed !== undefined);
  return listed;
}

function distinct(descriptors: readonly Descriptor[]): readonly Descriptor[] {
  const seen = new Set<Digest>();
  return descriptors.filter(({ digest }) => !seen.has(digest) && seen.add(digest));
}
