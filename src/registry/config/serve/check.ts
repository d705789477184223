import { isLoopback, isUnspecified } from '../../../net/host.ts';
import { loadTls } from '../../http/tls.ts';
import { RegistryTlsError } from '../../http/tls-error.ts';
import { isOpen } from '../auth/model.ts';
import type { ConfigCheck } from '../config-check.ts';

const plainHttp: ConfigCheck = {
  needs: ['listen', 'tls', 'accept'],
  find({ listen, tls, accept }) {
    if (isLoopback(listen.host) || tls !== undefined || accept.includes('plain-http')) return [];
    const sentence =
      'can be reached from the network without TLS, so that passwords and images can be read and changed on the way; ' +
      'add tls, or accept: [plain-http] where something before it does that';
    return [{ path: ['registry', 'listen'], sentence }];
  },
};

const noAuth: ConfigCheck = {
  needs: ['listen', 'auth', 'accept'],
  find({ listen, auth, accept }) {
    if (isLoopback(listen.host) || !isOpen(auth) || accept.includes('no-auth')) return [];
    const sentence =
      'can be reached from the network, and whoever reaches it may do everything; ' +
      'add auth and permissions, or accept: [no-auth] where that is meant';
    return [{ path: ['registry', 'listen'], sentence }];
  },
};

const certificates: ConfigCheck = {
  needs: ['tls'],
  servingOnly: true,
  async find({ tls }, { now }) {
    if (tls === undefined) return [];
    try {
      await loadTls(tls, now);
      return [];
    } catch (error) {
      if (!(error instanceof RegistryTlsError)) throw error;
      return [{ path: ['registry', 'tls', error.role], sentence: `cannot be used: ${error.message}` }];
    }
  },
};

const revocations: ConfigCheck = {
  needs: ['tls'],
  find({ tls }) {
    if (tls?.clientCrlFile === undefined || tls.clientCaFile !== undefined) return [];
    return [
      {
        path: ['registry', 'tls', 'clientCrl'],
        sentence: 'says what authorities revoked, but there are none; add clientCa',
      },
    ];
  },
};

const ownAddress: ConfigCheck = {
  needs: ['url'],
  find({ url }) {
    if (url === undefined || new URL(url).origin === url) return [];
    const sentence = 'has a path, but clients look for a registry at the top of its host; remove what follows the host';
    return [{ path: ['registry', 'url'], sentence }];
  },
};

const tokenAddress: ConfigCheck = {
  needs: ['listen', 'auth', 'url'],
  find({ listen, auth, url }) {
    if (auth.token === undefined || url !== undefined || !isUnspecified(listen.host)) return [];
    const sentence =
      'is missing: clients are sent there for tokens, and cannot be sent to every address that is listened at';
    return [{ path: ['registry', 'url'], sentence }];
  },
};

const metricsAddress: ConfigCheck = {
  needs: ['listen', 'metrics'],
  find({ listen, metrics }) {
    if (metrics === undefined || metrics.listen.port === 0) return [];
    if (metrics.listen.port !== listen.port || metrics.listen.host !== listen.host) return [];
    return [
      { path: ['registry', 'metrics', 'listen'], sentence: 'is where the registry itself listens; choose another' },
    ];
  },
};

const collector: ConfigCheck = {
  needs: ['tracing', 'accept'],
  find({ tracing, accept }) {
    if (tracing === undefined) return [];
    const { protocol, hostname } = new URL(tracing.endpoint);
    if (protocol === 'https:' || isLoopback(hostname) || accept.includes('plain-http')) return [];
    const sentence =
      'would send names of repositories and addresses of clients in the clear; write https://, or accept: [plain-http] under registry where ' +
      'something protects the way, and name the host in plain-http';
    return [{ path: ['registry', 'tracing', 'endpoint'], sentence }];
  },
};

/** Checks of how the registry is served. */
export const serveChecks: readonly ConfigCheck[] = [
  plainHttp,
  noAuth,
  certificates,
  revocations,
  ownAddress,
  tokenAddress,
  metricsAddress,
  collector,
];
