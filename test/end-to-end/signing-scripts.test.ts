import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before, describe } from 'node:test';
import type { Sigstore } from '../../src/sigstore-dev/sigstore.ts';
import type { BuiltContent } from '../../testing/image/image-builder.ts';
import type { Fault } from '../../testing/registry/fault.ts';
import { startTestRegistry, type TestRegistry } from '../../testing/registry/test-registry.ts';
import { startTestSigstore } from '../../testing/sigstore.ts';
import { assertOneError, type Ended } from './program.ts';
import { openWorkplace, sampleImage, type Workplace } from './sample.ts';

const content = sampleImage();
const env = { COSIGN_PASSWORD: 'a pass' };
const silent = ['--tlog-upload=false'];
const key = ['--key', 'cosign.key', ...silent];
const asked = ['--key', 'cosign.pub', '--insecure-ignore-tlog'];

/** Puts the sample into a repository; its name by digest. */
function store({ store: to, host }: TestRegistry, repository: string, image: BuiltContent = content): string {
  for (const bytes of image.blobs.values()) to.putBlob(repository, bytes);
  const { mediaType, digest } = image.descriptor;
  to.putManifest(repository, 'v1', mediaType, image.blobs.get(digest) as Buffer);
  return `${host}/${repository}@${digest}`;
}

