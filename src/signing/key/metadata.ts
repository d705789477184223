import { NetError } from '../../net/error.ts';
import type { Network, NetworkRequest } from '../../net/network.ts';
import { SigningError } from '../error.ts';
import { askBytes } from './ask-json.ts';
import type { KeyDeps } from './key-deps.ts';
import { keyLimits } from './limits.ts';

/** A metadata service of a cloud, which answers on a link of this machine alone, without TLS and past any proxy. */
export interface Metadata extends Network {
  /** The body of a success; undefined when nobody is there, or has it not. */
  find(request: NetworkRequest): Promise<Buffer | undefined>;
}

/** Opens the way to one metadata host. What it says is waited for a moment only: most machines have none. */
export function openMetadata(deps: KeyDeps, hostname: string): Metadata {
  const network = deps.openNetwork({ plainHttpHosts: [hostname], proxy: {} });
  const limits = { connectMs: keyLimits.metadataMs, headersMs: 5 * keyLimits.metadataMs };
  return {
    clock: network.clock,
    plainHttp: (host) => network.plainHttp(host),
    request: (request) => network.request({ ...request, limits: { ...limits, ...request.limits } }),
    async find(request) {
      try {
        // Sent once: where there is no such service, each try costs its time.
        const once = { idempotent: false, ...request, limits: { ...limits, ...request.limits } };
        const { status, bytes } = await askBytes(network, once, 'The metadata service', request.signal);
        return status === 200 ? bytes : undefined;
      } catch (error) {
        if (error instanceof SigningError && error.cause instanceof NetError) return undefined;
        throw error;
      }
    },
    [Symbol.asyncDispose]: () => network[Symbol.asyncDispose](),
  };
}
