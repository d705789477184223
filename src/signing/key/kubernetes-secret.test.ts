import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { type Api, fails, testKeyDeps } from '../../../testing/key-deps.ts';
import { makeCertificate } from '../../../testing/registry/certificate.ts';
import { openNetwork } from '../../net/open-network.ts';
import { encryptPrivateKey } from './encrypted-key.ts';
import { parseKeyReference } from './key-reference.ts';
import { createKeySecret } from './kubernetes-secret.ts';
import { loadSigner, loadVerificationKeys } from './load-key.ts';
import { verifySignature } from './verify-signature.ts';

const message = Buffer.from('a message');
const reference = parseKeyReference('k8s://team/signer');
const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const pub = String(publicKey.export({ type: 'spki', format: 'pem' }));
const key = await encryptPrivateKey(privateKey, Buffer.from('secret word'));
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const data = { 'cosign.key': base64(key), 'cosign.pub': base64(pub), 'cosign.password': base64('secret word') };
const server = 'cluster.example:6443';

/** The API server, with one Secret. */
function cluster(secret: unknown = { data }, token = 'shhh-token'): Api {
  return ({ method, path, headers }) => {
    if (headers['authorization'] !== `Bearer ${token}`) return { status: 401, json: { reason: 'Unauthorized' } };
    if (method === 'GET' && path === '/api/v1/namespaces/team/secrets/signer') return { json: secret };
    return { status: 404, json: { reason: 'NotFound', message: 'shhh' } };
  };
}

interface User {
  readonly user?: string;
  readonly cluster?: string;
}

function kubeconfig({ user = 'token: shhh-token', cluster: more = '' }: User = {}): string {
  return `apiVersion: v1
kind: Config
current-context: there
contexts:
- name: other
  context: {cluster: nowhere, user: nobody}
- name: there
  context:
    cluster: c
    user: u
clusters:
- name: c
  cluster:
    server: https://${server}/
    ${more}
users:
- name: u
  user:
    ${user}
`;
}

const at = (text: string, more: Record<string, string> = {}): Parameters<typeof testKeyDeps>[1] => ({
  env: { HOME: '/home' },
  files: { '/home/.kube/config': text, ...more },
});

