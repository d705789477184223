import assert from 'node:assert/strict';
import test from 'node:test';
import { buildImage } from '../../../testing/image/image-builder.ts';
import { memoryImage } from '../../../testing/memory-image.ts';
import { storeArtifact, storeIndexOf, type TestArtifact } from '../../../testing/registry/attached.ts';
import type { Fault } from '../../../testing/registry/fault.ts';
import { instantClock } from '../../../testing/registry/instant-clock.ts';
import {
  startTestRegistry,
  type TestRegistry,
  type TestRegistryOptions,
} from '../../../testing/registry/test-registry.ts';
import { makeSbomSigner, storedBill } from '../../../testing/scanning/signed-sbom.ts';
import { openNetwork } from '../../net/open-network.ts';
import { RegistryClient } from '../../oci/client/registry-client.ts';
import type { Digest } from '../../oci/digest.ts';
import { fallbackTag } from '../../oci/referrer.ts';
import { findStoredSbom, type StoredSbom } from './find-stored-sbom.ts';
import { storedSbomLimits } from './limits.ts';
import type { SbomImage } from './read-stored-sbom.ts';

const repository = 'team/app';
const bundleType = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const cyclonedx = 'https://cyclonedx.org/bom';
const signer = await makeSbomSigner('registry.pub');
const stranger = await makeSbomSigner('stranger.pub');
const image = memoryImage(buildImage({ layers: [{ tar: [{ name: 'file', body: Buffer.from('one') }] }] }));
const subject = image.manifestDigest as Digest;
const other = `sha256:${'ab'.repeat(32)}` as Digest;
const inventory = { packages: [], problems: [] };
const bill = storedBill(image, inventory);
const good = await signer.sign(subject, bill);
const foreign = await stranger.sign(subject, bill);
const stale = await signer.sign(subject, storedBill(image, inventory, { signature: '1-00' }));

/** A referrer that a registry attaches. */
function attachment(bytes: Buffer, more: Partial<TestArtifact> & { readonly created?: string } = {}): TestArtifact {
  const { created = '2026-01-02T03:04:05Z', ...rest } = more;
  const annotations = {
    'dev.sigstore.bundle.content': 'dsse-envelope',
    'dev.sigstore.bundle.predicateType': cyclonedx,
    'org.opencontainers.image.created': created,
  };
  return { artifactType: bundleType, layers: [{ mediaType: bundleType, bytes }], subject, annotations, ...rest };
}

const plain: TestArtifact = {
  artifactType: 'application/vnd.cyclonedx+json',
  layers: [{ mediaType: 'application/vnd.cyclonedx+json', bytes: Buffer.from(JSON.stringify(bill)) }],
  subject,
};

async function look(registry: TestRegistry): Promise<StoredSbom> {
  await using network = openNetwork({ clock: instantClock() });
  const client = new RegistryClient(network, registry.host);
  return await findStoredSbom({ client, repository }, image as SbomImage, [signer.key], new Date());
}

interface Case {
  readonly attached: readonly TestArtifact[];
  readonly options?: TestRegistryOptions;
  readonly faults?: readonly Fault[];
  /** Absent where the SBOM is taken. */
  readonly reason?: RegExp;
  /** How often blobs are asked for; with faults, whether they are. */
  readonly blobs: number;
}

/** An answer of the referrers API with entries made up by the registry. */
function listing(count: number): Fault {
  const entry = { mediaType: 'application/vnd.oci.image.manifest.v1+json', size: 700, artifactType: bundleType };
  const manifests = Array.from({ length: count }, (_, at) => ({
    ...entry,
    digest: `sha256:${at.toString(16).padStart(64, '0')}`,
  }));
  const mediaType = 'application/vnd.oci.image.index.v1+json';
  const body = JSON.stringify({ schemaVersion: 2, mediaType, manifests });
  return { kind: 'status', path: '/referrers/', status: 200, headers: { 'content-type': mediaType }, body };
}

