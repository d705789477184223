import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { needsProgram } from '../../../testing/registry/find-program.ts';
import { type NotationLab, openNotationLab } from '../../../testing/signing/notation/lab.ts';
import { startTestSigstore } from '../../../testing/sigstore.ts';
import { makeSyntheticImage, storeImage } from '../../../testing/registry/synthetic-image.ts';
import { startTestRegistry, type TestRegistry } from '../../../testing/registry/test-registry.ts';
import type { NotationVerification } from '../../../src/signing/notation/verify-image.ts';
import { formatPem, parsePem } from '../../../src/codec/pem/pem.ts';
import { notationType } from '../../../src/signing/cosign/media-types.ts';
import { listen } from '../../../testing/registry/listen.ts';
import { storeArtifact } from '../../../testing/registry/attached.ts';

const there = needsProgram('notation', 'openssl');
const repository = 'net-monitor';
const subject = '/C=US/ST=WA/O=wabbit-networks.io/OU=Security Tools/CN=signer';
const keys = {
  PS256: ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'],
  PS384: ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:3072'],
  PS512: ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:4096'],
  ES256: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256'],
  ES384: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-384'],
  ES512: ['-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-521'],
} as const;

let lab: NotationLab;
let withApi: TestRegistry;
let withoutApi: TestRegistry;
let certifiedAt: number;

before(async () => {
  if (there.skip !== false) return;
  lab = openNotationLab();
  [withApi, withoutApi] = await Promise.all([startTestRegistry(), startTestRegistry({ referrers: false })]);
  await makeCertificates();
  certifiedAt = Date.now();
});

after(async () => {
  if (there.skip !== false) return;
  await Promise.all([lab[Symbol.asyncDispose](), withApi.close(), withoutApi.close()]);
});

/** A root, an authority below it, and a signer for each kind of key, by OpenSSL. */
async function makeCertificates(): Promise<void> {
  const openssl = async (...args: readonly string[]): Promise<void> => {
    const { ok, output } = await lab.openssl(...args);
    assert.ok(ok, output);
  };
  const authority = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign'].join('\n');
  lab.write('../authority.ext', authority);
  lab.write('../signer.ext', ['keyUsage=critical,digitalSignature', 'extendedKeyUsage=codeSigning'].join('\n'));
  const issue = async (name: string, key: readonly string[], of: string, issuer: string | undefined, ext: string) => {
    await openssl('genpkey', ...key, '-out', `${name}.key`);
    await openssl('req', '-new', '-key', `${name}.key`, '-subj', of, '-out', `${name}.csr`);
    const by = issuer === undefined ? ['-signkey', `${name}.key`] : ['-CA', `${issuer}.crt`, '-CAkey', `${issuer}.key`];
    const serial = `${100 + Math.floor(Math.random() * 1e9)}`;
    await openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      ...by,
      '-set_serial',
      serial,
      '-days',
      '30',
      '-extfile',
      ext,
      '-out',
      `${name}.crt`,
    );
  };
  await issue('root', keys.ES384, '/C=US/ST=WA/O=root/CN=root', undefined, 'authority.ext');
  await issue('middle', keys.PS256, '/C=US/ST=WA/O=middle/CN=middle', 'root', 'authority.ext');
  const stamping = ['keyUsage=critical,digitalSignature', 'extendedKeyUsage=critical,timeStamping'];
  lab.write('../stamper.ext', stamping.join('\n'));
  await issue('tsa-root', keys.ES384, '/CN=time root', undefined, 'authority.ext');
  await issue('tsa', keys.PS256, '/CN=time', 'tsa-root', 'stamper.ext');
  const read = (name: string): string => readFileSync(join(lab.folder, name), 'utf8');
  for (const [name, key] of Object.entries(keys)) {
    await issue(name, key, subject, 'middle', 'signer.ext');
    lab.write(`../${name}.chain`, ['', 'middle', 'root'].map((one) => read(`${one || name}.crt`)).join(''));
  }
  const list = Object.keys(keys).map((name) => ({
    name,
    keyPath: join(lab.folder, `${name}.key`),
    certPath: join(lab.folder, `${name}.chain`),
  }));
  lab.write('signingkeys.json', JSON.stringify({ default: 'ES256', keys: list }));
}

