import type { CloudDeps } from './cloud-deps.ts';
import { CloudError } from './error.ts';
import { cloudLimits } from './limits.ts';
import type { RegistryToken } from './registry-token.ts';

/** Clouds whose registries take tokens of theirs. */
export type CloudName = 'amazon' | 'azure' | 'google';

/**
 * Gets the token for a registry; undefined for a host that is none of the cloud's. The signal ends the waiting, not the work, which
 * others may wait for.
 *
 * @throws CloudError, or the signal's reason
 */
export type FindRegistryToken = (host: string, signal: AbortSignal | undefined) => Promise<RegistryToken | undefined>;

/** A cloud with registries. */
export interface Cloud {
  readonly name: CloudName;
  /** Whether a host, with its port if it has one, is a registry of this cloud: the whole of it, and not what it begins or ends with. */
  owns(host: string): boolean;
  /** Begins to remember tokens. */
  open(deps: CloudDeps): FindRegistryToken;
}

/**
 * Does what getting one token takes, in a time of its own, since many may wait for it.
 *
 * @throws CloudError SERVICE_UNAVAILABLE when that is over
 */
export async function inTime<Value>(
  deps: CloudDeps,
  get: (own: CloudDeps & { readonly signal: AbortSignal }) => Promise<Value>,
  milliseconds: number = cloudLimits.tokenTime,
): Promise<Value> {
  const signal = AbortSignal.timeout(milliseconds);
  try {
    return await get({ ...deps, signal });
  } catch (cause) {
    if (!signal.aborted) throw cause;
    throw new CloudError('SERVICE_UNAVAILABLE', 'The cloud gave no token in time; try again in a moment', { cause });
  }
}
