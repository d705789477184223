import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { arbitraryInventory } from '../../../testing/arbitrary-inventory.ts';
import { buildImage } from '../../../testing/image/image-builder.ts';
import { memoryImage } from '../../../testing/memory-image.ts';
import { makeSbomSigner, storedBill } from '../../../testing/scanning/signed-sbom.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Image } from '../../oci/image.ts';
import type { Inventory } from '../../package/inventory.ts';
import type { InventoryPackage } from '../../package/package.ts';
import { foreignCataloger } from '../../sbom/foreign-package.ts';
import { sbomLimits } from '../../sbom/limits.ts';
import { artifactOfImage } from '../scan-target.ts';
import { storedSbomLimits } from './limits.ts';
import { readStoredSbom, type SbomImage, type SbomReading } from './read-stored-sbom.ts';

const signer = await makeSbomSigner('registry.pub');
const stranger = await makeSbomSigner('stranger.pub');
const now = new Date('2026-01-02T03:04:05Z');
const image = imageOf('one');
const layer = { diffId: image.layers[0]?.diffId as Digest, digest: image.layers[0]?.descriptor?.digest as Digest };
const musl: InventoryPackage = {
  type: 'apk',
  name: 'musl',
  version: '1.2.4-r2',
  licenses: ['MIT'],
  cataloger: 'apk',
  purl: 'pkg:apk/alpine/musl@1.2.4-r2',
  locations: [{ path: 'lib/apk/db/installed', layer }],
};
const inventory: Inventory = {
  distro: { id: 'alpine', version: '3.19.1', idLike: [] },
  packages: [musl],
  problems: [{ code: 'MALFORMED', subject: 'a.jar', message: 'It is cut short.' }],
};

function imageOf(body: string): Image {
  return memoryImage(buildImage({ layers: [{ tar: [{ name: 'file', body: Buffer.from(body) }] }] }));
}

function read(bytes: Uint8Array, of: Image = image, keys = [signer.key]): Promise<SbomReading> {
  return readStoredSbom(bytes, of as SbomImage, keys, now);
}

function digestOfImage({ manifestDigest }: Image): Digest {
  return manifestDigest as Digest;
}

/** Two packages may be equal in all that orders them: then only the set counts. */
function asSet({ packages }: Inventory): readonly string[] {
  const sortKeys = (_key: string, value: unknown): unknown =>
    typeof value !== 'object' || value === null || Array.isArray(value)
      ? value
      : Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
  return packages.map((pkg) => JSON.stringify(pkg, sortKeys)).sort((a, b) => (a < b ? -1 : 1));
}

test('readStoredSbom() gives every inventory back as it was', async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryInventory, async (any) => {
      const whole: Inventory = {
        ...any,
        packages: any.packages.map((pkg) => (pkg.cataloger === foreignCataloger ? { ...pkg, cataloger: 'own' } : pkg)),
        problems: any.problems.map(({ code, subject, message }) => ({ code, subject, message })),
      };
      const reading = await read(await signer.sign(digestOfImage(image), storedBill(image, whole)));
      assert.ok(reading.kind === 'trusted', JSON.stringify(reading));
      assert.deepEqual(asSet(reading.inventory), asSet(whole));
      assert.deepEqual({ ...reading.inventory, packages: [] }, { ...whole, packages: [] });
    }),
    { numRuns: 100 },
  );
});

test('readStoredSbom() takes what any one of the keys signed, and tells which', async () => {
  const bytes = await signer.sign(digestOfImage(image), storedBill(image, inventory));
  for (const keys of [[signer.key], [stranger.key, signer.key], [signer.key, stranger.key]]) {
    assert.deepEqual(await read(bytes, image, keys), { kind: 'trusted', inventory, key: signer.key });
  }
});

const bill = storedBill(image, inventory);
const artifact = artifactOfImage(image);
const gap = { code: 'LAYER_UNREADABLE', subject: 'sha256:1', message: 'It broke off.', incomplete: true } as const;

/** A bill with one field of its component changed. */
function withPackage(change: (component: Record<string, unknown>) => unknown): unknown {
  const components = bill['components'] as readonly Record<string, unknown>[];
  return { ...bill, components: components.map((one) => (one['name'] === 'musl' ? change(one) : one)) };
}

const other = imageOf('two');

