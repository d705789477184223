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

const head = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'signer', namespace: 'team' } };

/** The API server, with one Secret. */
function cluster(secret: object = { data }, token = 'shhh-token'): Api {
  return ({ method, path, headers }) => {
    if (headers['authorization'] !== `Bearer ${token}`) return { status: 401, json: { reason: 'Unauthorized' } };
    if (method === 'GET' && path === '/api/v1/namespaces/team/secrets/signer') return { json: { ...head, ...secret } };
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

test('k8s:// runs a credential plugin as other keys run programs, and reads several kubeconfigs', async () => {
  const exec = `exec: {apiVersion: client.authentication.k8s.io/v1, command: get-token, args: [a], interactiveMode: Never}`;
  const status = { token: 'shhh-token' };
  const credential = { apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status };
  const cases: readonly Parameters<typeof testKeyDeps>[1][] = [
    {
      ...at(kubeconfig({ user: exec })),
      exec: ({ program, args }) => {
        assert.deepEqual([program, ...args], ['get-token', 'a']);
        return Promise.resolve({ status: 0, output: Buffer.from(JSON.stringify(credential)) });
      },
    },
    {
      env: { KUBECONFIG: ['/one', '/none', '/two'].join(process.platform === 'win32' ? ';' : ':') },
      files: {
        '/one': 'current-context: there\nusers:\n- {name: u, user: {token: shhh-token}}',
        '/two': kubeconfig({ user: 'token: wrong' }),
      },
    },
  ];
  for (const rest of cases) {
    await using deps = await testKeyDeps({ [server]: cluster() }, rest);
    assert.equal((await loadVerificationKeys(reference, deps)).length, 1);
  }
});

test('k8s:// uses the service account of a pod', async () => {
  const { cert } = makeCertificate('cluster');
  const folder = '/var/run/secrets/kubernetes.io/serviceaccount';
  const files = { [`${folder}/token`]: 'shhh-token', [`${folder}/ca.crt`]: cert };
  const env = { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' };
  await using deps = await testKeyDeps({ '10.96.0.1': cluster() }, { env, files });
  assert.equal((await loadVerificationKeys(reference, deps)).length, 1);
  assert.deepEqual(
    deps.opened[0]?.tls?.authorities?.map(({ pem }) => pem),
    [Buffer.from(cert)],
  );
});

test('k8s:// says what is wrong, and no token', async () => {
  const found = (secret: object): Api => cluster(secret);
  for (const [api, rest, sentence] of [
    [cluster(), {}, /There is no kubeconfig, and this is no pod/],
    [cluster(), at('shhh: ['), /cannot be asked: /],
    [cluster(), at(kubeconfig({ user: 'token: "shhh\\r\\nx: y"' })), /cannot be asked: /],
    [cluster(undefined, 'other'), at(kubeconfig()), /cannot be asked: .*credentials/],
    [
      () => ({ status: 404, json: { kind: 'Status', reason: 'NotFound', code: 404 } }),
      at(kubeconfig()),
      /no Secret team\/signer/,
    ],
    [() => ({ text: '<html>shhh' }), at(kubeconfig()), /cannot be asked: /],
    [found({ data: {} }), at(kubeconfig()), /without cosign.pub/],
    [found({ data: { 'cosign.pub': '%' } }), at(kubeconfig()), /not base64/],
    [found({}), at(kubeconfig()), /without cosign.pub/],
    [found({ data: 'x' }), at(kubeconfig()), /not an object/],
  ] as const) {
    await using deps = await testKeyDeps({ [server]: api }, rest);
    await fails(loadVerificationKeys(reference, deps), sentence);
  }
});

test('createKeySecret() keeps a pair once, where nobody can change it', async () => {
  const kept: unknown[] = [];
  const api: Api = ({ method, path, body }) => {
    assert.equal(`${method} ${path}`, 'POST /api/v1/namespaces/team/secrets');
    if (kept.length > 0) return { status: 409, json: { kind: 'Status', reason: 'AlreadyExists', code: 409 } };
    kept.push(JSON.parse(body.toString()));
    return { status: 201, json: head };
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
      response.end(JSON.stringify(subject.CN === 'client' ? { ...head, data } : {}));
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
