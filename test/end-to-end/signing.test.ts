import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, describe } from 'node:test';
import { parsePem } from '../../src/codec/pem/pem.ts';
import type { Fault } from '../../testing/registry/fault.ts';
import { assertOneError } from './program.ts';
import { sampleFindings } from './sample.ts';
import { keyPassword, openSigningPlace, serveImage, unlogged } from './signing-place.ts';

const place = await openSigningPlace();
after(() => place[Symbol.dispose]());
for (const name of ['one', 'two', 'three']) await place.makeKey(name);

function sign(key: string, image: string, ...args: readonly string[]): ReturnType<typeof place.run> {
  return place.run(['sign', '--key', `${key}.key`, ...unlogged.sign, ...args, image]);
}

function verify(
  keys: string | readonly string[],
  image: string,
  ...args: readonly string[]
): ReturnType<typeof place.run> {
  const named = [keys].flat().flatMap((key) => ['--key', `${key}.pub`]);
  return place.run(['verify', ...named, ...unlogged.verify, ...args, image]);
}

describe('key pairs', () => {
  test('seaworthy generate-key-pair writes an encrypted key for its owner alone, and overwrites none', async () => {
    await place.makeKey('fresh');
    assert.match(place.read('fresh.key'), /^-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n/);
    assert.match(place.read('fresh.pub'), /^-----BEGIN PUBLIC KEY-----\n/);
    assert.equal(statSync(join(place.path, 'fresh.key')).mode & 0o777, 0o600);
    const before = place.read('fresh.key');
    assertOneError(
      await place.run(['generate-key-pair', '--output-key-prefix', 'fresh']),
      'SETTING_INVALID',
      /fresh\.key exists already.*--yes/,
    );
    assert.equal(place.read('fresh.key'), before);
    await place.makeKey('fresh', '--yes');
    assert.notEqual(place.read('fresh.key'), before);
  });

  for (const type of ['p256', 'p384', 'p521', 'ed25519', 'rsa']) {
    test(`seaworthy signs and verifies with a key of type ${type}`, async () => {
      await place.makeKey(type, '--type', type);
      await using registry = await serveImage();
      assert.equal((await sign(type, registry.byDigest, '--format', 'both')).status, 0);
      for (const format of ['bundle', 'legacy']) {
        const { status, stderr } = await verify(type, registry.name, '--format', format);
        assert.equal(status, 0, stderr);
        assert.equal((await verify('one', registry.name, '--format', format)).status, 12);
      }
    });
  }

  test('seaworthy import-key-pair encrypts the key of another tool, and never over another', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    place.write('plain.pem', privateKey.export({ type: 'sec1', format: 'pem' }));
    assert.equal((await place.run(['import-key-pair', '--key', 'plain.pem'])).status, 0);
    assert.equal(place.read('import-cosign.pub'), publicKey.export({ type: 'spki', format: 'pem' }));
    assertOneError(await place.run(['import-key-pair', '--key', 'plain.pem']), 'SETTING_INVALID', /--yes/);
    const shown = await place.run(['public-key', '--key', 'import-cosign.key']);
    assert.equal(shown.stdout, place.read('import-cosign.pub'));
    await using registry = await serveImage();
    assert.equal((await sign('import-cosign', registry.byDigest)).status, 0);
    assert.equal((await verify('import-cosign', registry.name)).status, 0);
  });

  test('seaworthy takes no wrong password, and says nothing of the right one', async () => {
    await using registry = await serveImage();
    for (const [env, input] of [
      [{ COSIGN_PASSWORD: 'wrong-word-42' }, ''],
      [{ COSIGN_PASSWORD: '' }, ''],
    ] as const) {
      const args = ['sign', '--key', 'one.key', ...unlogged.sign, registry.byDigest];
      const ended = await place.run(args, { env, input });
      assertOneError(ended, 'KEY_PASSWORD_WRONG');
      assert.doesNotMatch(ended.stderr, /wrong-word-42|keel-and-anchor/);
    }
    assert.equal((await verify('one', registry.name)).status, 10);
  });

  test('seaworthy sign without a key asks for --yes and a token where there is no terminal', async () => {
    await using registry = await serveImage();
    const services = ['--fulcio-url', registry.url, '--rekor-url', registry.url, '--oidc-issuer', registry.url];
    const args = ['sign', ...services, '--oidc-disable-ambient-providers', registry.byDigest];
    assertOneError(await place.run(args), 'SETTING_INVALID', /--yes/);
    assertOneError(await place.run([...args, '--yes']), 'IDENTITY_TOKEN_UNAVAILABLE', /SIGSTORE_ID_TOKEN/);
  });
});

