import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainHost, plainSettings } from '../../../testing/plain-host.ts';
import { storeArtifact, storeIndexOf } from '../../../testing/registry/attached.ts';
import {
  attachedTypes,
  serveAttached,
  simpleSigning,
  testBundle,
  testEnvelope,
} from '../../../testing/registry/attached-image.ts';
import { makeSyntheticImage, storeIndex } from '../../../testing/registry/synthetic-image.ts';
import { fallbackTag } from '../../oci/referrer.ts';
import { ConfigError } from '../config/error.ts';
import type { Settings } from '../config/settings.ts';
import type { Host } from '../host.ts';
import { type CleanOptions, cleanCommand } from './clean.ts';
import { downloadAttestationCommand, downloadSbomCommand, downloadSignatureCommand } from './download.ts';
import { type TreeOptions, treeCommand } from './tree.ts';
import { type TriangulateOptions, triangulateCommand } from './triangulate.ts';

interface Ended {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

type Surroundings = Parameters<typeof plainHost>[1];

async function run(
  work: (resolved: ReturnType<typeof plainSettings>, host: Host) => Promise<number>,
  changes: Partial<Settings> = {},
  surroundings: Surroundings = {},
): Promise<Ended> {
  const { host, out, err } = plainHost('/nowhere', surroundings);
  const status = await work(plainSettings(changes), host);
  return { status, out: out(), err: err() };
}

const tree = (name: string, options: Partial<TreeOptions> = {}, changes: Partial<Settings> = {}): Promise<Ended> =>
  run((resolved, host) => treeCommand(name, { output: 'text', ...options }, resolved, host), changes);

const clean = (name: string, options: Partial<CleanOptions>, changes = {}, around: Surroundings = {}): Promise<Ended> =>
  run((resolved, host) => cleanCommand(name, { type: 'all', yes: true, ...options }, resolved, host), changes, around);

const signatures = (name: string, options = {}, changes = {}): Promise<Ended> =>
  run((resolved, host) => downloadSignatureCommand(name, options, resolved, host), changes);

const attestations = (name: string, options = {}, changes = {}): Promise<Ended> =>
  run((resolved, host) => downloadAttestationCommand(name, options, resolved, host), changes);

const sbom = (name: string, options = {}, changes = {}, around: Surroundings = {}): Promise<Ended> =>
  run((resolved, host) => downloadSbomCommand(name, options, resolved, host), changes, around);

const commands: Readonly<Record<string, (name: string) => Promise<Ended>>> = {
  tree: (name) => tree(name),
  clean: (name) => clean(name, {}),
  'download signature': (name) => signatures(name),
  'download attestation': (name) => attestations(name),
  'download sbom': (name) => sbom(name),
};

for (const [title, command] of Object.entries(commands)) {
  test(`${title} says 11 of an image that is not there, by tag or digest`, async () => {
    await using served = await serveAttached();
    const { host } = served.registry;
    for (const name of [`${host}/team/app:none`, `${host}/none/app:v1`, `${host}/team/app@sha256:${'0'.repeat(64)}`]) {
      const { status, out, err } = await command(name);
      assert.match(err, /^error IMAGE_NOT_FOUND: [^\n]+\n$/);
      assert.deepEqual([status, out], [11, '']);
    }
  });

  test(`${title} says 14 when it cannot be looked up`, async () => {
    for (const path of ['/manifests/v1', '/referrers/', /\/manifests\/sha256-/]) {
      if (title === 'download sbom' && path === '/referrers/') continue;
      await using served = await serveAttached({ faults: [{ kind: 'status', status: 403, path }] });
      const { status, out, err } = await command(served.image);
      assert.match(err, /^error \w+: [^\n]+\n$/);
      assert.deepEqual([status, out], [14, ''], `${String(path)} ${err}`);
    }
  });
}

test('tree shows what is attached, for people and programs', async () => {
  await using served = await serveAttached();
  const { image, digest } = served;
  const { status, out, err } = await tree(image);
  assert.deepEqual([status, err], [0, '']);
  for (const line of [
    /^├─ signature \(tag ….sig, 1 layer, \d+ B\)$/m,
    /^├─ attestation \(tag ….att, 1 layer, \d+ B\) https:\/\/spdx\.dev\/Document$/m,
    /^├─ sbom \(tag ….sbom, 1 layer, 27 B\) text\/spdx\+json$/m,
    /^[├└]─ signature \(bundle, \d+ B\) https:\/\/sigstore\.dev\/cosign\/sign\/v1$/m,
    /^[├└]─ attestation \(bundle, \d+ B\) https:\/\/cosign\.sigstore\.dev\/attestation\/v1$/m,
  ]) {
    assert.match(out, line);
  }
  const json = JSON.parse((await tree(image, { output: 'json' })).out) as {
    readonly digest: string;
    readonly attachments: readonly { kind: string; form: string; subject: string; layers: unknown[] }[];
    readonly problems: unknown[];
  };
  assert.equal(json.digest, digest);
  assert.deepEqual(
    json.attachments.map(({ kind, form, subject, layers }) => [kind, form, subject, layers.length]),
    [
      ['signature', 'tag'],
      ['attestation', 'tag'],
      ['sbom', 'tag'],
      ...json.attachments.slice(3).map(({ kind }) => [kind, 'bundle']),
    ].map((pair) => [...pair, digest, 1]),
  );
  assert.deepEqual(
    json.attachments
      .slice(3)
      .map(({ kind }) => kind)
      .sort(),
    ['attestation', 'signature'],
  );
  assert.deepEqual(json.problems, []);
});

test('tree tells of what it could not read, and its status does', async () => {
  await using served = await serveAttached({ referrers: false });
  const { registry, repository, digest, image } = served;
  const lost = { mediaType: 'application/vnd.oci.image.manifest.v1+json', size: 2, digest: `sha256:${'1'.repeat(64)}` };
  storeIndexOf(registry.store, repository, fallbackTag(digest), [lost]);
  const { status, out, err } = await tree(image, { output: 'json' });
  assert.match(err, new RegExp(`^${lost.digest}: [^\\n]+\\n$`));
  assert.equal((JSON.parse(out) as { problems: unknown[] }).problems.length, 1);
  assert.equal(status, 2);
});

test('tree and download look at one image of an index when they are told which', async () => {
  await using served = await serveAttached();
  const { store, host } = served.registry;
  const images = { amd64: makeSyntheticImage([{ a: 'a' }]), arm64: makeSyntheticImage([{ a: 'a' }], 'arm64') };
  storeIndex(store, 'team/multi', 'v1', images);
  const child = store.manifest('team/multi', 'v1-arm64')?.digest as string;
  const mediaType = 'application/vnd.dev.sigstore.bundle.v0.3+json';
  const layers = [{ mediaType, bytes: Buffer.from(testBundle(child, attachedTypes.custom)) }];
  storeArtifact(store, 'team/multi', { artifactType: mediaType, layers, subject: child });
  const name = `${host}/team/multi:v1`;
  const arm = { platform: { os: 'linux', architecture: 'arm64' } };
  assert.match((await tree(name)).out, /nothing is attached/);
  assert.match((await tree(name, {}, arm)).out, new RegExp(`^${child}\n└─ attestation \\(bundle`, 'm'));
  assert.equal((await attestations(name)).status, 10);
  assert.equal((await attestations(name, {}, arm)).out, `${testBundle(child, attachedTypes.custom)}\n`);
  const none = await tree(name, {}, { platform: { os: 'linux', architecture: 's390x' } });
  assert.match(none.err, /^error PLATFORM_UNAVAILABLE: /);
  assert.equal(none.status, 2);
});

test('triangulate prints tags as cosign does', async () => {
  await using served = await serveAttached();
  const { digest, image, registry } = served;
  const name = `${registry.host}/team/app`;
  const triangulate = (from: string, options: Partial<TriangulateOptions>, changes: Partial<Settings> = {}) =>
    run((resolved, host) => triangulateCommand(from, { type: 'signature', ...options }, resolved, host), changes);
  const tag = digest.replace(':', '-');
  for (const [options, wanted] of [
    [{}, `${name}:${tag}.sig`],
    [{ type: 'attestation' }, `${name}:${tag}.att`],
    [{ type: 'sbom', tagPrefix: 'test-' }, `${name}:test-${tag}.sbom`],
    [{ type: 'digest' }, `${name}@${digest}`],
  ] as const) {
    assert.deepEqual(await triangulate(image, options), { status: 0, out: `${wanted}\n`, err: '' });
  }
  const apart = { signatureRepository: 'docker.io/me/signatures' };
  assert.equal((await triangulate(image, {}, apart)).out, `index.docker.io/me/signatures:${tag}.sig\n`);
  // What the name says needs no network.
  const offline = { ...apart, offline: true };
  assert.equal(
    (await triangulate(`alpine@${digest}`, { type: 'digest' }, offline)).out,
    `index.docker.io/library/alpine@${digest}\n`,
  );
  assert.equal((await triangulate(`${name}:none`, {})).status, 11);
});

test('clean asks on a terminal, and never removes without a yes', async () => {
  await using served = await serveAttached();
  const { image, digest } = served;
  const count = async (): Promise<number> =>
    (JSON.parse((await tree(image, { output: 'json' })).out) as { attachments: unknown[] }).attachments.length;
  await assert.rejects(clean(image, { yes: false }), (error) => {
    return error instanceof ConfigError && /agree with --force/.test(error.message);
  });
  for (const answer of ['', 'n', 'no', 'yep', ' ']) {
    const asked: string[] = [];
    const ask = async (question: string): Promise<string> => {
      asked.push(question);
      return await Promise.resolve(answer);
    };
    await assert.rejects(clean(image, { yes: false }, {}, { ask, columns: 80 }), /Nothing was removed/);
    assert.deepEqual(asked, [`Remove everything that is attached to ${image} (${digest})? [y/N] `]);
  }
  assert.equal(await count(), 5);
  const ask = async (): Promise<string> => await Promise.resolve(' Yes ');
  const cleaned = await clean(image, { yes: false, type: 'attestation' }, {}, { ask, columns: 80 });
  assert.equal(cleaned.status, 0);
  assert.equal(cleaned.err.match(/^Removed attestation \((?:tag|bundle)\) /gm)?.length, 2);
  assert.equal(await count(), 3);
  assert.deepEqual(await clean(image, { type: 'all' }, { quiet: true }), { status: 0, out: '', err: '' });
  assert.equal(await count(), 0);
  assert.match((await clean(image, {})).err, /^Nothing of that kind is attached to /);
});

test('clean says so when the registry deletes nothing', async () => {
  await using served = await serveAttached({ deletion: 'none' });
  const { status, err } = await clean(served.image, {});
  assert.match(err, /^error DELETE_UNSUPPORTED: /);
  assert.equal(status, 2);
});

test('download prints bundles first, then the older form, each kind for itself', async () => {
  for (const referrers of [true, false]) {
    await using served = await serveAttached({ referrers });
    const { image, digest } = served;
    const signed = await signatures(image);
    const older = { Base64Signature: 'AAAA', Payload: Buffer.from(simpleSigning(digest)).toString('base64') };
    const rest = { Cert: null, Chain: null, Bundle: null, RFC3161Timestamp: null };
    const [first, ...others] = signed.out.split('\n');
    assert.equal(first, testBundle(digest, attachedTypes.sign));
    assert.deepEqual([JSON.parse(others[0] as string), others[1]], [{ ...older, ...rest }, '']);
    assert.deepEqual([signed.status, signed.err, others.length], [0, '', 2]);
    const attested = (await attestations(image)).out.split('\n');
    assert.equal(attested[0], testBundle(digest, attachedTypes.custom));
    assert.equal(
      (JSON.parse(attested[1] as string) as { payloadType: string }).payloadType,
      'application/vnd.in-toto+json',
    );
    assert.equal(attested.length, 3);
  }
});

test('download attestation takes names and URIs of predicate types', async () => {
  await using served = await serveAttached();
  const { image, digest } = served;
  const custom = `${testBundle(digest, attachedTypes.custom)}\n`;
  assert.equal((await attestations(image, { predicateType: 'custom' })).out, custom);
  assert.equal((await attestations(image, { predicateType: attachedTypes.custom })).out, custom);
  assert.match((await attestations(image, { predicateType: 'spdxjson' })).out, /^\{"payloadType"[^\n]+\n$/);
  assert.equal(
    (await attestations(image, { predicateType: attachedTypes.sign })).out,
    `${testBundle(digest, attachedTypes.sign)}\n`,
  );
  const none = await attestations(image, { predicateType: 'slsaprovenance1' });
  assert.match(none.err, /^error NOT_ATTACHED: .+"seaworthy tree" shows what is attached\n$/);
  assert.deepEqual([none.status, none.out], [10, '']);
  await assert.rejects(attestations(image, { predicateType: 'spdx json' }), ConfigError);
});

test('download finds the type in the statement, whatever the manifest says of it', async () => {
  await using served = await serveAttached();
  const { registry, repository, digest, image } = served;
  const mediaType = 'application/vnd.dev.sigstore.bundle.v0.3+json';
  const lie = { 'dev.sigstore.bundle.predicateType': attachedTypes.sign };
  const put = (bytes: string, annotations = lie): unknown =>
    storeArtifact(registry.store, repository, {
      artifactType: mediaType,
      layers: [{ mediaType, bytes: Buffer.from(bytes) }],
      subject: digest,
      annotations,
    });
  put(testBundle(digest, 'https://example.com/lie'));
  assert.equal((await signatures(image)).out.trim().split('\n').length, 2);
  assert.equal((await attestations(image, { predicateType: 'https://example.com/lie' })).status, 0);
  const { digest: damaged } = put('{"a":1,"a":2}') as { digest: string };
  const { status, out, err } = await signatures(image);
  assert.match(err, new RegExp(`^${damaged}: [^\\n]+\\n$`));
  assert.equal(out.trim().split('\n').length, 2);
  assert.equal(status, 2);
});

test('download sbom prints it byte for byte, and a referrer where there is no tag', async () => {
  await using served = await serveAttached();
  const { registry, repository, digest, image } = served;
  const { status, out, err } = await sbom(image);
  assert.deepEqual([status, out], [0, '{"spdxVersion":"SPDX-2.3"}\n']);
  assert.match(err, /type text\/spdx\+json\. Nobody signed it/);
  assert.equal((await sbom(image, {}, { quiet: true })).err, '');
  registry.store.deleteManifest(repository, `${digest.replace(':', '-')}.sbom`);
  assert.equal((await sbom(image)).status, 10);
  const artifactType = 'application/vnd.cyclonedx+json';
  const attach = (text: string): unknown =>
    storeArtifact(registry.store, repository, {
      artifactType,
      layers: [{ mediaType: artifactType, bytes: Buffer.from(text) }],
      subject: digest,
    });
  attach('{"bomFormat":"\u001B[2J"}');
  assert.equal((await sbom(image)).out, '{"bomFormat":"\u001B[2J"}');
  assert.equal((await sbom(image, {}, {}, { columns: 80 })).out, '{"bomFormat":"\uFFFD[2J"}');
  attach('{}');
  const two = await sbom(image);
  assert.match(two.err, /^error IMAGE_AMBIGUOUS: There are 2 SBOMs/);
  assert.deepEqual([two.status, two.out], [2, '']);
});

test('download looks where attachments are kept apart', async () => {
  await using served = await serveAttached();
  const { registry, digest, image } = served;
  const apart = { signatureRepository: `${registry.host}/team/apart` };
  assert.equal((await signatures(image, {}, apart)).status, 10);
  const mediaType = 'application/vnd.dev.sigstore.bundle.v0.3+json';
  const layers = [{ mediaType, bytes: Buffer.from(testBundle(digest, attachedTypes.sign)) }];
  storeArtifact(registry.store, 'team/apart', { artifactType: mediaType, layers, subject: digest });
  assert.equal((await signatures(image, {}, apart)).out, `${testBundle(digest, attachedTypes.sign)}\n`);
  const env = { COSIGN_REPOSITORY: apart.signatureRepository };
  const found = await run((resolved, host) => downloadSignatureCommand(image, {}, resolved, host), {}, { env });
  assert.equal(found.status, 0);
});

/** An entry of the fallback index that leads nowhere. */
async function serveWithLost(): Promise<Awaited<ReturnType<typeof serveAttached>> & { readonly lost: string }> {
  const served = await serveAttached({ referrers: false });
  const { registry, repository, digest } = served;
  const lost = `sha256:${'1'.repeat(64)}`;
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  storeIndexOf(registry.store, repository, fallbackTag(digest), [{ mediaType, size: 2, digest: lost }]);
  for (const suffix of ['sig', 'att', 'sbom']) {
    registry.store.deleteManifest(repository, `${digest.replace(':', '-')}.${suffix}`);
  }
  return { ...served, lost };
}

test('what is listed and cannot be read is never told as nothing', async () => {
  await using served = await serveWithLost();
  const { image, lost } = served;
  for (const command of [signatures, attestations]) {
    const { status, out, err } = await command(image);
    assert.match(err, new RegExp(`^${lost}: [^\\n]+\\n$`));
    assert.deepEqual([status, out], [2, '']);
  }
  const { status, err } = await sbom(image);
  assert.match(err, new RegExp(`^error SIGNATURES_UNAVAILABLE: .+${lost}`));
  assert.equal(status, 14);
});

test('clean takes what is gone off the list, and tells of what it could not read', async () => {
  await using served = await serveWithLost();
  const { registry, repository, digest, image, lost } = served;
  assert.equal((await clean(image, {})).status, 0);
  const mediaType = 'application/vnd.oci.image.manifest.v1+json';
  const list = Buffer.from(registry.store.manifest(repository, fallbackTag(digest))?.bytes ?? '').toString();
  assert.doesNotMatch(list, new RegExp(lost));
  // Attached to something else, whatever the list says.
  const { digest: other } = storeArtifact(registry.store, repository, { layers: [], subject: lost });
  storeIndexOf(registry.store, repository, fallbackTag(digest), [{ mediaType, size: 2, digest: other }]);
  const { status, err } = await clean(image, {});
  assert.match(err, new RegExp(`^${other}: `, 'm'));
  assert.equal(status, 2);
});

test('download finds signatures of the older form that are referrers, and leaves attestations to the other', async () => {
  await using served = await serveAttached();
  const { registry, repository, digest, image } = served;
  const put = (artifactType: string, mediaType: string, text: string): unknown =>
    storeArtifact(registry.store, repository, {
      artifactType,
      subject: digest,
      layers: [{ mediaType, bytes: Buffer.from(text), annotations: { 'dev.cosignproject.cosign/signature': 'BBBB' } }],
    });
  put('application/vnd.dev.cosign.artifact.sig.v1+json', 'application/vnd.dev.cosign.simplesigning.v1+json', '{}');
  const envelope = JSON.stringify(testEnvelope(digest, 'https://example.com/referrer'));
  put('application/vnd.in-toto+json', 'application/vnd.dsse.envelope.v1+json', envelope);
  const { out } = await signatures(image);
  assert.deepEqual(
    out
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => (JSON.parse(line) as { Base64Signature: string }).Base64Signature),
    ['AAAA', 'BBBB'],
  );
  assert.ok((await attestations(image)).out.endsWith(`\n${envelope}\n`));
});

test('download sbom takes no tag that holds more than one', async () => {
  await using served = await serveAttached();
  const { registry, repository, digest, image } = served;
  const layers = ['{"a":1}', '{"b":2}'].map((text) => ({ mediaType: 'text/spdx+json', bytes: Buffer.from(text) }));
  storeArtifact(registry.store, repository, { layers }, `${digest.replace(':', '-')}.sbom`);
  const { status, out, err } = await sbom(image);
  assert.match(err, /has 2 layers, where an SBOM is exactly one/);
  assert.deepEqual([status, out], [14, '']);
});
