import { basicAuthorization, type Keychain } from '../../oci/client/credential.ts';
import { readWhole } from '../../oci/client/fetch-manifest.ts';
import type { RegistryClient } from '../../oci/client/registry-client.ts';
import { OciError } from '../../oci/error.ts';
import { asList, asObject, asText, parseJson } from '../../oci/json.ts';

/** An image that is hit, as a registry tells it. */
export interface TriagedImage {
  readonly repository: string;
  readonly digest: string;
  readonly tags: readonly string[];
  /** `name version`, sorted. */
  readonly packages: readonly string[];
  /** RFC 3339. */
  readonly pulledAt: string | undefined;
  /** `kind:name`; undefined where that may not be known. */
  readonly pullers: readonly string[] | undefined;
}

/** Images that may be hit and that the answer cannot tell of. */
export interface UnknownImages {
  readonly unscanned: number;
  readonly incomplete: number;
  /** Where they are. */
  readonly repositories: readonly string[];
}

/** What a registry answered. */
export interface TriageAnswer {
  readonly images: readonly TriagedImage[];
  /** Packages whose versions could not be compared. */
  readonly unreadable: readonly string[];
  readonly unknown: UnknownImages;
  /** How many repositories were looked at: those that one may pull from. Undefined where an older registry does not tell. */
  readonly repositories: number | undefined;
  /** All pages as they came, for programs. */
  readonly items: readonly unknown[];
}

/** Images of one page; pages, and entries of a list within an image. */
const most = { page: 5000, pages: 1000, entries: 100_000 };
const pageBytes = 268_435_456;

/**
 * Asks a registry of this program which of its images have a flaw or versions of a package.
 *
 * @throws OciError, NetError for what the user decided
 */
export async function askTriage(
  client: RegistryClient,
  keychain: Keychain,
  query: string,
  signal: AbortSignal,
): Promise<TriageAnswer> {
  const credential = await keychain.find(client.registry, '', signal);
  // The API takes a password itself; a token of the token service would be for named repositories alone.
  const headers =
    credential?.kind === 'password'
      ? { authorization: basicAuthorization(credential.username, credential.password) }
      : {};
  const images: TriagedImage[] = [];
  const items: unknown[] = [];
  const unreadable = new Set<string>();
  let unknown: UnknownImages | undefined;
  let repositories: number | undefined;
  let last = '';
  for (let pages = 0; pages < most.pages; pages += 1) {
    const asked = new URLSearchParams({ query, limit: String(most.page), last });
    const { bytes } = await readWhole(async () => {
      const response = await client.request({
        method: 'GET',
        path: `../api/v1/triage?${asked.toString()}`,
        access: { repository: '', actions: 'catalog' },
        headers,
        limits: { maxBodyBytes: pageBytes },
        signal,
      });
      if (response.status === 200) return response;
      if (response.status === 404) {
        response.discard();
        throw notOurs(client);
      }
      throw await client.explain(response, { kind: 'list', name: `"${query}" in ${client.registry}` });
    });
    const page = asObject(parseJson(bytes, invalid), 'it', invalid);
    for (const item of asList(page['items'], 'items', most.page, invalid)) {
      items.push(item);
      images.push(imageOf(item));
    }
    for (const text of texts(page['unreadable'])) unreadable.add(text);
    unknown ??= unknownOf(page['unknown']);
    if (typeof page['repositories'] === 'number') repositories = page['repositories'];
    const next = asText(page['next']);
    if (next === undefined) return { images, unreadable: [...unreadable], unknown, repositories, items };
    if (next <= last) break;
    last = next;
  }
  throw new OciError('REGISTRY_PROTOCOL', `${client.registry} sends pages without end; update it`);
}

function notOurs({ registry }: RegistryClient): OciError {
  const sentence = `${registry} keeps no list of what is in its images; ask one that "seaworthy registry serve" serves`;
  return new OciError('REGISTRY_PROTOCOL', sentence);
}

function unknownOf(value: unknown): UnknownImages {
  const { unscanned, incomplete, repositories } = asObject(value, 'unknown', invalid);
  if (typeof unscanned !== 'number' || typeof incomplete !== 'number') throw invalid('images are not counted');
  return { unscanned, incomplete, repositories: texts(repositories) };
}

function imageOf(value: unknown): TriagedImage {
  const item = asObject(value, 'an image', invalid);
  const repository = asText(item['repository']);
  const digest = asText(item['digest']);
  if (repository === undefined || digest === undefined) throw invalid('an image has no name');
  const packages = asList(item['packages'], 'packages', most.entries, invalid).map((entry) => {
    const { name, version } = asObject(entry, 'a package', invalid);
    return `${asText(name) ?? ''} ${asText(version) ?? ''}`;
  });
  const pullers =
    item['pullers'] === undefined
      ? undefined
      : asList(item['pullers'], 'pullers', most.entries, invalid).map(
          (entry) => asText(asObject(entry, 'a puller', invalid)['who']) ?? '',
        );
  return { repository, digest, tags: texts(item['tags']), packages, pulledAt: asText(item['pulledAt']), pullers };
}

function texts(value: unknown): string[] {
  return asList(value, 'a list', most.entries, invalid).map((one) => asText(one) ?? '');
}

function invalid(what: string): OciError {
  return new OciError(
    'REGISTRY_PROTOCOL',
    `The registry's answer cannot be read: ${what}; ask one that this program serves`,
  );
}