/** What is attached, what is told of it, and whether one of the keys is said to have signed it. */
const unusable: readonly (readonly [string, () => Promise<Buffer>, RegExp, boolean])[] = [
  [
    'of another key',
    () => stranger.sign(digestOfImage(image), bill),
    /not made with the key that was asked for/,
    false,
  ],
  [
    'that was changed',
    async () => tamper(await signer.sign(digestOfImage(image), bill)),
    /not made with the key/,
    false,
  ],
  ['of another image', () => signer.sign(digestOfImage(other), storedBill(other, inventory)), /something else/, false],
  [
    'of another image under this one',
    () => signer.sign(digestOfImage(image), storedBill(other, inventory)),
    /another image/,
    true,
  ],
  [
    'of another config',
    () => signer.sign(digestOfImage(image), withFacts({ imageId: other.imageId })),
    /describes another image/,
    true,
  ],
  [
    'of other layers',
    () => signer.sign(digestOfImage(image), withFacts({ layers: [] })),
    /describes another image/,
    true,
  ],
  [
    'of another manifest',
    () => signer.sign(digestOfImage(image), withFacts({ manifestDigest: digestOfImage(other) })),
    /describes another image/,
    true,
  ],
  [
    'of a layer of other content',
    () => signer.sign(digestOfImage(image), withFacts({ layers: [{ ...layer, diffId: other.imageId }] })),
    /describes another image/,
    true,
  ],
  [
    'of a layer stored otherwise',
    () => signer.sign(digestOfImage(image), withFacts({ layers: [{ ...layer, digest: other.imageId }] })),
    /describes another image/,
    true,
  ],
  [
    'of a folder',
    () =>
      signer.sign(digestOfImage(image), storedBill(image, inventory, { artifact: { name: 'x', type: 'filesystem' } })),
    /describes another image/,
    true,
  ],
  [
    'of another kind',
    () => signer.sign(digestOfImage(image), bill, 'https://spdx.dev/Document'),
    /says something else/,
    false,
  ],
  ['of no statement', () => signer.signBytes(Buffer.from('x')), /states nothing/, false],
  [
    'without a version',
    () => signer.sign(digestOfImage(image), storedBill(image, inventory, { signature: '' })),
    /does not say which version/,
    true,
  ],
  [
    'of other catalogers',
    () => signer.sign(digestOfImage(image), storedBill(image, inventory, { signature: '1-00' })),
    /lists packages otherwise/,
    true,
  ],
  [
    'that is incomplete',
    () => signer.sign(digestOfImage(image), storedBill(image, { ...inventory, problems: [gap] })),
    /incomplete: sha256:1: It broke off/,
    true,
  ],
  [
    'with a component of another form',
    () =>
      signer.sign(
        digestOfImage(image),
        withPackage(() => ({ type: 'library' })),
      ),
    /damaged: 1 component/,
    true,
  ],
  [
    'with a component without a purl',
    () =>
      signer.sign(
        digestOfImage(image),
        withPackage((one) => ({ ...one, purl: undefined })),
      ),
    /damaged: 1 component/,
    true,
  ],
  [
    'with a package without its facts',
    () =>
      signer.sign(
        digestOfImage(image),
        withPackage((one) => ({ ...one, properties: [] })),
      ),
    /damaged: a package lacks its facts/,
    true,
  ],
  ['that is no CycloneDX', () => signer.sign(digestOfImage(image), []), /breaks its schema/, true],
  ['of no JSON', async () => Buffer.from('{"mediaType":'), /cannot be used/, false],
  ['that nests deeply', async () => Buffer.from('['.repeat(1_000_000)), /nests deeper/, false],
  [
    'of many values',
    async () => Buffer.from(`{"a":[${'0,'.repeat(storedSbomLimits.bundleValues)}0]}`),
    /more than 1000 values/,
    false,
  ],
  ['that nests deeply inside', () => signer.signPayload(Buffer.from('['.repeat(100_000))), /nests deeper/, false],
  [
    'of ten million packages',
    () =>
      signer.signPayload(Buffer.from(`{"predicate":{"components":[${'{},'.repeat(sbomLimits.values / 2 + 1)}{}]}}`)),
    /more than 5000000 values/,
    false,
  ],
  [
    'of many packages',
    () =>
      signer.sign(digestOfImage(image), {
        ...bill,
        components: Array.from({ length: sbomLimits.components + 1 }, () => ({})),
      }),
    /more than 100000 components/,
    true,
  ],
];

for (const [title, make, sentence, signed] of unusable) {
  test(`readStoredSbom() does not take one ${title}`, async () => {
    const reading = await read(await make());
    assert.ok(reading.kind === 'unusable', JSON.stringify(reading));
    assert.match(reading.reason, sentence);
    assert.equal(reading.signed, signed);
  });
}

/** The bill of an image with other facts. */
function withFacts(facts: Partial<NonNullable<typeof artifact.image>>): unknown {
  const told = { ...(artifact.image as NonNullable<typeof artifact.image>), ...facts };
  return storedBill(image, inventory, { artifact: { ...artifact, image: told } });
}

/** A bundle whose statement is another one than was signed. */
function tamper(bytes: Buffer): Buffer {
  const bundle = JSON.parse(bytes.toString()) as { dsseEnvelope: { payload: string } };
  const payload = Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString().replaceAll('1.2.4-r2', '1.2.5-r0');
  bundle.dsseEnvelope.payload = Buffer.from(payload).toString('base64');
  return Buffer.from(JSON.stringify(bundle));
}
