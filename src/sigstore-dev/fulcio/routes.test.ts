import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, verify, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { readText } from '../../codec/der/primitives.ts';
import { readDer } from '../../codec/der/read.ts';
import { formatPem, parsePem } from '../../codec/pem/pem.ts';
import { extensionsOf, tbsWithout } from '../../../testing/certificate-parts.ts';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { findProgram, needsProgram } from '../../../testing/registry/find-program.ts';
import { certify, post, startTestSigstore } from '../../../testing/sigstore.ts';
import { makeDevKey, signWith } from '../key/dev-key.ts';
import type { IssuerKind } from '../oidc/issuer-kind.ts';
import type { Sigstore } from '../sigstore.ts';

const fulcio = '1.3.6.1.4.1.57264.1';
const sctOid = '1.3.6.1.4.1.11129.2.4.2';
const commit = '0123456789abcdef0123456789abcdef01234567';

// oxlint-disable-next-line typescript/no-explicit-any
type Json = any;

/** Fulcio's own extensions: the bare text of the first six, the UTF8String of the rest. */
function fulcioExtensions(leaf: Buffer): Record<string, string> {
  const own = [...extensionsOf(leaf)].filter(([oid]) => oid.startsWith(`${fulcio}.`));
  return Object.fromEntries(
    own.map(([oid, { critical, value }]) => {
      assert.equal(critical, false);
      const number = Number(oid.slice(fulcio.length + 1));
      return [number, number <= 6 ? value.toString() : readText(readDer(value))];
    }),
  );
}

const workflow = 'https://github.com/example/app/.github/workflows/release.yml@refs/heads/main';
const pipeline = 'https://gitlab.com/example/app//.gitlab-ci.yml@refs/heads/main';

/** What each kind of token comes to: the name, and the extensions besides issuer and subject. */
const identities: Readonly<Record<IssuerKind, readonly [name: string, extensions: Record<string, string>]>> = {
  email: ['email:dev@example.com', {}],
  kubernetes: ['URI:https://kubernetes.io/namespaces/build/serviceaccounts/signer', {}],
  spiffe: ['URI:spiffe://example.com/ns/build/sa/signer', {}],
  uri: ['URI:https://example.com/users/1', {}],
  username: ['othername:<unsupported>', {}],
  github: [
    `URI:${workflow}`,
    {
      2: 'push',
      3: commit,
      4: 'Release',
      5: 'example/app',
      6: 'refs/heads/main',
      9: workflow,
      10: commit,
      11: 'github-hosted',
      12: 'https://github.com/example/app',
      13: commit,
      14: 'refs/heads/main',
      15: '1001',
      16: 'https://github.com/example',
      17: '2002',
      18: workflow,
      19: commit,
      20: 'push',
      21: 'https://github.com/example/app/actions/runs/3003/attempts/1',
      22: 'public',
    },
  ],
  gitlab: [
    `URI:${pipeline}`,
    {
      9: pipeline,
      10: commit,
      11: 'gitlab-hosted',
      12: 'https://gitlab.com/example/app',
      13: commit,
      14: 'refs/heads/main',
      15: '20',
      16: 'https://gitlab.com/example',
      17: '72',
      18: pipeline,
      19: commit,
      20: 'push',
      21: 'https://gitlab.com/example/app/-/jobs/4004',
      22: 'public',
    },
  ],
  buildkite: [
    'URI:https://buildkite.com/example/app',
    {
      11: 'buildkite-hosted',
      13: commit,
      20: 'webhook',
      21: 'https://buildkite.com/example/app/builds/9#0184990a-477b-4fa8-9968-496074483cee',
    },
  ],
};