/** Timestamps are exact to a second only, and certificates valid from the second of their making. */
async function certificatesAreOld(): Promise<void> {
  await setTimeout(Math.max(0, certifiedAt + 3000 - Date.now()));
}

/** An image of its own for each case. */
function push(registry: TestRegistry, name: string): string {
  return storeImage(registry.store, repository, 'latest', makeSyntheticImage([{ name }]));
}

function trust(changes: object = {}, stores: readonly string[] = ['root']): void {
  lab.forget();
  for (const name of stores) {
    const pem = readFileSync(join(lab.folder, `${name}.crt`));
    lab.write(`truststore/x509/ca/${name}/${name}.crt`, pem);
  }
  const statement = {
    name: 'all',
    registryScopes: ['*'],
    signatureVerification: { level: 'strict' },
    trustStores: stores.map((name) => `ca:${name}`),
    trustedIdentities: ['*'],
    ...changes,
  };
  lab.write('trustpolicy.json', JSON.stringify({ version: '1.0', trustPolicies: [statement] }));
}

/** Asks both; they must agree. */
async function judge(
  registry: TestRegistry,
  digest: string,
  wanted: boolean,
  metadata: Readonly<Record<string, string>> = {},
): Promise<NotationVerification | undefined> {
  const args = Object.entries(metadata).flatMap(([name, value]) => ['-m', `${name}=${value}`]);
  const theirs = await lab.theirs(registry.host, repository, digest, ...args);
  const ours = await lab.ours(registry.host, repository, digest, new Map(Object.entries(metadata)));
  const found = ours !== undefined && 'verified' in ours ? ours : undefined;
  const ok = ours === undefined || (found?.verified.length ?? 0) > 0;
  const why = `ours: ${ours instanceof Error ? ours.message : JSON.stringify(found?.failed.map(({ error }) => error.message))}`;
  assert.equal(theirs.ok, wanted, theirs.output);
  assert.equal(ok, wanted, `${why}\ntheirs: ${theirs.output}`);
  return found;
}

async function sign(registry: TestRegistry, digest: string, ...args: readonly string[]): Promise<void> {
  const name = `${registry.host}/${repository}@${digest}`;
  const { ok, output } = await lab.notation('sign', '--insecure-registry', ...args, name);
  assert.ok(ok, output);
}

for (const format of ['jws', 'cose'] as const) {
  for (const name of Object.keys(keys)) {
    test(`what notation signs with ${name} in ${format} holds, with the referrers API and without`, there, async () => {
      trust({ trustedIdentities: ['x509.subject: C=US, ST=WA, O=wabbit-networks.io'] });
      for (const registry of [withApi, withoutApi]) {
        const digest = push(registry, `${format} ${name}`);
        await judge(registry, digest, false);
        const tag = `--force-referrers-tag=${registry === withApi ? 'false' : 'true'}`;
        await sign(registry, digest, '--key', name, '--signature-format', format, tag);
        const found = await judge(registry, digest, true);
        const [one, ...more] = found?.verified ?? [];
        assert.equal(more.length, 0);
        assert.deepEqual(found?.problems, []);
        assert.equal(one?.signature.envelope.format, format);
        assert.equal(one?.signature.envelope.algorithm.name, name);
        assert.deepEqual(one?.signature.passed, [
          'shape',
          'signature',
          'certificate-chain',
          'identity',
          'expiry',
          'timestamp',
          'revocation',
          'subject',
        ]);
      }
    });
  }
}

