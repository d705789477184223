import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { test } from 'node:test';
import { type Cosign, needsCosign, openCosign } from '../../testing/cosign.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { makeSyntheticImage, storeImage } from '../../testing/registry/synthetic-image.ts';
import { startTestRegistry } from '../../testing/registry/test-registry.ts';
import { type LooseBundle, signMessage, signStatement, startTestSigstore } from '../../testing/sigstore.ts';
import type { Spoil } from '../../src/sigstore-dev/fault.ts';
import type { IssuerKind } from '../../src/sigstore-dev/oidc/issuer-kind.ts';
import type { Sigstore, SigstoreOptions } from '../../src/sigstore-dev/sigstore.ts';

/** cosign that knows the development sigstore by its TUF repository alone, and a file to sign. */
interface Desk extends AsyncDisposable {
  readonly sigstore: Sigstore;
  readonly cosign: Cosign;
  readonly folder: TemporaryDirectory;
  readonly identity: readonly string[];
}

const message = 'what is signed\n';
const cosign2 = needsCosign(2);
const cosign3 = needsCosign(3);

async function openDesk(major: 2 | 3, options: SigstoreOptions = {}): Promise<Desk> {
  const sigstore = await startTestSigstore(options);
  const folder = temporaryDirectory();
  const cosign = openCosign(major, folder.path);
  folder.write('root.json', sigstore.tufRoot);
  folder.write('blob.txt', message);
  folder.write('predicate.json', '{"built":"here"}');
  folder.write('config-v1.json', JSON.stringify(sigstore.signingConfig({ rekor: [1], timestamps: false })));
  folder.write('config-v1-tsa.json', JSON.stringify(sigstore.signingConfig({ rekor: [1], timestamps: true })));
  folder.write('config-v2.json', JSON.stringify(sigstore.signingConfig({ rekor: [2], timestamps: true })));
  await cosign.run('initialize', '--mirror', sigstore.tufUrl, '--root', 'root.json');
  const identity = identityFlags('dev@example.com', sigstore.issuers.email);
  return {
    sigstore,
    cosign,
    folder,
    identity,
    async [Symbol.asyncDispose]() {
      folder[Symbol.dispose]();
      await sigstore[Symbol.asyncDispose]();
    },
  };
}

function identityFlags(name: string, issuer: string): readonly string[] {
  return ['--certificate-identity', name, '--certificate-oidc-issuer', issuer];
}

/** A registry with one image, and the image's name by digest. */
async function openRegistry(): Promise<AsyncDisposable & { readonly image: string }> {
  const registry = await startTestRegistry();
  const digest = storeImage(registry.store, 'team/app', 'v1', makeSyntheticImage([{ 'etc/os-release': 'ID=test\n' }]));
  return { image: `${registry.host}/team/app@${digest}`, [Symbol.asyncDispose]: () => registry.close() };
}

for (const config of ['config-v1', 'config-v1-tsa', 'config-v2']) {
  test(`cosign 3 signs and verifies files and attestations with ${config}`, cosign3, async () => {
    await using desk = await openDesk(3);
    const { cosign, sigstore, identity } = desk;
    const signing = ['--yes', '--identity-token', sigstore.token(), '--signing-config', `${config}.json`];
    await cosign.run('sign-blob', ...signing, '--bundle', 'blob.json', 'blob.txt');
    assert.match(await cosign.run('verify-blob', ...identity, '--bundle', 'blob.json', 'blob.txt'), /Verified OK/);
    const kind = ['--type', 'custom', '--bundle', 'attestation.json'];
    await cosign.run('attest-blob', ...signing, '--predicate', 'predicate.json', ...kind, 'blob.txt');
    assert.match(await cosign.run('verify-blob-attestation', ...identity, ...kind, 'blob.txt'), /Verified OK/);
    const other = identityFlags('other@example.com', sigstore.issuers.email);
    await assert.rejects(cosign.run('verify-blob', ...other, '--bundle', 'blob.json', 'blob.txt'));
    desk.folder.write('blob.txt', 'something else');
    await assert.rejects(cosign.run('verify-blob', ...identity, '--bundle', 'blob.json', 'blob.txt'));
    await assert.rejects(cosign.run('verify-blob-attestation', ...identity, ...kind, 'blob.txt'));
  });

  test(`cosign 3 signs and verifies an image with ${config}`, cosign3, async () => {
    await using desk = await openDesk(3);
    await using registry = await openRegistry();
    const { cosign, sigstore, identity } = desk;
    const signing = ['--yes', '--identity-token', sigstore.token(), '--signing-config', `${config}.json`];
    await cosign.run('sign', ...signing, registry.image);
    assert.match(await cosign.run('verify', ...identity, registry.image), /"critical"/);
    await cosign.run('attest', ...signing, '--predicate', 'predicate.json', '--type', 'custom', registry.image);
    const attestation = await cosign.run('verify-attestation', ...identity, '--type', 'custom', registry.image);
    assert.match(attestation, /"payloadType":"application\/vnd.in-toto\+json"/);
    const other = identityFlags('other@example.com', sigstore.issuers.email);
    await assert.rejects(cosign.run('verify', ...other, registry.image));
  });
}

