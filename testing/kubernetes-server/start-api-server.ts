import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { Agent } from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { makeCertificate, type TestCertificate } from '../registry/certificate.ts';
import { needsProgram } from '../registry/find-program.ts';
import { type ApiAnswer, type ApiRequest, askApi } from './ask.ts';
import { folderOfProcess } from './folder-of-process.ts';
import { kubeconfigText } from './kubeconfig.ts';
import { startServer } from './server-process.ts';

/** A real kube-apiserver over a real etcd, on loopback. Nothing else of a cluster is there: no nodes, and no controllers. */
export interface ApiServer extends AsyncDisposable {
  /** `https://127.0.0.1:port` */
  readonly url: string;
  /** The authority that signed the server's certificate, PEM. */
  readonly caPem: string;
  /** Of a member of `system:masters`, who may do everything. */
  readonly token: string;
  /** The same user's certificate for clients. */
  readonly client: TestCertificate;
  /** The text of a kubeconfig with that certificate. */
  readonly kubeconfig: string;
  /** Asks as that user. */
  ask(request: ApiRequest): Promise<ApiAnswer>;
  /** What the API server wrote until now. */
  log(): Promise<string>;
}

/** Options for a test that starts an API server: skips with the reason where a program is absent. */
export function needsApiServer(): { skip: string | false } {
  return needsProgram('etcd', 'kube-apiserver', 'setpriv');
}

/**
 * Starts both, each known to nobody else: etcd on a socket in a folder of theirs, the API server on a free port of loopback with a
 * certificate made here. Authorization is RBAC, and all admission plugins that are on by default are on, webhooks and
 * ServiceAccount among them. So a Pod needs the service account of its namespace, which a controller would make in a cluster:
 * `makeNamespace()` does. Nor does a controller fill the roles that are made of others, so `edit` and `view` allow nothing here:
 * bind `system:aggregate-to-edit` and `system:aggregate-to-view`.
 *
 * @param args more arguments of kube-apiserver, such as `--audit-log-path=…`
 * @throws Error with their last words when one of them does not come up
 */
export async function startApiServer(args: readonly string[] = []): Promise<ApiServer> {
  await using cleanup = new AsyncDisposableStack();
  const folder = cleanup.use(await folderOfProcess('kubernetes')).path;
  const socket = join(folder, 'etcd.sock');
  cleanup.use(
    await startServer({
      program: 'etcd',
      folder,
      args: [
        ['--data-dir', join(folder, 'etcd'), '--unsafe-no-fsync', '--log-level', 'warn'],
        ['--listen-client-urls', `unix://${socket}`, '--listen-peer-urls', `unix://${join(folder, 'peer.sock')}`],
        // It takes no sockets here. Nobody asks for these addresses.
        ['--advertise-client-urls', 'http://127.0.0.1:0'],
      ].flat(),
      isReady: () => accepts(socket),
    }),
  );

  const authority = makeCertificate('Kubernetes test authority');
  const names = ['localhost', 'kubernetes', 'kubernetes.default.svc'];
  const tls = makeCertificate('kube-apiserver', { issuer: authority, dnsNames: names, ips: ['127.0.0.1'] });
  const client = makeCertificate('admin', { issuer: authority, organizations: ['system:masters'] });
  const token = randomBytes(16).toString('hex');
  const accounts = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const files = {
    'ca.crt': authority.cert,
    'tls.crt': tls.cert,
    'tls.key': tls.key,
    'accounts.key': String(accounts.privateKey.export({ type: 'pkcs8', format: 'pem' })),
    'accounts.pub': String(accounts.publicKey.export({ type: 'spki', format: 'pem' })),
    'tokens.csv': `${token},admin,admin,system:masters\n`,
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text, { mode: 0o600 });
  const port = await freePort();
  const url = `https://127.0.0.1:${port}`;
  const agent = cleanup.adopt(
    new Agent({ ca: authority.cert, cert: client.cert, key: client.key, keepAlive: true }),
    (open) => open.destroy(),
  );
  const ask = (request: ApiRequest): Promise<ApiAnswer> => askApi({ url, agent }, request);
  const flags = {
    'etcd-servers': `unix://${socket}`,
    'bind-address': '127.0.0.1',
    'secure-port': port,
    'advertise-address': '127.0.0.1',
    // Addresses of loopback are no endpoints for a Service.
    'endpoint-reconciler-type': 'none',
    'cert-dir': folder,
    'tls-cert-file': join(folder, 'tls.crt'),
    'tls-private-key-file': join(folder, 'tls.key'),
    'client-ca-file': join(folder, 'ca.crt'),
    'token-auth-file': join(folder, 'tokens.csv'),
    'service-account-issuer': 'https://kubernetes.default.svc',
    'service-account-key-file': join(folder, 'accounts.pub'),
    'service-account-signing-key-file': join(folder, 'accounts.key'),
    'service-cluster-ip-range': '10.0.0.0/24',
    'authorization-mode': 'RBAC',
    'allow-privileged': true,
  };
  const server = cleanup.use(
    await startServer({
      program: 'kube-apiserver',
      folder,
      args: [...Object.entries(flags).map(([name, value]) => `--${name}=${value}`), ...args],
      isReady: async () => (await ask({ method: 'GET', path: '/readyz' })).status === 200,
    }),
  );
  const kept = cleanup.move();
  return {
    url,
    caPem: authority.cert,
    token,
    client,
    kubeconfig: kubeconfigText({ url, caPem: authority.cert, user: client }),
    ask,
    log: () => server.log(),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

async function accepts(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
