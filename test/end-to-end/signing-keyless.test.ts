import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import test, { after, describe } from 'node:test';
import type { Fault, Spoil } from '../../src/sigstore-dev/fault.ts';
import { startTestSigstore } from '../../testing/sigstore.ts';
import { assertOneError } from './program.ts';
import { openSigningPlace, serveImage, unlogged } from './signing-place.ts';

const place = await openSigningPlace();
const sigstore = await startTestSigstore();
after(async () => {
  await sigstore[Symbol.asyncDispose]();
  place[Symbol.dispose]();
});
const email = 'dev@example.com';
const token = (): string => place.write('token', sigstore.token('email'));
place.write('root.json', sigstore.tufRoot);
place.write('trusted_root.json', JSON.stringify(sigstore.trustedRoot));
const whoever = (subject: string, issuer = sigstore.issuers.email): string[] => [
  '--certificate-identity',
  subject,
  '--certificate-oidc-issuer',
  issuer,
];
const initialized = await place.run(['initialize', '--mirror', sigstore.tufUrl, '--root', 'root.json']);

const sign = (image: string, ...args: readonly string[]): ReturnType<typeof place.run> =>
  place.run(['sign', '--yes', '--identity-token', token(), ...args, image]);
const verify = (image: string, ...args: readonly string[]): ReturnType<typeof place.run> =>
  place.run(['verify', ...args, image]);