test('cosign 3 takes what the TUF repository tells it to use', cosign3, async () => {
  const seen: string[] = [];
  const usual = { rekor: [1, 2], timestamps: true } as const;
  await using desk = await openDesk(3, { signingConfig: usual, onExchange: ({ path }) => seen.push(path) });
  const { cosign, sigstore, identity } = desk;
  await cosign.run('sign-blob', '--yes', '--identity-token', sigstore.token(), '--bundle', 'blob.json', 'blob.txt');
  assert.match(await cosign.run('verify-blob', ...identity, '--bundle', 'blob.json', 'blob.txt'), /Verified OK/);
  assert.ok(seen.includes('/api/v2/log/entries') && seen.includes('/api/v1/timestamp'), seen.join('\n'));
});

test('cosign 3 accepts promises of the certificate log beside the certificate', cosign3, async () => {
  await using desk = await openDesk(3, { sct: 'detached' });
  const { cosign, sigstore, identity } = desk;
  const signing = ['--yes', '--identity-token', sigstore.token(), '--signing-config', 'config-v1.json'];
  // Bundles have no place for them: signing goes, verifying does not.
  await cosign.run('sign-blob', ...signing, '--bundle', 'blob.json', 'blob.txt');
  await assert.rejects(cosign.run('verify-blob', ...identity, '--bundle', 'blob.json', 'blob.txt'), /SCT/);
});

const builds: Readonly<Partial<Record<IssuerKind, string>>> = {
  github: 'https://github.com/example/app/.github/workflows/release.yml@refs/heads/main',
  gitlab: 'https://gitlab.com/example/app//.gitlab-ci.yml@refs/heads/main',
  buildkite: 'https://buildkite.com/example/app',
  kubernetes: 'https://kubernetes.io/namespaces/build/serviceaccounts/signer',
  spiffe: 'spiffe://example.com/ns/build/sa/signer',
  uri: 'https://example.com/users/1',
  username: 'sailor!example.com',
};

test('cosign 3 sees every kind of identity as Fulcio writes it', cosign3, async () => {
  const github = 'https://token.actions.githubusercontent.com';
  await using desk = await openDesk(3, { issuerNames: { github } });
  const { cosign, sigstore } = desk;
  for (const [kind, name] of Object.entries(builds) as [IssuerKind, string][]) {
    const token = sigstore.token(kind);
    const signing = [
      '--yes',
      '--identity-token',
      token,
      '--signing-config',
      'config-v1.json',
      '--bundle',
      `${kind}.json`,
    ];
    await cosign.run('sign-blob', ...signing, 'blob.txt');
    const identity = identityFlags(name, sigstore.issuers[kind]);
    const said = await cosign.run('verify-blob', ...identity, '--bundle', `${kind}.json`, 'blob.txt');
    assert.match(said, /Verified OK/, kind);
  }
  const claims = ['--certificate-github-workflow-repository', 'example/app', '--certificate-github-workflow-trigger'];
  const identity = identityFlags(builds.github as string, github);
  const verify = ['verify-blob', ...identity, '--bundle', 'github.json', ...claims];
  assert.match(await cosign.run(...verify, 'push', 'blob.txt'), /Verified OK/);
  await assert.rejects(cosign.run(...verify, 'release', 'blob.txt'));
});