test('each kind of issuer has its kind of name, and Fulcio writes down what the token says', async () => {
  await using sigstore = await startTestSigstore();
  for (const [kind, [name, extensions]] of Object.entries(identities) as [IssuerKind, [string, object]][]) {
    const { chain, key } = await certify(sigstore, { issuer: kind });
    const [leaf, intermediate, root] = chain as [Buffer, Buffer, Buffer];
    const certificate = new X509Certificate(leaf);
    assert.equal(certificate.subjectAltName, name, kind);
    assert.equal(certificate.subject, undefined);
    assert.ok(certificate.publicKey.equals(key.publicKey));
    assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.3']);
    assert.equal(certificate.ca, false);
    assert.equal(certificate.validToDate.getTime() - certificate.validFromDate.getTime(), 600_000);
    assert.ok(certificate.checkIssued(new X509Certificate(intermediate)));
    assert.ok(certificate.verify(new X509Certificate(intermediate).publicKey));
    assert.ok(new X509Certificate(intermediate).verify(new X509Certificate(root).publicKey));
    const { 1: issuer, 8: issuerV2, 24: subject, ...rest } = fulcioExtensions(leaf);
    assert.deepEqual([issuer, issuerV2], [sigstore.issuers[kind], sigstore.issuers[kind]]);
    assert.ok(subject);
    assert.deepEqual(rest, extensions, kind);
    assert.equal(extensionsOf(leaf).get('2.5.29.17')?.critical, true);
  }
  const { chain } = await certify(sigstore, { issuer: 'github', claims: { environment: 'production' } });
  assert.equal(fulcioExtensions(chain[0] as Buffer)['23'], 'production');
  const user = await certify(sigstore, { issuer: 'username' });
  const names =
    extensionsOf(user.chain[0] as Buffer)
      .get('2.5.29.17')
      ?.value.toString('latin1') ?? '';
  assert.ok(names.endsWith('sailor!example.com'));
});

test('issuers may have the names of real ones', async () => {
  const github = 'https://token.actions.githubusercontent.com';
  await using sigstore = await startTestSigstore({ issuerNames: { github } });
  const { chain } = await certify(sigstore, { issuer: 'github' });
  assert.equal(fulcioExtensions(chain[0] as Buffer)['8'], github);
});

/** What the certificate log signed, put together from the certificate alone (RFC 6962, 3.2). */
function promisedOf(leaf: Buffer, issuer: Buffer): { id: Buffer; signed: Buffer; signature: Buffer } {
  const list = readDer(extensionsOf(leaf).get(sctOid)?.value as Buffer).content;
  assert.equal(list.readUInt16BE(0), list.length - 2);
  assert.equal(list.readUInt16BE(2), list.length - 4);
  const sct = list.subarray(4);
  assert.deepEqual([sct[0], sct.readUInt16BE(41), sct[43], sct[44]], [0, 0, 4, 3]);
  assert.equal(sct.readUInt16BE(45), sct.length - 47);
  const tbs = tbsWithout(leaf, sctOid);
  const spki = new X509Certificate(issuer).publicKey.export({ type: 'spki', format: 'der' });
  const length = Buffer.from([tbs.length >> 16, (tbs.length >> 8) & 0xff, tbs.length & 0xff]);
  const signed = Buffer.concat([
    Buffer.from([0, 0]),
    sct.subarray(33, 41),
    Buffer.from([0, 1]),
    createHash('sha256').update(spki).digest(),
    length,
    tbs,
    Buffer.from([0, 0]),
  ]);
  return { id: sct.subarray(1, 33), signed, signature: sct.subarray(47) };
}

function ctKey(sigstore: Sigstore): { id: Buffer; key: Buffer } {
  const [log] = (sigstore.trustedRoot as Json).ctlogs;
  return { id: Buffer.from(log.logId.keyId, 'base64'), key: Buffer.from(log.publicKey.rawBytes, 'base64') };
}

test('the certificate log promised what the certificate is without the promise', async () => {
  await using sigstore = await startTestSigstore();
  const { chain } = await certify(sigstore);
  const { id, signed, signature } = promisedOf(chain[0] as Buffer, chain[1] as Buffer);
  const log = ctKey(sigstore);
  assert.deepEqual(id, log.id);
  const key = { key: log.key, type: 'spki', format: 'der' } as const;
  assert.ok(verify('sha256', signed, key, signature));
  sigstore.faults.add({ kind: 'spoil', what: 'fulcio.wrong-sct', times: 1 });
  const spoilt = await certify(sigstore);
  const wrong = promisedOf(spoilt.chain[0] as Buffer, spoilt.chain[1] as Buffer);
  assert.ok(!verify('sha256', wrong.signed, key, wrong.signature));
});

