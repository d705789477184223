import { mapBounded } from '../../base/concurrency.ts';
import { isNetError, type NetErrorCode } from '../../net/error.ts';
import type { Network } from '../../net/network.ts';
import { egressLimits } from '../limits.ts';

/** What came of trying to reach a host. */
export type ProbeOutcome =
  /** Somebody answered, if only with a certificate. */
  | 'reached'
  /** Nobody did. */
  | 'closed'
  /** It was not tried. */
  | 'untried';

/** One try. */
export interface ProbeResult {
  /** Host, with its port where that is not 443. */
  readonly host: string;
  readonly family: 4 | 6;
  readonly outcome: ProbeOutcome;
  /** Why nobody answered: a code of the network, or the status of an answer. */
  readonly why: string;
}

/** Hosts that no node should reach: registries, where their bytes and tokens come from, and resolvers that speak HTTPS. */
export const probedHosts: readonly string[] = [
  'registry-1.docker.io',
  'auth.docker.io',
  'production.cloudflare.docker.com',
  'ghcr.io',
  'pkg-containers.githubusercontent.com',
  'quay.io',
  'cdn01.quay.io',
  'gcr.io',
  'registry.k8s.io',
  'storage.googleapis.com',
  'public.ecr.aws',
  'mcr.microsoft.com',
  'dns.google',
  'cloudflare-dns.com',
  '1.1.1.1',
  '[2606:4700:4700::1111]',
];

/** Failures of a connection that was never there. All others come from somebody. */
const silent: ReadonlySet<NetErrorCode> = new Set([
  'UNRESOLVED',
  'REFUSED',
  'DENIED',
  'UNREACHABLE',
  'TIMEOUT',
  'RESET',
]);
const untried: ReadonlySet<NetErrorCode> = new Set(['OFFLINE', 'PROXY', 'URL_INVALID', 'INSECURE']);

/**
 * Tries to reach hosts by TLS, over both families of addresses, once each and for a bounded time. Whatever answers counts as reached,
 * whether its certificate is good or not.
 *
 * @param network one without a proxy: what a proxy reaches says nothing about this node
 * @throws the signal's reason
 */
export async function probeHosts(
  hosts: readonly string[],
  network: Network,
  signal?: AbortSignal,
): Promise<readonly ProbeResult[]> {
  const tries = hosts.flatMap((host) => familiesOf(host).map((family) => ({ host, family })));
  return await mapBounded(tries, egressLimits.probeWidth, async ({ host, family }) => {
    return { host, family, ...(await probe(host, family, network, signal)) };
  });
}

function familiesOf(host: string): readonly (4 | 6)[] {
  if (host.startsWith('[')) return [6];
  return /^\d+(?:\.\d+){3}(?::\d+)?$/.test(host) ? [4] : [4, 6];
}

async function probe(
  host: string,
  family: 4 | 6,
  network: Network,
  signal: AbortSignal | undefined,
): Promise<Pick<ProbeResult, 'outcome' | 'why'>> {
  const { probeMs } = egressLimits;
  const limits = { connectMs: probeMs, headersMs: probeMs, maxBodyBytes: 65_536 };
  try {
    // OPTIONS is neither followed when it is redirected, nor sent twice here.
    const response = await network.request({
      method: 'OPTIONS',
      url: `https://${host}/v2/`,
      family,
      idempotent: false,
      limits,
      signal,
    });
    response.discard();
    return { outcome: 'reached', why: String(response.status) };
  } catch (error) {
    signal?.throwIfAborted();
    if (!isNetError(error)) throw error;
    const outcome = untried.has(error.code) ? 'untried' : silent.has(error.code) ? 'closed' : 'reached';
    return { outcome, why: error.code };
  }
}