/** A timestamp authority by OpenSSL, over HTTP. */
function startTimeAuthority(): ReturnType<typeof listen> {
  lab.write(
    '../tsa.cnf',
    [
      '[tsa]',
      'signer_digest = sha256',
      'default_policy = 1.2.3.4.1',
      'digests = sha256, sha384, sha512',
      'accuracy = secs:1',
      'ess_cert_id_chain = no',
      'ess_cert_id_alg = sha256',
      `serial = ${join(lab.folder, 'tsa.serial')}`,
    ].join('\n'),
  );
  return listen((request, response) => {
    const answer = async (): Promise<void> => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      lab.write('../query.tsq', Buffer.concat(chunks));
      const keys = ['-inkey', 'tsa.key', '-signer', 'tsa.crt', '-chain', 'tsa-root.crt'];
      const args = ['-config', 'tsa.cnf', '-section', 'tsa', '-queryfile', 'query.tsq', ...keys, '-out', 'answer.tsr'];
      const { ok, output } = await lab.openssl('ts', '-reply', ...args);
      assert.ok(ok, output);
      response.setHeader('content-type', 'application/timestamp-reply');
      response.end(readFileSync(join(lab.folder, 'answer.tsr')));
    };
    answer().catch(() => response.destroy());
  });
}

for (const format of ['jws', 'cose'] as const) {
  test(`what notation has stamped and dated in ${format} holds`, there, async () => {
    await using authority = await startTimeAuthority();
    await certificatesAreOld();
    trust({ trustStores: ['ca:root', 'tsa:time'] });
    const rootFile = lab.write('truststore/x509/tsa/time/root.crt', readFileSync(join(lab.folder, 'tsa-root.crt')));
    const digest = push(withApi, `${format} stamped`);
    const stamp = ['--timestamp-url', authority.url, '--timestamp-root-cert', rootFile];
    await sign(withApi, digest, '--signature-format', format, '--expiry', '2h', '-m', 'build=a,b', ...stamp);
    const found = await judge(withApi, digest, true, { build: 'a,b' });
    const signature = found?.verified[0]?.signature;
    assert.equal(signature?.time?.by, 'timestamp');
    assert.equal(signature?.time?.timestamp?.authority, 'tsa:time');
    assert.equal(Number(signature?.time?.to) - Number(signature?.time?.from), 2000);
    assert.ok(signature?.envelope.attributes.expiry);
    assert.deepEqual(signature?.logged, []);
    await judge(withApi, digest, false, { build: 'a' });
    // Nobody trusts this authority to say what time it is.
    lab.write('truststore/x509/tsa/time/root.crt', readFileSync(join(lab.folder, 'root.crt')));
    await judge(withApi, digest, false);
  });
}

test("notation has its signatures stamped by sigstore-dev's authority", there, async () => {
  await using sigstore = await startTestSigstore();
  await certificatesAreOld();
  const pems = await (await fetch(`${sigstore.tsaUrl}/certchain`)).text();
  const [, bytes] = parsePem(pems).map((one) => one.bytes);
  assert.ok(bytes !== undefined);
  trust({ trustStores: ['ca:root', 'tsa:time'] });
  const rootFile = lab.write('truststore/x509/tsa/time/root.crt', formatPem({ label: 'CERTIFICATE', bytes }));
  const digest = push(withApi, 'stamped by sigstore-dev');
  await sign(withApi, digest, '--timestamp-url', sigstore.tsaUrl, '--timestamp-root-cert', rootFile);
  const found = await judge(withApi, digest, true);
  assert.equal(found?.verified[0]?.signature.time?.by, 'timestamp');
});

test('one good signature among others is enough, and the others are told', there, async () => {
  trust();
  const digest = push(withoutApi, 'several');
  await sign(withoutApi, digest, '--key', 'ES256');
  await sign(withoutApi, digest, '--key', 'PS256', '--signature-format', 'cose');
  storeArtifact(withoutApi.store, repository, {
    configType: notationType,
    subject: digest,
    layers: [{ mediaType: 'application/jose+json', bytes: Buffer.from('{}') }],
  });
  const found = await judge(withoutApi, digest, true);
  assert.equal(found?.verified.length, 2);
});