describe('verify', () => {
  test('seaworthy verify tells signed, unsigned, not there and signed by another apart by its status', async () => {
    await using registry = await serveImage();
    const unsigned = await verify('one', registry.name);
    assert.equal(unsigned.status, 10);
    assert.match(unsigned.stderr, /^error NO_SIGNATURES: /m);
    assert.equal((await verify('one', registry.name.replace(':v1', ':v2'))).status, 11);
    assert.equal((await sign('one', registry.byDigest)).status, 0);
    const signed = await verify('one', registry.name);
    assert.equal(signed.status, 0, signed.stderr);
    const [element] = JSON.parse(signed.stdout) as [{ critical: { image: Record<string, string>; type: string } }];
    assert.equal(`${registry.host}/app@${element.critical.image['docker-manifest-digest']}`, registry.byDigest);
    assert.equal(element.critical.type, 'https://sigstore.dev/cosign/sign/v1');
    const other = await verify('two', registry.name);
    assert.equal(other.status, 12);
    assert.equal(other.stdout.trim(), '');
    assert.match(other.stderr, /SIGNATURE_WRONG/);
    assert.match(other.stderr, /wanted: the key two\.pub/);
  });

  const faults: readonly (readonly [string, Fault])[] = [
    ['429 for the list', { kind: 'status', status: 429, headers: { 'retry-after': '3600' }, path: '/referrers/' }],
    ['500 for the list', { kind: 'status', status: 500, path: '/referrers/' }],
    ['403 for the list', { kind: 'status', status: 403, path: '/referrers/' }],
    ['nothing for the list', { kind: 'drop', path: '/referrers/' }],
    ['another page for the list', { kind: 'status', status: 200, body: '<html>', path: '/referrers/' }],
    ['500 for the tag', { kind: 'status', status: 500, path: /manifests\/sha256-/ }],
    ['500 for the image', { kind: 'status', status: 500, path: '/manifests/v1' }],
    ['429 for the image', { kind: 'status', status: 429, headers: { 'retry-after': '3600' }, path: '/manifests/v1' }],
  ];
  for (const [title, fault] of faults) {
    test(`seaworthy verify does not call an image unsigned when the registry answers ${title}`, async () => {
      await using registry = await serveImage({ faults: [fault] });
      const { status, stderr, stdout } = await verify('one', registry.name);
      assert.equal(status, 14, stderr);
      assert.doesNotMatch(stderr, /NO_SIGNATURES|NO_MATCHING/);
      assert.equal(stdout.trim(), '');
    });
  }

  test('seaworthy verify refuses what does not say who must have signed, or says two things', async () => {
    await using registry = await serveImage();
    const identity = ['--certificate-identity', 'a@example.com', '--certificate-oidc-issuer', 'https://a.example'];
    for (const args of [
      [],
      ['--key', 'one.pub', ...identity],
      identity.slice(0, 2),
      identity.slice(2),
      ['--key', 'one.pub', '--signatures', '0'],
      ['--key', 'one.pub', '--signatures', 'two'],
      ['--key', 'one.pub', '-a', 'no-value'],
      ['--key', 'one.pub', '--output', 'xml'],
      ['--key', 'one.pub', '--no-such-option'],
    ]) {
      const { status, stdout } = await place.run(['verify', ...args, ...unlogged.verify, registry.name]);
      assert.equal(status, 2, args.join(' '));
      assert.equal(stdout.trim(), '', args.join(' '));
    }
    const none = await place.run(['verify', '--key', 'one.pub']);
    assert.equal(none.status, 2);
  });

  test('seaworthy verify wants the annotations that it is given, signed and with their value', async () => {
    await using registry = await serveImage();
    await sign('one', registry.byDigest, '--format', 'both', '-a', 'env=prod', '-a', 'team=deck');
    for (const format of ['bundle', 'legacy']) {
      for (const [annotations, status] of [
        [['env=prod'], 0],
        [['env=prod', 'team=deck'], 0],
        [['env=test'], 12],
        [['env=prod', 'absent=1'], 12],
        [['toString=x'], 12],
      ] as const) {
        const ended = await verify(
          'one',
          registry.name,
          '--format',
          format,
          ...annotations.flatMap((pair) => ['-a', pair]),
        );
        assert.equal(ended.status, status, `${format} ${annotations.join(' ')}: ${ended.stderr}`);
      }
    }
  });

  test('seaworthy verify --signatures counts keys, not signatures', async () => {
    await using registry = await serveImage();
    const keys = ['one', 'two', 'three'];
    await sign('one', registry.byDigest);
    await sign('one', registry.byDigest);
    const twice = await verify(keys, registry.name, '--signatures', '2');
    assert.equal(twice.status, 12, twice.stderr);
    assert.match(twice.stderr, /1 of the 2 signers/);
    await sign('three', registry.byDigest);
    assert.equal((await verify(keys, registry.name, '--signatures', '2')).status, 0);
    assert.equal((await verify(keys, registry.name, '--signatures', '3')).status, 12);
    assert.equal((await verify(['one', 'two'], registry.name, '--signatures', '2')).status, 12);
  });

  test('seaworthy verify --output report tells what was checked, and what failed why', async () => {
    await using registry = await serveImage();
    await sign('one', registry.byDigest, '-a', 'env=prod');
    await sign('two', registry.byDigest);
    const { status, stdout } = await verify('one', registry.name, '-a', 'env=prod', '--output', 'report');
    assert.equal(status, 0);
    const [report] = JSON.parse(stdout) as [
      {
        passed: boolean;
        signatures: { checks: { passed: string[]; waived: string[] }; annotations: object }[];
        failures: { code: string; wanted: string }[];
      },
    ];
    assert.equal(report.passed, true);
    assert.deepEqual(report.signatures[0]?.annotations, { env: 'prod' });
    assert.deepEqual(report.signatures[0]?.checks.waived, ['log-entry']);
    for (const check of ['key', 'signature', 'subject', 'annotations', 'predicate-type']) {
      assert.equal(report.signatures[0]?.checks.passed.includes(check), true, check);
    }
    assert.deepEqual(
      report.failures.map(({ code, wanted }) => [code, wanted]),
      [['SIGNATURE_WRONG', 'the key one.pub']],
    );
  });

  test('seaworthy sign --recursive signs what an index leads to, and without it the index alone', async () => {
    const { makeSyntheticImage, storeIndex } = await import('../../testing/registry/synthetic-image.ts');
    await using registry = await serveImage();
    const images = { amd64: makeSyntheticImage([{ a: '1' }]), arm64: makeSyntheticImage([{ a: '2' }], 'arm64') };
    const index = storeIndex(registry.store, 'app', 'all', images);
    const child = `${registry.host}/app:all-arm64`;
    await sign('one', `${registry.host}/app@${index}`);
    assert.equal((await verify('one', `${registry.host}/app:all`)).status, 0);
    assert.equal((await verify('one', child)).status, 10);
    await sign('two', `${registry.host}/app@${index}`, '--recursive');
    assert.equal((await verify('two', child)).status, 0);
  });

  test('seaworthy verify asks for a tag once, and believes its content and not its name', async () => {
    const { makeSyntheticImage, storeImage } = await import('../../testing/registry/synthetic-image.ts');
    await using good = await serveImage();
    await sign('one', good.byDigest);
    assert.equal((await verify('one', good.name)).status, 0);
    const asked = good.requests.filter(({ path }) => path.endsWith('/manifests/v1'));
    assert.equal(asked.length, 1);
    // The tag leads to another image, which the registry calls by the digest of the signed one.
    const evil = makeSyntheticImage([{ a: 'evil' }]);
    const headers = { 'content-type': evil.mediaType, 'docker-content-digest': good.byDigest.split('@')[1] as string };
    const body = Buffer.from(evil.manifest).toString();
    const fault = { kind: 'status', status: 200, headers, body, path: '/manifests/v1' } as const;
    await using bad = await serveImage({ store: good.store, faults: [fault] });
    const lied = await verify('one', bad.name);
    assert.equal([10, 12, 14].includes(lied.status ?? 0), true, lied.stderr);
    assert.equal(lied.stdout.trim(), '');
    // Nor does a registry that is honest about the other image help it.
    storeImage(good.store, 'app', 'evil', evil);
    assert.equal((await verify('one', `${good.host}/app:evil`)).status, 10);
  });

  test('seaworthy verify wants a log entry unless it is told not to', async () => {
    await using registry = await serveImage();
    await sign('one', registry.byDigest);
    const root = place.write(
      'empty-root.json',
      JSON.stringify({ mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1' }),
    );
    const { status, stderr } = await place.run(['verify', '--key', 'one.pub', '--trusted-root', root, registry.name]);
    assert.equal(status, 12, stderr);
    assert.match(stderr, /LOG_ENTRY_MISSING/);
  });
});

describe('attestations', () => {
  const envelopes = (stdout: string): { predicateType: string; predicate: Record<string, unknown> }[] =>
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(Buffer.from((JSON.parse(line) as { payload: string }).payload, 'base64').toString()));

  test('seaworthy verify-attestation wants its type and its condition', async () => {
    await using registry = await serveImage();
    place.write('provenance.json', JSON.stringify({ buildDefinition: { buildType: 'https://b.example/1' } }));
    const attested = await place.run([
      'attest',
      '--key',
      'one.key',
      ...unlogged.sign,
      '--type',
      'https://example.com/build',
      '--predicate',
      'provenance.json',
      registry.byDigest,
    ]);
    assert.equal(attested.status, 0, attested.stderr);
    place.write('holds.cel', 'predicate.buildDefinition.buildType == "https://b.example/1"');
    place.write('false.cel', 'predicate.buildDefinition.buildType == "https://b.example/2"');
    place.write('absent.cel', 'predicate.no.such.field');
    place.write('broken.cel', 'predicate.(((');
    place.write('unknown.cel', 'nobody == 1');
    const typed = ['--type', 'https://example.com/build'];
    for (const [args, status, saying] of [
      [[], 12, /attested there: https:\/\/example\.com\/build; --type names/],
      [typed, 0, /predicate-type/],
      [['--type', 'spdxjson'], 12, /PREDICATE_TYPE_MISMATCH(?:.*\n)*.*wanted: https:\/\/spdx/],
      [[...typed, '--policy', 'holds.cel'], 0, /^/],
      [[...typed, '--policy', 'false.cel'], 12, /CONDITION_UNMET/],
      [[...typed, '--policy', 'holds.cel', '--policy', 'false.cel'], 12, /CONDITION_UNMET/],
      [[...typed, '--policy', 'absent.cel'], 12, /CONDITION_UNMET/],
      [['--policy', 'broken.cel'], 2, /SETTING_INVALID/],
      [['--policy', 'unknown.cel'], 2, /SETTING_INVALID/],
      [['--policy', 'missing.cel'], 2, /SETTING_INVALID/],
      [['--policy', 'provenance.json'], 2, /SETTING_INVALID/],
      [['--type', 'no such type'], 2, /SETTING_INVALID/],
    ] as const) {
      const ended = await place.run([
        'verify-attestation',
        '--key',
        'one.pub',
        ...unlogged.verify,
        ...args,
        registry.name,
      ]);
      assert.equal(ended.status, status, `${args.join(' ')}: ${ended.stderr}`);
      assert.match(ended.stderr, saying);
      if (status !== 0) assert.equal(ended.stdout.trim(), '', args.join(' '));
      else assert.equal(envelopes(ended.stdout)[0]?.predicateType, 'https://example.com/build');
    }
  });

  test('seaworthy attest --sbom and --scan state what we find ourselves, and sign nothing else', async () => {
    await using registry = await serveImage();
    const attest = (...args: readonly string[]): ReturnType<typeof place.run> =>
      place.run(['attest', '--key', 'one.key', ...unlogged.sign, ...args, registry.byDigest]);
    const check = (...args: readonly string[]): ReturnType<typeof place.run> =>
      place.run(['verify-attestation', '--key', 'one.pub', ...unlogged.verify, ...args, registry.name]);
    assert.equal((await attest('--sbom', 'spdx-json')).status, 0);
    const sbom = envelopes((await check('--type', 'spdxjson')).stdout)[0]?.predicate as {
      packages: { name: string }[];
    };
    const names = new Set(sbom.packages.map(({ name }) => name));
    for (const name of ['busybox', 'musl', 'zlib', 'lodash']) assert.equal(names.has(name), true, name);
    // Only an attestation is there, and no signature: cosign 3.1 says that such an image is signed.
    const { status, stderr } = await verify('one', registry.name);
    assert.equal(status, 12);
    assert.match(stderr, /PREDICATE_TYPE_MISMATCH.*\n.*found: {2}https:\/\/spdx\.dev\/Document/);
    const scanned = await attest('--scan');
    assert.equal(scanned.status, 0, scanned.stderr);
    const scan = envelopes((await check('--type', 'vuln')).stdout)[0]?.predicate as {
      scanner: { result: { Results: { Vulnerabilities?: { VulnerabilityID: string }[] }[] } };
    };
    const ids = scan.scanner.result.Results.flatMap(({ Vulnerabilities = [] }) =>
      Vulnerabilities.map(({ VulnerabilityID }) => VulnerabilityID),
    );
    assert.deepEqual(ids.toSorted(), sampleFindings);
    assert.equal((await attest('--scan', '--sbom', 'spdx-json')).status, 2);
    assert.equal((await attest()).status, 2);
  });
});

test('seaworthy lets no byte of a private key out, whatever it does', () => {
  const [block] = parsePem(place.read('plain.pem'));
  // SEC 1 has the number of 32 bytes after a header of seven.
  const secret = (block as { bytes: Buffer }).bytes.subarray(7, 39);
  const spellings = (['hex', 'base64', 'base64url', 'latin1', 'utf8'] as const).flatMap((encoding) =>
    // Base64 looks different from each of three places on.
    [0, 1, 2].map((at) => secret.subarray(at, at + 24).toString(encoding)),
  );
  assert.equal(place.said.length > 100, true);
  for (const text of place.said) {
    assert.equal(
      spellings.some((spelling) => text.includes(spelling)),
      false,
    );
    assert.doesNotMatch(text, /PRIVATE KEY-----/);
    assert.equal(text.includes(keyPassword), false);
  }
});