test('k8s:// loads keys from a Secret', async () => {
  await using deps = await testKeyDeps({ [server]: cluster() }, at(kubeconfig()));
  assert.deepEqual(
    (await loadVerificationKeys(reference, deps))[0].spki,
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const signer = await loadSigner(reference, deps);
  assert.ok(verifySignature(signer.publicKey, message, await signer.sign(message)));
  const open = await encryptPrivateKey(privateKey, Buffer.alloc(0));
  const { 'cosign.password': _, ...rest } = { ...data, 'cosign.key': base64(open) };
  await using empty = await testKeyDeps({ [server]: cluster({ data: rest }) }, at(kubeconfig()));
  await loadSigner(reference, empty);
});

test('k8s:// reads users and clusters in the ways of kubeconfigs', async () => {
  const { cert, key: certKey } = makeCertificate('someone');
  const exec = (more = ''): string =>
    `exec: {apiVersion: client.authentication.k8s.io/v1, command: get-token, args: [a, b], env: [{name: X, value: y}]${more}}`;
  const answer = (status: object): Buffer => Buffer.from(JSON.stringify({ kind: 'ExecCredential', status }));
  const cases: readonly (readonly [string, Parameters<typeof testKeyDeps>[1]])[] = [
    ['token file', at(kubeconfig({ user: 'tokenFile: token' }), { '/home/.kube/token': 'shhh-token\n' })],
    ['authority', at(kubeconfig({ cluster: `certificate-authority-data: ${base64(cert)}` }))],
    ['authority file', at(kubeconfig({ cluster: 'certificate-authority: ca.pem' }), { '/home/.kube/ca.pem': cert })],
    ['insecure', at(kubeconfig({ cluster: 'insecure-skip-tls-verify: true' }))],
    [
      'certificate',
      at(kubeconfig({ user: `{token: shhh-token, client-certificate-data: ${base64(cert)}, client-key: /k.pem}` }), {
        '/k.pem': certKey,
      }),
    ],
    [
      'program',
      {
        ...at(kubeconfig({ user: exec() })),
        exec: ({ program, args, env }) => {
          assert.deepEqual([program, ...args, env['X']], ['get-token', 'a', 'b', 'y']);
          const info = JSON.parse(env['KUBERNETES_EXEC_INFO'] ?? '') as object;
          assert.deepEqual(info, {
            apiVersion: 'client.authentication.k8s.io/v1',
            kind: 'ExecCredential',
            spec: { interactive: false },
          });
          return Promise.resolve({ status: 0, output: answer({ token: 'shhh-token' }) });
        },
      },
    ],
    [
      'several files',
      {
        env: { KUBECONFIG: ['/one', '/none', '/two'].join(process.platform === 'win32' ? ';' : ':') },
        files: {
          '/one': 'current-context: there\nusers:\n- {name: u, user: {token: shhh-token}}',
          '/two': kubeconfig({ user: 'token: wrong' }),
        },
      },
    ],
  ];
  const openedWith: Record<string, unknown> = {};
  for (const [name, rest] of cases) {
    await using deps = await testKeyDeps({ [server]: cluster() }, rest);
    assert.equal((await loadVerificationKeys(reference, deps)).length, 1, name);
    openedWith[name] = deps.opened[0]?.tls;
  }
  const authorities = [{ name: 'certificate-authority', pem: Buffer.from(cert) }];
  assert.deepEqual(openedWith['token file'], {});
  assert.deepEqual(openedWith['authority'], { authorities });
  assert.deepEqual(openedWith['authority file'], { authorities });
  assert.deepEqual(openedWith['insecure'], { insecureHosts: [server] });
  const client = { hosts: [server], certificate: Buffer.from(cert), key: Buffer.from(certKey) };
  assert.deepEqual(openedWith['certificate'], { clientCertificates: [client] });
});

test('k8s:// uses the service account of a pod', async () => {
  const { cert } = makeCertificate('cluster');
  const folder = '/var/run/secrets/kubernetes.io/serviceaccount';
  const files = { [`${folder}/token`]: 'shhh-token', [`${folder}/ca.crt`]: cert };
  const env = { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' };
  await using deps = await testKeyDeps({ '10.96.0.1': cluster() }, { env, files });
  assert.equal((await loadVerificationKeys(reference, deps)).length, 1);
  assert.deepEqual(deps.opened[0]?.tls, { authorities: [{ name: 'ca.crt', pem: Buffer.from(cert) }] });
});

test('k8s:// says what is wrong, and no token', async () => {
  const bad = { status: 0, output: Buffer.from('shhh') };
  for (const [api, rest, sentence] of [
    [cluster(), {}, /no kubeconfig with a current context, and this is no pod/],
    [cluster(), at('shhh: [', {}), /is no YAML/],
    [cluster(), at('['.repeat(500)), /is no YAML/],
    [cluster(), at('- shhh'), /not an object/],
    [cluster(), at('current-context: shhhere'.replace('shhhere', 'gone')), /no context gone/],
    [cluster(), at(kubeconfig({ user: 'token: "shhh\\r\\nx: y"' })), /characters that none has/],
    [cluster(), at(kubeconfig({ user: 'auth-provider: {name: gcp}' })), /auth-provider, which is not followed/],
    [cluster(), at(kubeconfig({ user: 'as: root' })), /uses as, which/],
    [cluster(), at(kubeconfig({ cluster: 'proxy-url: http://x' })), /proxy-url/],
    [cluster(), at(kubeconfig({ cluster: 'tls-server-name: x' })), /tls-server-name/],
    [cluster(), at(kubeconfig({ cluster: 'certificate-authority-data: "%"' })), /not base64/],
    [cluster(), at(kubeconfig({ user: 'client-key-data: aGk=' })), /certificate or key is missing/],
    [cluster(), at(kubeconfig({ user: 'exec: {apiVersion: v0, command: x}' })), /not spoken here/],
    [
      cluster(),
      {
        ...at(kubeconfig({ user: 'exec: {apiVersion: client.authentication.k8s.io/v1, command: x}' })),
        exec: () => Promise.resolve(bad),
      },
      /no ExecCredential/,
    ],
    [
      cluster(),
      {
        ...at(kubeconfig({ user: 'exec: {apiVersion: client.authentication.k8s.io/v1, command: x}' })),
        exec: () => Promise.resolve({ ...bad, status: 1 }),
      },
      /ended with status 1/,
    ],
    [cluster(undefined, 'other'), at(kubeconfig()), /status 401, Unauthorized; check the credentials/],
    [cluster({ data: {} }), at(kubeconfig()), /without cosign.pub/],
    [cluster({ data: { 'cosign.pub': '%' } }), at(kubeconfig()), /not base64/],
    [cluster({}), at(kubeconfig()), /without cosign.pub/],
    [cluster({ data: 'x' }), at(kubeconfig()), /not an object/],
  ] as const) {
    await using deps = await testKeyDeps({ [server]: api }, rest);
    await fails(loadVerificationKeys(reference, deps), sentence);
  }
});

test('createKeySecret() keeps a pair once, where nobody can change it', async () => {
  const kept: unknown[] = [];
  const api: Api = ({ method, path, body }) => {
    assert.equal(`${method} ${path}`, 'POST /api/v1/namespaces/team/secrets');
    if (kept.length > 0) return { status: 409, json: { reason: 'AlreadyExists' } };
    kept.push(JSON.parse(body.toString()));
    return { status: 201, json: {} };
  };
  assert.ok(reference.kind === 'kubernetes');
  const pair = { privateKey: key, publicKey: pub, password: Buffer.from('secret word') };
  await using deps = await testKeyDeps({ [server]: api }, at(kubeconfig()));
  await createKeySecret(reference, pair, deps);
  assert.deepEqual(kept, [
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'signer', namespace: 'team' },
      type: 'Opaque',
      immutable: true,
      data,
    },
  ]);
  await fails(createKeySecret(reference, pair, deps), /there already/);
});