test('cosign 3 logs in with a browser, and on a device', cosign3, async () => {
  await using desk = await openDesk(3);
  const { cosign, folder, identity } = desk;
  // What stands for the browser follows the address that it is given.
  const programs = join(folder.path, 'bin');
  mkdirSync(programs);
  const script = `#!${process.execPath}\nfetch(process.argv[2]).then(() => undefined);\n`;
  writeFileSync(join(programs, 'xdg-open'), script, { mode: 0o755 });
  const env = { PATH: [programs, dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter) };
  const signing = ['--yes', '--signing-config', 'config-v1.json', '--bundle', 'blob.json'];
  await cosign.runWith({ env }, 'sign-blob', ...signing, 'blob.txt');
  assert.match(await cosign.run('verify-blob', ...identity, '--bundle', 'blob.json', 'blob.txt'), /Verified OK/);
  await cosign.runWith({}, 'sign-blob', ...signing, '--fulcio-auth-flow', 'device', 'blob.txt');
  assert.match(await cosign.run('verify-blob', ...identity, '--bundle', 'blob.json', 'blob.txt'), /Verified OK/);
});

test('cosign 3 verifies what tests sign without it', cosign3, async () => {
  await using desk = await openDesk(3, { firstIndex: 77 });
  const { cosign, sigstore, folder, identity } = desk;
  const bytes = readFileSync(join(folder.path, 'blob.txt'));
  const check = async (bundle: LooseBundle, ...args: string[]): Promise<string> => {
    folder.write('bundle.json', JSON.stringify(bundle));
    return cosign.run(args[0] as string, ...identity, '--bundle', 'bundle.json', ...args.slice(1), 'blob.txt');
  };
  for (const rekor of [1, 2] as const) {
    for (const key of ['ecdsa-p256', 'ecdsa-p384', 'rsa'] as const) {
      const bundle = await signMessage(sigstore, bytes, { rekor, key });
      assert.match(await check(bundle, 'verify-blob'), /Verified OK/, `${rekor} ${key}`);
    }
    const sha256 = await crypto.subtle.digest('SHA-256', bytes);
    const subject = [{ name: 'blob.txt', digest: { sha256: Buffer.from(sha256).toString('hex') } }];
    const predicateType = 'https://example.com/predicate';
    const statement = { _type: 'https://in-toto.io/Statement/v1', subject, predicateType, predicate: {} };
    const bundle = await signStatement(sigstore, statement, { rekor });
    assert.match(await check(bundle, 'verify-blob-attestation', '--type', predicateType), /Verified OK/, `${rekor}`);
  }
});

/** Spoilt answers that cosign must notice, by the log that is asked. */
const noticed: Readonly<Record<1 | 2, readonly Spoil[]>> = {
  1: [
    'fulcio.expired-leaf',
    'fulcio.other-authority',
    'fulcio.wrong-signature',
    'fulcio.no-sct',
    'fulcio.wrong-sct',
    'fulcio.server-usage',
    'fulcio.unknown-critical',
    'rekor.wrong-promise',
    'rekor.wrong-proof',
    'rekor.wrong-root',
    'rekor.wrong-checkpoint',
    'rekor.wrong-log',
    'rekor.other-body',
    'rekor.future-time',
    'rekor.past-time',
  ],
  2: [
    'rekor.wrong-index',
    'rekor.wrong-proof',
    'rekor.wrong-checkpoint',
    'rekor.other-body',
    'tsa.wrong-signature',
    'tsa.wrong-imprint',
    'tsa.expired-chain',
    'tsa.other-authority',
    'tsa.future-time',
    'tsa.past-time',
  ],
};

