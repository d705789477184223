import { isNetError } from '../net/error.ts';
import type { NetworkRequest } from '../net/network.ts';
import { askBytes } from './ask-json.ts';
import type { CloudDeps } from './cloud-deps.ts';
import { CloudError } from './error.ts';
import { cloudLimits } from './limits.ts';

/** A metadata service of a cloud, which answers on a link of this machine alone, without TLS and past any proxy. */
export interface Metadata extends AsyncDisposable {
  /**
   * What a success holds; undefined when nobody is there, or has it not.
   *
   * @throws CloudError SERVICE_UNAVAILABLE when somebody is there who cannot say it now
   */
  find(request: NetworkRequest): Promise<MetadataAnswer | undefined>;
}

/** What a metadata service said. */
export interface MetadataAnswer {
  readonly bytes: Buffer;
  readonly headers: ReadonlyMap<string, string>;
}

const service = 'The metadata service';

/**
 * Opens the way to one metadata host, and to no other without TLS. What it says is waited for a moment only: most machines have none.
 * Nobody is followed elsewhere: whoever answers there in a cloud's place must not choose who else is asked.
 */
export function openMetadata(deps: CloudDeps, hostname: string): Metadata {
  const network = deps.openNetwork({ plainHttpHosts: [hostname], proxy: {} });
  const times = { connectMs: cloudLimits.metadataConnect, headersMs: cloudLimits.metadataAnswer };
  return {
    async find(request) {
      // Sent once: where there is no such service, each try costs its time.
      const limits = { ...times, ...request.limits };
      const once = { ...request, idempotent: false, followRedirects: false, limits };
      const { status, bytes, headers } = await askBytes(network, once, service, request.signal).catch(
        (error: unknown) => {
          if (error instanceof CloudError && isNobody(error.cause)) return { ...nobody, status: 404 };
          throw error;
        },
      );
      if (status === 200) return { bytes, headers };
      if (status < 500 && status !== 429) return undefined;
      throw new CloudError('SERVICE_UNAVAILABLE', `${service} answered with status ${status}; try again in a moment`);
    },
    [Symbol.asyncDispose]: () => network[Symbol.asyncDispose](),
  };
}

const nobody: MetadataAnswer = { bytes: Buffer.alloc(0), headers: new Map() };

function isNobody(cause: unknown): boolean {
  return isNetError(cause, 'UNRESOLVED', 'REFUSED', 'UNREACHABLE', 'TIMEOUT', 'OFFLINE', 'DENIED');
}
