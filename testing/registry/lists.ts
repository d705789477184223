import { readDocument } from './manifest-references.ts';
import type { RegistryStore } from './store.ts';

/** One page of a list, and the header that tells where the next one is. */
interface ListPage<Entry> {
  readonly page: readonly Entry[];
  readonly link?: string;
}

/** Cuts a page out of a list by `n` and `last` (distribution-spec, "Listing Tags"). */
export function listPage<Entry>(
  entries: readonly Entry[],
  url: URL,
  pageSize: number | undefined,
  nameOf: (entry: Entry) => string,
): ListPage<Entry> {
  const asked = Number(url.searchParams.get('n') ?? Number.POSITIVE_INFINITY);
  const size = Math.min(pageSize ?? Number.POSITIVE_INFINITY, asked);
  const last = url.searchParams.get('last');
  const start = last === null ? 0 : entries.findIndex((entry) => nameOf(entry) === last) + 1;
  const page = entries.slice(start, start + size);
  const end = page.at(-1);
  if (end === undefined || start + page.length >= entries.length) return { page };
  const next = new URL(url);
  next.searchParams.set('n', String(size));
  next.searchParams.set('last', nameOf(end));
  return { page, link: `<${next.pathname}${next.search}>; rel="next"` };
}

/**
 * Descriptors of the manifests that name a subject (distribution-spec, "Listing Referrers").
 *
 * @param hints whether they have types and annotations, which some registries leave out
 */
export function referrersOf(
  store: RegistryStore,
  repository: string,
  subject: string,
  artifactType: string | undefined,
  hints: boolean,
): readonly { readonly digest: string }[] {
  return store.manifests(repository).flatMap(({ mediaType, bytes, digest }) => {
    const document = readDocument(bytes);
    if (document?.subject?.digest !== subject) return [];
    const type = document.artifactType ?? document.config?.mediaType;
    if (artifactType !== undefined && artifactType !== type) return [];
    const { annotations } = document;
    return [
      {
        mediaType,
        digest,
        size: bytes.length,
        ...(type === undefined || !hints ? {} : { artifactType: type }),
        ...(annotations === undefined || !hints ? {} : { annotations }),
      },
    ];
  });
}