describe('what scripts for cosign do', () => {
  let place: Workplace;
  let registry: TestRegistry;
  let sigstore: Sigstore;
  const requests: string[] = [];
  before(async () => {
    place = await openWorkplace();
    registry = await startTestRegistry();
    sigstore = await startTestSigstore({ onExchange: ({ method, path }) => requests.push(`${method} ${path}`) });
    place.write('root.json', sigstore.tufRoot);
    for (const prefix of ['cosign', 'second', 'third']) {
      const { status, stderr } = await run('generate-key-pair', '--output-key-prefix', prefix);
      assert.equal(status, 0, stderr);
    }
  });
  after(async () => {
    await sigstore[Symbol.asyncDispose]();
    await registry.close();
    place[Symbol.dispose]();
  });

  const run = (...args: readonly string[]): Promise<Ended> => place.run(args, { env });
  const passes = async (...args: readonly string[]): Promise<Ended> => {
    const ended = await run(...args);
    assert.equal(ended.status, 0, `${args.join(' ')}: ${ended.stderr}`);
    return ended;
  };
  const fails = async (status: number, saying: RegExp, ...args: readonly string[]): Promise<Ended> => {
    const ended = await run(...args);
    assert.equal(ended.status, status, `${args.join(' ')}: ${ended.stdout}${ended.stderr}`);
    assert.match(ended.stderr, saying);
    assert.doesNotMatch(ended.stderr, /\n\s+at /);
    return ended;
  };

  test('verify tells that it could not look, which is not the same as unsigned', async () => {
    const faults: Fault[] = [{ path: /\/referrers\//, kind: 'status', status: 429 }];
    await using busy = await startTestRegistry({ faults });
    const image = store(busy, 'busy');
    const { stderr } = await fails(14, /./, 'verify', ...asked, '--timeout', '5s', image);
    assert.doesNotMatch(stderr, /NO_SIGNATURES/);
  });

  test('sign needs the password of the key, and asks nobody where there is nobody', async () => {
    const image = store(registry, 'password');
    const wrong = await place.run(['sign', ...key, image], { env: { COSIGN_PASSWORD: 'another' } });
    assertOneError(wrong, 'KEY_PASSWORD_WRONG');
    const none = await place.run(['sign', ...key, image]);
    assertOneError(none, 'KEY_PASSWORD_WRONG');
    const piped = await place.run(['sign', ...key, image], { input: 'a pass\n' });
    assert.equal(piped.status, 0, piped.stderr);
    // Two forms, two signers, one line of input.
    const both = await place.run(['sign', ...key, '--format', 'both', image], { input: 'a pass\n' });
    assert.equal(both.status, 0, both.stderr);
    assert.doesNotMatch(`${wrong.stderr}${piped.stderr}`, /a pass|another/);
    const keyless = [
      '--fulcio-url',
      sigstore.url,
      '--oidc-issuer',
      sigstore.issuers.email,
      '--rekor-url',
      sigstore.url,
    ];
    assertOneError(await run('sign', ...keyless, image), 'SETTING_INVALID', /agree with --yes/);
    assertOneError(await run('sign', '--yes', ...keyless, image), 'IDENTITY_TOKEN_UNAVAILABLE');
  });

  test('sign by tag says what it signs, and annotations are looked at', async () => {
    const image = store(registry, 'notes');
    const tagged = `${registry.host}/notes:v1`;
    const { stderr } = await passes('sign', ...key, '-a', 'env=prod', '-a', 'team=a', tagged);
    assert.match(stderr, new RegExp(`is a tag, .+ what is signed is ${content.descriptor.digest}`));
    await passes('verify', ...asked, '-a', 'env=prod', '-a', 'team=a', image);
    const saying = /ANNOTATION_MISMATCH.+\n {2}found: {2}env=prod\n {2}wanted: env=test/;
    await fails(12, saying, 'verify', ...asked, '-a', 'env=test', image);
    await fails(12, /no such annotation/, 'verify', ...asked, '-a', 'other=x', image);
  });

  test('attest states what our own scan finds, and verify-attestation looks into it', async () => {
    const image = store(registry, 'attested');
    await passes('attest', ...key, '--sbom', 'spdx-json', image);
    await passes('attest', ...key, '--scan', image);
    const sbom = await passes('verify-attestation', ...asked, '--type', 'spdxjson', image);
    const [line = ''] = sbom.stdout.trim().split('\n');
    const { payload } = JSON.parse(line) as { payload: string };
    const statement = JSON.parse(Buffer.from(payload, 'base64').toString()) as {
      predicateType: string;
      predicate: { packages: { name: string }[] };
    };
    assert.equal(statement.predicateType, 'https://spdx.dev/Document');
    assert.ok(statement.predicate.packages.some(({ name }) => name === 'busybox'));
    place.write('ours.cel', 'predicate.scanner.uri.startsWith("pkg:npm/seaworthy@")');
    place.write('theirs.cel', 'predicate.scanner.uri == "other"');
    const vuln = ['verify-attestation', ...asked, '--type', 'vuln'];
    await passes(...vuln, '--policy', 'ours.cel', image);
    await fails(12, /CONDITION_UNMET/, ...vuln, '--policy', 'ours.cel', '--policy', 'theirs.cel', image);
    await fails(12, /PREDICATE_TYPE_MISMATCH/, 'verify-attestation', ...asked, '--type', 'openvex', image);
    // What is attested of an image does not sign it (cosign 3.1 says that it does).
    await fails(12, /PREDICATE_TYPE_MISMATCH/, 'verify', ...asked, image);
  });

  test('signing without a key, and verifying it offline afterwards', async () => {
    const image = store(registry, 'keyless');
    await passes('initialize', '--mirror', sigstore.tufUrl, '--root', 'root.json');
    const token = sigstore.token();
    const signed = await passes('sign', '--yes', '--identity-token', token, image);
    assert.doesNotMatch(`${signed.stdout}${signed.stderr}`, new RegExp(token.slice(0, 40)));
    const identity = ['--certificate-identity', 'dev@example.com', '--certificate-oidc-issuer', sigstore.issuers.email];
    const { stdout } = await passes('verify', ...identity, image);
    assert.match(stdout, /"Issuer":".+","Subject":"dev@example.com"/);
    await fails(
      12,
      /IDENTITY_MISMATCH/,
      'verify',
      '--certificate-identity',
      'dev@example.co',
      ...identity.slice(2),
      image,
    );
    await fails(12, /IDENTITY_MISMATCH/, 'verify', '--certificate-identity-regexp', 'dev', ...identity.slice(2), image);
    await passes('verify', '--certificate-identity-regexp', 'dev@.*', ...identity.slice(2), image);
    await fails(2, /--certificate-oidc-issuer/, 'verify', ...identity.slice(0, 2), image);
    requests.length = 0;
    await passes('verify', '--offline', ...identity, image);
    assert.deepEqual(requests, [], 'only the registry is asked');
    const byUrl = ['verify', '--offline', '--key', 'https://keys.example.com/key.pub', image];
    await fails(14, /OFFLINE|KEY_UNAVAILABLE/, ...byUrl);
    assert.deepEqual(requests, []);
    // Without what initialize fetched there is nothing to trust.
    const empty = join(place.path, 'empty-cache');
    const bare = await run(
      'verify',
      '--offline',
      '--cache-dir',
      empty,
      '--tuf-mirror',
      sigstore.tufUrl,
      ...identity,
      image,
    );
    assert.equal(bare.status, 14, bare.stderr);
  });

  test('files are signed and stated of, and verified by their digest too', async () => {
    place.write('app.txt', 'release 1');
    await passes('sign-blob', ...key, '--bundle', 'app.json', 'app.txt');
    assert.match((await passes('verify-blob', ...asked, '--bundle', 'app.json', 'app.txt')).stderr, /^Verified OK\n$/);
    const { stdout } = await passes('bundle', 'inspect', 'app.json');
    assert.equal((JSON.parse(stdout) as { verified: boolean }).verified, false);
    place.write('other.txt', 'release 2');
    await fails(12, /ARTIFACT_MISMATCH/, 'verify-blob', ...asked, '--bundle', 'app.json', 'other.txt');
    await passes('sign-blob', ...key, '--output-signature', 'app.sig', 'app.txt');
    await passes('verify-blob', ...asked, '--signature', 'app.sig', 'app.txt');
    place.write('predicate.json', '{"tests":"passed"}');
    const stated = ['--type', 'https://example.com/tests', '--bundle', 'tests.json', 'app.txt'];
    await passes('attest-blob', ...key, '--predicate', 'predicate.json', ...stated);
    await passes('verify-blob-attestation', ...asked, ...stated);
    await fails(12, /ARTIFACT_MISMATCH/, 'verify-blob-attestation', ...asked, ...stated.slice(0, -1), 'other.txt');
    await passes('verify-blob-attestation', ...asked, '--check-claims=false', ...stated.slice(0, -1), 'other.txt');
    await fails(12, /SIGNATURE_UNSUPPORTED/, 'verify-blob', ...asked, '--bundle', 'tests.json', 'app.txt');
  });

  test('what scripts for cosign write is read', async () => {
    const image = store(registry, 'scripts');
    const older = ['--new-bundle-format=false', '--registry-referrers-mode', 'legacy', '--yes=true', '--upload=true'];
    await passes('sign', ...key, ...older, '--allow-http-registry', '--record-creation-timestamp=true', image);
    const fromTags = await passes(
      'verify',
      ...asked,
      '--format',
      'legacy',
      '--max-workers',
      '5',
      '--check-claims',
      image,
    );
    assert.match(fromTags.stdout, /cosign container image signature/);
    const saved = await run('sign', ...key, '--upload=false', '--output-signature', 'image.sig', image);
    assert.equal(saved.status, 0, saved.stderr);
    assert.ok(existsSync(join(place.path, 'image.sig')));
    assertOneError(await run('sign', ...key, '--k8s-keychain', image), 'COMMAND_LINE_INVALID', /pull secret/);
    assertOneError(await run('verify', ...asked, '--sk', image), 'COMMAND_LINE_INVALID', /pkcs11/);
    assertOneError(await run('sign', ...key, '--rekor-url=', image), 'SETTING_INVALID', /--rekor-url/);
  });
});