const cases: Readonly<Record<string, Case>> = {
  'one that the key signed': { attached: [attachment(good)], blobs: 1 },
  'one beside those of others': {
    attached: [attachment(good), attachment(foreign, { created: '2026-02-02T03:04:05Z' }), plain],
    blobs: 2,
  },
  'one whose manifest and list say nothing of it': { attached: [attachment(good, { annotations: {} })], blobs: 1 },
  'one at the tag of an older registry': {
    attached: [attachment(good)],
    options: { referrers: false },
    blobs: 1,
  },
  nothing: { attached: [], reason: /^it has no signed SBOM$/, blobs: 0 },
  'one that nobody signed': { attached: [plain], reason: /^its SBOM is not signed$/, blobs: 0 },
  'one of another key': { attached: [attachment(foreign)], reason: /not made with the key/, blobs: 1 },
  'a stale one behind newer ones of another key': {
    attached: [attachment(stale), attachment(foreign, { created: '2026-02-02T03:04:05Z' })],
    reason: /lists packages otherwise/,
    blobs: 2,
  },
  'a stale one before older ones of another key': {
    attached: [attachment(stale, { created: '2026-02-02T03:04:05Z' }), attachment(foreign)],
    reason: /lists packages otherwise/,
    blobs: 2,
  },
  'one behind a newer one that is gone': {
    attached: [attachment(good), attachment(foreign, { created: '2026-02-02T03:04:05Z' })],
    faults: [{ kind: 'status', path: /manifests\/sha256/, status: 404, times: 1 }],
    blobs: 1,
  },
  'statements of other kinds': {
    attached: [
      attachment(good, { annotations: { 'dev.sigstore.bundle.predicateType': 'https://example.com/p' } }),
      { artifactType: 'a/b', layers: [], subject },
    ],
    reason: /^it has no signed SBOM$/,
    blobs: 0,
  },
  'one that was signed for another image and attached to this one': {
    attached: [attachment(await signer.sign(other, storedBill(image, inventory)))],
    reason: /something else/,
    blobs: 1,
  },
  'one of a gigabyte': {
    attached: [attachment(good, { layers: [{ mediaType: bundleType, bytes: good, size: 2 ** 30 }] })],
    reason: /larger than what is read/,
    blobs: 0,
  },
  'several that are large together': {
    attached: Array.from({ length: 4 }, (_, at) =>
      attachment(good, {
        layers: [{ mediaType: bundleType, bytes: good, size: 100_000_000 }],
        created: `2026-01-02T03:04:0${at}Z`,
      }),
    ),
    reason: /./,
    blobs: 2,
  },
  'one that is longer than it says': {
    attached: [attachment(good)],
    faults: [{ kind: 'endless', path: '/blobs/' }],
    reason: /bytes/,
    blobs: 1,
  },
  'one of other bytes': {
    attached: [attachment(good)],
    faults: [{ kind: 'wrong-bytes', path: '/blobs/' }],
    reason: /digest/,
    blobs: 1,
  },
  'one that is gone': {
    attached: [attachment(good, { layers: [{ mediaType: bundleType, bytes: good, digest: other }] })],
    reason: /./,
    blobs: 1,
  },
  'a manifest of other bytes': {
    attached: [attachment(good)],
    faults: [{ kind: 'wrong-bytes', path: /manifests\/sha256/ }],
    reason: /./,
    blobs: 0,
  },
  'more than are looked at': {
    attached: Array.from({ length: 20 }, (_, at) => attachment(foreign, { created: `2026-01-02T03:04:${10 + at}Z` })),
    reason: /not made with the key/,
    blobs: storedSbomLimits.candidates,
  },
  'a list of a hundred thousand': {
    attached: [],
    faults: [listing(100_000)],
    reason: /could not be looked up/,
    blobs: 0,
  },
  'a list of many that are not there': { attached: [], faults: [listing(9000)], reason: /./, blobs: 0 },
  'a list that cannot be read': {
    attached: [attachment(good)],
    faults: [{ kind: 'status', path: '/referrers/', status: 503 }],
    reason: /could not be looked up/,
    blobs: 0,
  },
  'a list that is refused': {
    attached: [attachment(good)],
    faults: [{ kind: 'status', path: '/referrers/', status: 403 }],
    reason: /could not be looked up/,
    blobs: 0,
  },
};

for (const [title, { attached, options = {}, faults = [], reason, blobs }] of Object.entries(cases)) {
  test(`findStoredSbom() finds ${title}`, async () => {
    await using registry = await startTestRegistry({ ...options, faults });
    const stored = attached.map((one) => storeArtifact(registry.store, repository, one));
    if (options.referrers === false) storeIndexOf(registry.store, repository, fallbackTag(subject), stored);
    const found = await look(registry);
    if (reason === undefined) {
      assert.deepEqual(found, { kind: 'trusted', inventory, key: signer.key, manifest: stored[0]?.digest });
    } else {
      assert.ok(found.kind === 'unusable', JSON.stringify(found));
      assert.match(found.reason, reason);
    }
    const asked = registry.requests.filter(({ path }) => path.includes('/blobs/')).map(({ path }) => path);
    if (faults.length === 0) assert.equal(asked.length, blobs, asked.join(' '));
    else assert.equal(asked.length > 0, blobs > 0);
    assert.ok(registry.requests.length <= 30, `${registry.requests.length} requests`);
  });
}

test('findStoredSbom() takes no referrer of another image, whatever the list says', async () => {
  await using registry = await startTestRegistry();
  const { digest, size, mediaType } = storeArtifact(registry.store, repository, attachment(good, { subject: other }));
  const index = 'application/vnd.oci.image.index.v1+json';
  const manifests = [{ mediaType, digest, size, artifactType: bundleType }];
  const body = JSON.stringify({ schemaVersion: 2, mediaType: index, manifests });
  registry.faults.add({ kind: 'status', path: '/referrers/', status: 200, headers: { 'content-type': index }, body });
  const found = await look(registry);
  assert.ok(found.kind === 'unusable');
  assert.match(found.reason, new RegExp(`attached to ${other}`));
  assert.ok(!registry.requests.some(({ path }) => path.includes('/blobs/')));
});
