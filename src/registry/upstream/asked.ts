import { OciError } from '../../oci/error.ts';
import { isNetError } from '../../net/error.ts';
import type { RegistryClient } from '../../oci/client/registry-client.ts';
import { upstreamLimits } from './limits.ts';
import type { UpstreamParts } from './surroundings.ts';
import type { Upstream } from './upstream.ts';

/**
 * Asks an upstream, again a few times when it did not answer. When it refuses who asks, credentials are looked up anew for the next
 * request.
 *
 * @param retries none where something that was known before can be served
 */
export async function asked<Result>(
  { clock, closing }: UpstreamParts,
  upstream: Upstream,
  ask: (client: RegistryClient) => Promise<Result>,
  retries: number = upstreamLimits.retries,
): Promise<Result> {
  for (let retry = 0; ; retry += 1) {
    try {
      return await ask(upstream.client);
    } catch (error) {
      if (error instanceof OciError && error.code === 'UNAUTHORIZED') upstream.renewClient();
      if (retry >= retries || !mayPass(error)) throw error;
      await clock.sleep(upstreamLimits.retryPause * 2 ** retry, closing);
    }
  }
}

/** Trouble that may be over in a moment. Who did not answer in time has cost long already. */
function mayPass(error: unknown): boolean {
  if (!(error instanceof OciError) || error.code !== 'REGISTRY_UNAVAILABLE') return false;
  return !isNetError(error.cause, 'TIMEOUT', 'TLS', 'NOT_TLS', 'UNRESOLVED');
}
