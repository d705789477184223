import { OciError } from '../../oci/error.ts';
import { isNetError } from '../../net/error.ts';
import type { RegistryClient } from '../../oci/client/registry-client.ts';
import { upstreamLimits } from './limits.ts';
import type { UpstreamParts } from './surroundings.ts';
import type { Upstream } from './upstream.ts';

/**
 * Asks an upstream, again a few times when it did not answer. When it refuses who asks, it is asked once more with credentials that are
 * looked up anew: those of helpers end by themselves, and passwords change.
 *
 * @param retries none where something that was known before can be served
 */
export async function asked<Result>(
  { clock, closing }: UpstreamParts,
  upstream: Upstream,
  ask: (client: RegistryClient) => Promise<Result>,
  retries: number = upstreamLimits.retries,
): Promise<Result> {
  let isRenewed = false;
  for (let retry = 0; ; retry += 1) {
    try {
      return await ask(upstream.client);
    } catch (error) {
      if (!isRenewed && isRefused(error) && upstream.renewClient()) {
        isRenewed = true;
        continue;
      }
      if (retry >= retries || !mayPass(error)) throw error;
      await clock.sleep(upstreamLimits.retryPause * 2 ** retry, closing);
    }
  }
}

/** ECR says 403 of a token that is over. */
function isRefused(error: unknown): boolean {
  return error instanceof OciError && (error.code === 'UNAUTHORIZED' || error.code === 'DENIED');
}

/** Trouble that may be over in a moment. Who did not answer in time has cost long already. */
function mayPass(error: unknown): boolean {
  if (!(error instanceof OciError) || error.code !== 'REGISTRY_UNAVAILABLE') return false;
  return !isNetError(error.cause, 'TIMEOUT', 'TOO_SLOW', 'TLS', 'NOT_TLS', 'UNRESOLVED');
}
