import type { Descriptor } from '../descriptor.ts';
import type { RegistryClient } from './registry-client.ts';

/**
 * Asks whether a registry would send a blob to whoever asks now, without fetching it (distribution-spec, "Checking if content exists in
 * the registry").
 *
 * @returns false when the answer does not tell: HEAD is not served, another size is named, or a storage that it leads to, whose
 * addresses are often signed for GET alone, refuses it
 * @throws OciError BLOB_UNKNOWN when it says that there is none, UNAUTHORIZED, DENIED, RATE_LIMITED, REGISTRY_UNAVAILABLE
 */
export async function headBlob(
  client: RegistryClient,
  repository: string,
  { digest, size }: Pick<Descriptor, 'digest' | 'size'>,
  signal?: AbortSignal,
): Promise<boolean> {
  const path = `${repository}/blobs/${digest}`;
  const response = await client.request({
    method: 'HEAD',
    path,
    access: { repository, actions: 'pull' },
    headers: { accept: '*/*' },
    signal,
  });
  response.discard();
  const { status, headers, url } = response;
  if (status === 200) {
    const length = headers.get('content-length');
    return length === undefined || Number(length) === size;
  }
  const isOwn = url.pathname === `/v2/${path}`;
  const tells = status === 401 || status === 403 || status === 404 || status === 408 || status === 429 || status >= 500;
  if (!isOwn || !tells || status === 501) return false;
  throw await client.explain(response, { kind: 'blob', name: digest });
}