test('k8s:// shows its certificate and trusts the cluster by its own authority, over real TLS', async () => {
  const authority = makeCertificate('authority');
  const leaf = makeCertificate('api', { issuer: authority, ips: ['127.0.0.1'] });
  const client = makeCertificate('client', { issuer: authority });
  const api = createServer(
    { cert: leaf.cert, key: leaf.key, ca: authority.cert, requestCert: true, rejectUnauthorized: true },
    (request, response) => {
      const { subject } = (request.socket as TLSSocket).getPeerCertificate();
      response.end(JSON.stringify(subject.CN === 'client' ? { data } : {}));
    },
  );
  await new Promise<void>((resolve) => {
    api.listen(0, '127.0.0.1', resolve);
  });
  try {
    const { port } = api.address() as AddressInfo;
    const text = kubeconfig({
      user: `{client-certificate-data: ${base64(client.cert)}, client-key-data: ${base64(client.key)}}`,
      cluster: `certificate-authority-data: ${base64(authority.cert)}`,
    }).replace(server, `127.0.0.1:${port}`);
    await using deps = await testKeyDeps({}, at(text));
    const real = { ...deps, openNetwork };
    assert.equal((await loadVerificationKeys(reference, real)).length, 1);
    await using strange = await testKeyDeps({}, at(text.replace(base64(authority.cert), base64(client.cert))));
    await fails(loadVerificationKeys(reference, { ...strange, openNetwork }), /cannot be asked/);
  } finally {
    api.close();
    api.closeAllConnections();
  }
});