test('cosign 3 refuses what services spoil', cosign3, async () => {
  await using desk = await openDesk(3);
  const { cosign, sigstore, folder, identity } = desk;
  const bytes = readFileSync(join(folder.path, 'blob.txt'));
  for (const rekor of [1, 2] as const) {
    await signMessage(sigstore, Buffer.from('the first of the log'), { rekor });
    for (const what of noticed[rekor]) {
      sigstore.faults.add({ kind: 'spoil', what });
      folder.write('bundle.json', JSON.stringify(await signMessage(sigstore, bytes, { rekor })));
      sigstore.faults.clear();
      await assert.rejects(cosign.run('verify-blob', ...identity, '--bundle', 'bundle.json', 'blob.txt'), Error, what);
    }
  }
});

test('cosign 2 signs and verifies an image, its attestations and a file', cosign2, async () => {
  await using desk = await openDesk(2);
  await using registry = await openRegistry();
  const { cosign, sigstore, identity } = desk;
  const { url } = sigstore;
  const signing = ['--yes', '--fulcio-url', url, '--rekor-url', url, '--identity-token', sigstore.token()];
  await cosign.run('sign', ...signing, registry.image);
  const verified = await cosign.run('verify', '--rekor-url', url, ...identity, registry.image);
  assert.match(verified, /"Subject":"dev@example.com"/);
  for (const [kind, entry] of [
    ['custom', 'dsse'],
    ['openvex', 'intoto'],
  ] as const) {
    const typed = ['--predicate', 'predicate.json', '--type', kind, '--rekor-entry-type', entry];
    await cosign.run('attest', ...signing, ...typed, registry.image);
    const said = await cosign.run(
      'verify-attestation',
      '--rekor-url',
      url,
      ...identity,
      '--type',
      kind,
      registry.image,
    );
    assert.match(said, /"payloadType"/, kind);
  }
  const stamped = ['--timestamp-server-url', sigstore.tsaUrl, '--rfc3161-timestamp', 'time.json'];
  await cosign.run('sign-blob', ...signing, ...stamped, '--bundle', 'blob.json', 'blob.txt');
  const verify = ['verify-blob', '--rekor-url', url, ...identity, '--bundle', 'blob.json'];
  assert.match(await cosign.run(...verify, 'blob.txt'), /Verified OK/);
  const chain = await (await fetch(`${sigstore.tsaUrl}/certchain`)).text();
  desk.folder.write('tsa.pem', chain);
  const timed = ['--rfc3161-timestamp', 'time.json', '--timestamp-certificate-chain', 'tsa.pem'];
  assert.match(await cosign.run(...verify, ...timed, '--use-signed-timestamps', 'blob.txt'), /Verified OK/);
});

test('cosign 2 finds an entry that is there already', { skip: cosign2.skip || cosign3.skip }, async () => {
  const seen: string[] = [];
  await using desk = await openDesk(2, {
    onExchange: ({ status, method, path }) => seen.push(`${status} ${method} ${path}`),
  });
  const { cosign, sigstore, folder } = desk;
  const env = { COSIGN_PASSWORD: '' };
  // RSA signs alike each time, where ECDSA makes another entry. Debian's cosign 2 cannot import such keys, but uses them.
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  folder.write('rsa.pem', privateKey.export({ type: 'pkcs1', format: 'pem' }));
  await openCosign(3, folder.path).runWith({ env }, 'import-key-pair', '--key', 'rsa.pem');
  const signing = ['--yes', '--key', 'import-cosign.key', '--rekor-url', sigstore.url, '--bundle', 'blob.json'];
  for (let times = 0; times < 2; times += 1) await cosign.runWith({ env }, 'sign-blob', ...signing, 'blob.txt');
  const after = seen.slice(seen.indexOf('409 POST /api/v1/log/entries')).join('\n');
  assert.match(after, /^409 POST[^\n]*\n(?:.*\n)*200 GET \/api\/v1\/log\/entries\/[0-9a-f]{80}(?:\n|$)/);
  const verify = ['verify-blob', '--rekor-url', sigstore.url, '--key', 'import-cosign.pub', '--bundle', 'blob.json'];
  assert.match(await cosign.run(...verify, 'blob.txt'), /Verified OK/);
});