async function ask(sigstore: Sigstore, version: 1 | 2, body: unknown, token?: string): Promise<Response> {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
  const url = `${sigstore.url}/api/v${version}/signingCert`;
  return fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
}

test('v1 answers with PEM, and with the promise in a header where it is not in the certificate', async () => {
  await using sigstore = await startTestSigstore({ sct: 'detached' });
  const key = makeDevKey('ecdsa-p256');
  const proof = signWith(key, Buffer.from('dev@example.com')).toString('base64');
  const body = { publicKey: { content: key.spki.toString('base64'), algorithm: 'ecdsa' }, signedEmailAddress: proof };
  const response = await ask(sigstore, 1, body, sigstore.token());
  assert.deepEqual([response.status, response.headers.get('content-type')], [201, 'application/pem-certificate-chain']);
  const chain = parsePem(await response.text());
  assert.equal(chain.length, 3);
  const leaf = chain[0]?.bytes as Buffer;
  assert.equal(extensionsOf(leaf).has(sctOid), false);
  const sct = JSON.parse(Buffer.from(response.headers.get('sct') as string, 'base64').toString());
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(sct.timestamp));
  const length = Buffer.from([0, leaf.length >> 8, leaf.length & 0xff]);
  const signed = Buffer.concat([Buffer.from([0, 0]), time, Buffer.from([0, 0]), length, leaf, Buffer.from([0, 0])]);
  const log = ctKey(sigstore);
  const signature = Buffer.from(sct.signature, 'base64').subarray(4);
  assert.ok(verify('sha256', signed, { key: log.key, type: 'spki', format: 'der' }, signature));
  const { certificates } = ((await (await fetch(`${sigstore.url}/api/v2/trustBundle`)).json()) as Json).chains[0];
  assert.equal(await (await fetch(`${sigstore.url}/api/v1/rootCert`)).text(), certificates.join(''));
  assert.equal(certificates.join(''), chain.slice(1).map(formatPem).join(''));
  const { issuers } = (await (await fetch(`${sigstore.url}/api/v2/configuration`)).json()) as Json;
  assert.equal(issuers.length, 8);
});

test('a certificate needs a token that an issuer gave out for Fulcio, and its time', async () => {
  let now = new Date();
  await using sigstore = await startTestSigstore({ now: () => now });
  const key = makeDevKey('ecdsa-p256');
  const request = (token: string, challenge = 'dev@example.com', signer = key): Promise<Response> => {
    const publicKey = { algorithm: 'ECDSA', content: formatPem({ label: 'PUBLIC KEY', bytes: key.spki }) };
    const proofOfPossession = signWith(signer, Buffer.from(challenge)).toString('base64');
    return ask(sigstore, 2, { publicKeyRequest: { publicKey, proofOfPossession } }, token);
  };
  const good = sigstore.token();
  assert.equal((await request(good)).status, 200);
  const [header, payload] = good.split('.') as [string, string];
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
  const forged = Buffer.from(JSON.stringify({ ...claims, email: 'other@example.com' })).toString('base64url');
  const noAlgorithm = Buffer.from('{"alg":"none"}').toString('base64url');
  for (const [what, token] of [
    ['no token', 'x'],
    ['changed claims', `${header}.${forged}.${good.split('.')[2]}`],
    ['no signature', `${noAlgorithm}.${payload}.`],
    ['another issuer', sigstore.token('email', { iss: 'https://example.com' })],
    ["another issuer's name", sigstore.token('github', { iss: sigstore.issuers.email, email_verified: true })],
    ['another audience', sigstore.token('email', { aud: 'other' })],
    ['over', sigstore.token('email', { exp: Math.floor(now.getTime() / 1000) })],
    ['not yet', sigstore.token('email', { nbf: Math.floor(now.getTime() / 1000) + 3600 })],
    ['no expiry', sigstore.token('email', { exp: undefined })],
    ['unverified address', sigstore.token('email', { email_verified: false })],
  ] as const) {
    const response = await request(token);
    assert.equal(response.status, 401, what);
    assert.equal(((await response.json()) as Json).code, 16, what);
  }
  assert.equal((await request(sigstore.token('email', { aud: ['other', 'sigstore'] }))).status, 200);
  assert.equal((await request(good, 'other@example.com')).status, 400);
  assert.equal((await request(good, 'dev@example.com', makeDevKey('ecdsa-p256'))).status, 400);
  for (const [kind, wrong, challenge] of [
    ['spiffe', { sub: 'spiffe://other.example/x' }, 'spiffe://other.example/x'],
    ['uri', { sub: 'https://other.example/x' }, 'https://other.example/x'],
    ['username', { sub: 'a@b' }, 'a@b'],
    ['github', { repository: undefined }, 'repo:example/app:ref:refs/heads/main'],
    ['email', { email: 'nobody' }, 'nobody'],
  ] as const) {
    assert.equal((await request(sigstore.token(kind, wrong), challenge)).status, 400, kind);
  }
  now = new Date(now.getTime() + 601_000);
  assert.equal((await request(good)).status, 401);
});

