import type { NetworkResponse } from '../../net/network.ts';
import { OciError } from '../error.ts';
import type { Access } from './authorizer.ts';
import { readWhole } from './fetch-manifest.ts';
import { clientLimits } from './limits.ts';
import { nextPage } from './next-page.ts';
import type { RegistryClient } from './registry-client.ts';

/** A list that comes in pages. */
export interface PagedList<Entry> {
  /** Below `/v2/`. */
  readonly path: string;
  readonly access: Access;
  readonly accept: string;
  /** What a person calls it. */
  readonly name: string;
  readonly maxEntries: number;
  /** Reads one page. @throws OciError */
  parse(bytes: Buffer, mediaType: string): readonly Entry[];
  /** Whether an answer says that there is no such list. It is asked about the first page alone. */
  isAbsent(response: NetworkResponse): boolean;
  /** Is told what such an answer said. */
  onAbsent?(bytes: Buffer): void;
}

/**
 * Reads a list to its end (distribution-spec, "Listing Tags", "Listing Referrers"). Pages, entries and bytes are
 * bounded, and a page that was read already is not followed again; a list that cannot be read whole is an error.
 *
 * @returns undefined when there is no such list
 * @throws OciError, NetError for what the user decided, the signal's reason
 */
export async function readPages<Entry>(
  client: RegistryClient,
  list: PagedList<Entry>,
  signal: AbortSignal | undefined,
): Promise<Entry[] | undefined> {
  const { access, accept, name } = list;
  const entries: Entry[] = [];
  const seen = new Set<string>();
  let path: string | URL = list.path;
  let length = 0;
  for (let pages = 1; ; pages += 1) {
    const asked = path;
    let absent = false;
    const { response, bytes } = await readWhole(async () => {
      const response = await client.request({
        method: 'GET',
        path: asked,
        access,
        headers: { accept },
        limits: { maxBodyBytes: clientLimits.pageBytes },
        signal,
      });
      absent = pages === 1 && response.status !== 200 && list.isAbsent(response);
      if (response.status === 200) return response;
      if (!absent) throw await client.explain(response, { kind: 'list', name });
      return response;
    });
    if (absent) {
      list.onAbsent?.(bytes);
      return undefined;
    }
    length += bytes.length;
    for (const entry of list.parse(bytes, response.headers.get('content-type') ?? '')) entries.push(entry);
    if (entries.length > list.maxEntries || length > clientLimits.listBytes) throw endless(list, client);
    seen.add(response.url.href);
    const next = nextPage(response);
    if (next === undefined) return entries;
    if (seen.has(next.href)) {
      throw new OciError('REGISTRY_PROTOCOL', `${client.registry} sends the same page of ${name} again and again`);
    }
    if (pages === clientLimits.listPages) throw endless(list, client);
    path = next;
  }
}

function endless(
  { name, maxEntries }: { readonly name: string; readonly maxEntries: number },
  { registry }: RegistryClient,
): OciError {
  const sentence = `${registry} sends more of ${name} than is read (${maxEntries} entries, ${clientLimits.listPages} pages)`;
  return new OciError('LIMIT_EXCEEDED', sentence);
}