describe('keyless', { concurrency: 1 }, () => {
  test('seaworthy initialize lists what it fetched, and refuses another root', async () => {
    assert.equal(initialized.status, 0, initialized.stderr);
    assert.match(initialized.stdout, /^trusted_root\.json$/m);
    await using other = await startTestSigstore();
    place.write('other-root.json', other.tufRoot);
    const cache = { SEAWORTHY_CACHE_DIR: join(place.path, 'another-cache') };
    const args = ['initialize', '--mirror', sigstore.tufUrl, '--root'];
    assertOneError(await place.run([...args, 'other-root.json'], { env: cache }), 'TRUSTED_ROOT_INVALID');
    const checksum = createHash('sha256').update(sigstore.tufRoot).digest('hex');
    const right = [...args, 'root.json', '--root-checksum', checksum];
    assert.equal((await place.run(right, { env: cache })).status, 0);
    const wrong = [...args, 'root.json', '--root-checksum', checksum.replace(/^./, (at) => (at === '0' ? '1' : '0'))];
    assertOneError(await place.run(wrong, { env: cache }), 'TRUSTED_ROOT_INVALID', /checksum/);
    const absent = ['initialize', '--mirror', sigstore.tufUrl];
    const fresh = { SEAWORTHY_CACHE_DIR: join(place.path, 'fresh-cache') };
    assertOneError(await place.run(absent, { env: fresh }), 'TRUSTED_ROOT_UNAVAILABLE', /--root FILE/);
  });

  test('seaworthy signs and verifies an image without a key, in both forms', async () => {
    await using registry = await serveImage();
    const signed = await sign(registry.byDigest, '--format', 'both', '-a', 'env=prod');
    assert.equal(signed.status, 0, signed.stderr);
    for (const format of ['bundle', 'legacy']) {
      const good = await verify(registry.name, ...whoever(email), '--format', format, '-a', 'env=prod');
      assert.equal(good.status, 0, good.stderr);
      const [{ optional }] = JSON.parse(good.stdout) as [{ optional: Record<string, string> }];
      assert.equal(optional['Subject'], email);
      assert.equal(optional['Issuer'], sigstore.issuers.email);
      assert.match(good.stderr, /checked: .*certificate-chain, certificate-transparency.*identity/);
      for (const args of [
        whoever('other@example.com'),
        whoever(email, 'https://accounts.example.com'),
        whoever(`${email}.evil`),
        ['--certificate-identity-regexp', 'dev@example', '--certificate-oidc-issuer-regexp', '.*'],
        ['--certificate-identity-regexp', '.*', '--certificate-oidc-issuer-regexp', 'https://accounts\\..*'],
        [...whoever(email), '--certificate-github-workflow-repository', 'org/repo'],
      ]) {
        const bad = await verify(registry.name, ...args, '--format', format);
        assert.equal(bad.status, 12, `${args.join(' ')}: ${bad.stderr}`);
        assert.match(bad.stderr, /IDENTITY_MISMATCH|CLAIM_MISMATCH/);
      }
      const pattern = [
        '--certificate-identity-regexp',
        '[a-z]+@example\\.com',
        '--certificate-oidc-issuer-regexp',
        '.*',
      ];
      assert.equal((await verify(registry.name, ...pattern, '--format', format)).status, 0);
    }
    const long = ['--certificate-identity-regexp', '(a+)+$', '--certificate-oidc-issuer-regexp', '.*'];
    assert.equal((await verify(registry.name, ...long)).status, 12);
    const broken = ['--certificate-identity-regexp', '(', '--certificate-oidc-issuer-regexp', '.*'];
    assert.equal((await verify(registry.name, ...broken)).status, 2);
    // A key is no certificate, and what a certificate signed is not signed by a key.
    await place.makeKey('lone');
    const byKey = await verify(registry.name, '--key', 'lone.pub');
    assert.equal(byKey.status, 12);
    assert.match(byKey.stderr, /SIGNER_KIND/);
  });

  test('seaworthy signs with a key and tells the log of it', async () => {
    await using registry = await serveImage();
    await place.makeKey('logged');
    await place.makeKey('lone', '--yes');
    const signed = await place.run(['sign', '--key', 'logged.key', registry.byDigest]);
    assert.equal(signed.status, 0, signed.stderr);
    const good = await verify(registry.name, '--key', 'logged.pub');
    assert.equal(good.status, 0, good.stderr);
    assert.match(good.stderr, /log-entry, log-body/);
    assert.equal((await verify(registry.name, '--key', 'lone.pub')).status, 12);
    const byName = await verify(registry.name, ...whoever(email));
    assert.equal(byName.status, 12);
    assert.match(byName.stderr, /SIGNER_KIND/);
  });

  test('seaworthy verify --offline asks nobody whom to trust', async () => {
    await using registry = await serveImage();
    assert.equal((await sign(registry.byDigest)).status, 0);
    place.write('text', 'of a file');
    const blob = ['--bundle', 'text.json', 'text'];
    const signed = await place.run(['sign-blob', '--yes', '--identity-token', token(), ...blob]);
    assert.equal(signed.status, 0, signed.stderr);
    const check = ['verify-blob', ...whoever(email), ...blob];
    const asked = sigstore.faults;
    asked.add({ kind: 'status', service: 'tuf', status: 500 });
    try {
      assert.equal((await place.run([...check, '--offline'])).status, 0);
      // The image itself is still read from its registry.
      const image = await verify(registry.name, ...whoever(email), '--offline');
      assert.equal(image.status, 0, image.stderr);
      const empty = { SEAWORTHY_CACHE_DIR: join(place.path, 'no-cache') };
      const lost = await place.run([...check, '--offline'], { env: empty });
      assert.notEqual(lost.status, 0);
      const named = await place.run([...check, '--offline', '--trusted-root', 'trusted_root.json'], { env: empty });
      assert.equal(named.status, 0, named.stderr);
    } finally {
      asked.clear();
    }
  });

  const wrong: readonly (readonly [Spoil, RegExp])[] = [
    ['fulcio.other-authority', /CERTIFICATE_UNTRUSTED/],
    ['fulcio.wrong-signature', /CERTIFICATE_/],
    ['fulcio.expired-leaf', /NOT_VALID_THEN/],
    ['fulcio.expired-intermediate', /NOT_VALID_THEN|CERTIFICATE_UNTRUSTED/],
    ['fulcio.no-sct', /SCT_MISSING/],
    ['fulcio.wrong-sct', /SCT_WRONG/],
    ['fulcio.empty-sct-list', /SCT_MISSING/],
    ['fulcio.no-extended-usage', /CERTIFICATE_/],
    ['fulcio.server-usage', /CERTIFICATE_/],
    ['fulcio.authority-leaf', /CERTIFICATE_/],
    ['fulcio.unknown-critical', /CERTIFICATE_/],
    ['fulcio.no-issuer', /IDENTITY_MISMATCH/],
  ];
  for (const [what, saying] of wrong) {
    test(`seaworthy verify refuses ${what}`, async () => {
      await using registry = await serveImage();
      sigstore.faults.add({ kind: 'spoil', what });
      const signed = await sign(registry.byDigest);
      sigstore.faults.clear();
      assert.equal(signed.status, 0, signed.stderr);
      const { status, stderr } = await verify(registry.name, ...whoever(email));
      assert.equal(status, 12, stderr);
      assert.match(stderr, saying);
    });
  }

  const broken: readonly (readonly [string, Fault, string])[] = [
    ['the authority answers 500', { kind: 'status', service: 'fulcio', status: 500 }, 'SERVICE_UNAVAILABLE'],
    ['the log answers 500', { kind: 'status', service: 'rekor-v1', status: 500 }, 'SERVICE_UNAVAILABLE'],
    ['the certificate is of another key', { kind: 'spoil', what: 'fulcio.other-key' }, 'SERVICE_PROTOCOL'],
    ['the authority answers nonsense', { kind: 'spoil', what: 'fulcio.protocol' }, 'SERVICE_PROTOCOL'],
    ['the log answers nonsense', { kind: 'spoil', what: 'rekor.protocol' }, 'SERVICE_PROTOCOL'],
    ['the token has ended', { kind: 'spoil', what: 'oidc.expired' }, 'IDENTITY_TOKEN_INVALID'],
  ];
  for (const [title, fault, code] of broken) {
    test(`seaworthy sign attaches nothing when ${title}`, async () => {
      await using registry = await serveImage();
      sigstore.faults.add(fault);
      const signed = await sign(registry.byDigest);
      sigstore.faults.clear();
      assertOneError(signed, code);
      assert.equal(signed.stderr.includes(place.read('token')), false);
      assert.equal((await verify(registry.name, ...whoever(email))).status, 10);
    });
  }

  test('seaworthy verifies entries of Rekor v2 with a timestamp, which tell the time', async () => {
    await using registry = await serveImage();
    place.write('tiled.json', JSON.stringify(sigstore.signingConfig({ rekor: [2], timestamps: true })));
    const signed = await sign(registry.byDigest, '--signing-config', 'tiled.json');
    assert.equal(signed.status, 0, signed.stderr);
    const { status, stderr } = await verify(registry.name, ...whoever(email), '--use-signed-timestamps');
    assert.equal(status, 0, stderr);
    assert.match(stderr, /timestamp/);
    const legacy = await sign(registry.byDigest, '--signing-config', 'tiled.json', '--format', 'legacy');
    assertOneError(legacy, 'SETTING_INVALID', /Rekor v2/);
  });

  test('seaworthy verify --use-signed-timestamps wants a timestamp', async () => {
    await using registry = await serveImage();
    assert.equal((await sign(registry.byDigest)).status, 0);
    const { status, stderr } = await verify(registry.name, ...whoever(email), '--use-signed-timestamps');
    assert.equal(status, 12);
    assert.match(stderr, /TIME/);
  });
});