test('requests that cannot be read are refused', async () => {
  await using sigstore = await startTestSigstore();
  const token = sigstore.token();
  for (const body of [{}, [], 'x', { publicKeyRequest: {} }, { certificateSigningRequest: 'AAAA' }]) {
    assert.equal((await ask(sigstore, 2, body, token)).status, 400, JSON.stringify(body));
  }
  assert.equal((await ask(sigstore, 2, {})).status, 401);
  assert.equal((await ask(sigstore, 1, { publicKey: { content: 'AAAA' } }, token)).status, 400);
});

test('OpenSSL makes requests that are taken, and verifies what comes of them', needsProgram('openssl'), async () => {
  await using sigstore = await startTestSigstore();
  using folder = temporaryDirectory();
  const openssl = (...args: string[]): string =>
    execFileSync(findProgram('openssl') as string, args, { cwd: folder.path, stdio: 'pipe' }).toString();
  for (const [algorithm, option] of [
    ['EC', 'ec_paramgen_curve:P-256'],
    ['EC', 'ec_paramgen_curve:P-384'],
    ['RSA', 'rsa_keygen_bits:2048'],
    ['ED25519', undefined],
  ] as const) {
    openssl(
      'genpkey',
      '-algorithm',
      algorithm,
      ...(option === undefined ? [] : ['-pkeyopt', option]),
      '-out',
      'key.pem',
    );
    const csr = openssl('req', '-new', '-key', 'key.pem', '-subj', '/CN=ignored');
    const certificateSigningRequest = Buffer.from(csr).toString('base64');
    const credentials = { oidcIdentityToken: sigstore.token('gitlab') };
    const answer: Json = await post(`${sigstore.url}/api/v2/signingCert`, { credentials, certificateSigningRequest });
    const [leaf, intermediate, root] = answer.signedCertificateEmbeddedSct.chain.certificates;
    for (const [name, pem] of Object.entries({ leaf, intermediate, root })) folder.write(`${name}.pem`, pem);
    const chain = ['-CAfile', 'root.pem', '-untrusted', 'intermediate.pem', '-x509_strict'];
    assert.match(openssl('verify', ...chain, '-purpose', 'any', 'leaf.pem'), /leaf\.pem: OK/);
    assert.equal(openssl('x509', '-in', 'leaf.pem', '-noout', '-pubkey'), openssl('pkey', '-in', 'key.pem', '-pubout'));
    assert.match(
      openssl('x509', '-in', 'leaf.pem', '-noout', '-text'),
      /CT Precertificate SCTs[\s\S]*ecdsa-with-SHA256/,
    );
    const spoilt = Buffer.from(
      csr.replace(/[A-Za-z0-9](?=[^\n]{0,3}\n-----END)/, (last) => (last === 'A' ? 'B' : 'A')),
    );
    const body = { certificateSigningRequest: spoilt.toString('base64') };
    assert.equal((await ask(sigstore, 2, body, sigstore.token('gitlab'))).status, 400);
  }
});