describe('blobs', { concurrency: 1 }, () => {
  test('seaworthy verify-blob takes the file, and no other', async () => {
    place.write('app.tar', 'the file');
    place.write('other.tar', 'another file');
    await place.makeKey('blob');
    await place.makeKey('stranger');
    const signed = await place.run([
      'sign-blob',
      '--key',
      'blob.key',
      ...unlogged.sign,
      '--bundle',
      'app.json',
      '--output-signature',
      'app.sig',
      'app.tar',
    ]);
    assert.equal(signed.status, 0, signed.stderr);
    const digest = `sha256:${createHash('sha256').update('the file').digest('hex')}`;
    for (const [args, status] of [
      [['--key', 'blob.pub', '--bundle', 'app.json', 'app.tar'], 0],
      [['--key', 'blob.pub', '--signature', 'app.sig', 'app.tar'], 0],
      [['--key', 'blob.pub', '--signature', place.read('app.sig').trim(), 'app.tar'], 0],
      [['--key', 'blob.pub', '--bundle', 'app.json', '--digest', digest], 0],
      [['--key', 'blob.pub', '--bundle', 'app.json', 'other.tar'], 12],
      [['--key', 'blob.pub', '--signature', 'app.sig', 'other.tar'], 12],
      [['--key', 'stranger.pub', '--bundle', 'app.json', 'app.tar'], 12],
      [['--key', 'blob.pub', '--bundle', 'app.tar', 'app.tar'], 12],
      [['--key', 'blob.pub', '--bundle', 'absent.json', 'app.tar'], 2],
      [['--key', 'blob.pub', 'app.tar'], 2],
      [['--bundle', 'app.json', 'app.tar'], 2],
    ] as const) {
      const { status: found, stderr } = await place.run(['verify-blob', ...unlogged.verify, ...args]);
      assert.equal(found, status, `${args.join(' ')}: ${stderr}`);
      assert.equal(stderr.includes('Verified OK'), status === 0);
    }
    const logs = await place.run(['verify-blob', '--key', 'blob.pub', '--bundle', 'app.json', 'app.tar']);
    assert.equal(logs.status, 12);
    assert.match(logs.stderr, /LOG_ENTRY_MISSING/);
  });

  test('seaworthy verify-blob without a key checks who signed', async () => {
    place.write('note', 'a note');
    const signed = await place.run([
      'sign-blob',
      '--yes',
      '--identity-token',
      token(),
      '--bundle',
      'note.json',
      'note',
    ]);
    assert.equal(signed.status, 0, signed.stderr);
    const check = (...args: readonly string[]): ReturnType<typeof place.run> =>
      place.run(['verify-blob', ...args, '--bundle', 'note.json', 'note']);
    assert.equal((await check(...whoever(email))).status, 0);
    assert.equal((await check(...whoever('x@example.com'))).status, 12);
    assert.equal((await check('--key', 'blob.pub')).status, 12);
    const seen = await place.run(['bundle', 'inspect', 'note.json']);
    assert.equal(seen.status, 0);
    assert.match(seen.stdout, new RegExp(email));
    assert.equal((await place.run(['bundle', 'inspect', 'note'])).status, 2);
  });

  test('seaworthy verify-blob-attestation wants the file, the type, the condition and a statement', async () => {
    place.write('p.json', JSON.stringify({ ok: true }));
    place.write('true.cel', 'predicate.ok');
    place.write('not.cel', '!predicate.ok');
    const type = 'https://example.com/p';
    const args = ['--key', 'blob.key', ...unlogged.sign, '--predicate', 'p.json', '--type', type];
    const signed = await place.run(['attest-blob', ...args, '--bundle', 'p.bundle', 'app.tar']);
    assert.equal(signed.status, 0, signed.stderr);
    for (const [more, status] of [
      [['app.tar'], 12],
      [['--type', type, 'app.tar'], 0],
      [['--type', type, '--policy', 'true.cel', 'app.tar'], 0],
      [['--type', type, '--policy', 'not.cel', 'app.tar'], 12],
      [['--type', 'spdxjson', 'app.tar'], 12],
      [['--type', type, 'other.tar'], 12],
      [['--type', type, '--check-claims=false', 'other.tar'], 0],
      [['--policy', 'p.json', 'app.tar'], 2],
    ] as const) {
      const check = ['verify-blob-attestation', '--key', 'blob.pub', ...unlogged.verify, '--bundle', 'p.bundle'];
      const { status: found, stderr } = await place.run([...check, ...more]);
      assert.equal(found, status, `${more.join(' ')}: ${stderr}`);
    }
    const unsure = ['--key', 'blob.pub', ...unlogged.verify, 'app.tar'];
    assert.equal((await place.run(['verify-blob', ...unsure, '--bundle', 'p.bundle'])).status, 12);
    const message = ['verify-blob-attestation', ...unsure, '--bundle', 'app.json'];
    assert.equal((await place.run(message)).status, 12);
  });
});
