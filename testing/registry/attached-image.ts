import { attachmentTag } from '../../src/signing/cosign/tags.ts';
import type { Digest } from '../../src/oci/digest.ts';
import { fallbackTag } from '../../src/oci/referrer.ts';
import { storeArtifact, storeIndexOf, type TestArtifact } from './attached.ts';
import { makeSyntheticImage, storeImage } from './synthetic-image.ts';
import { startTestRegistry, type TestRegistry, type TestRegistryOptions } from './test-registry.ts';

const configType = 'application/vnd.oci.image.config.v1+json';
const bundleType = 'application/vnd.dev.sigstore.bundle.v0.3+json';

/** Predicate types that are attached in {@link serveAttached}. */
export const attachedTypes = {
  sign: 'https://sigstore.dev/cosign/sign/v1',
  custom: 'https://cosign.sigstore.dev/attestation/v1',
  spdx: 'https://spdx.dev/Document',
} as const;

/** What a payload of the older form is about. */
export function simpleSigning(digest: string): string {
  const image = { 'docker-manifest-digest': digest };
  const critical = { identity: { 'docker-reference': 'team/app' }, image, type: 'cosign container image signature' };
  return JSON.stringify({ critical, optional: null });
}

/** A statement in an envelope, which nobody signed. */
export function testEnvelope(digest: string, predicateType: string): object {
  const [algorithm = '', hex = ''] = digest.split(':');
  const subject = [{ name: 'team/app', digest: { [algorithm]: hex } }];
  const statement = { _type: 'https://in-toto.io/Statement/v1', subject, predicateType, predicate: {} };
  const payload = Buffer.from(JSON.stringify(statement)).toString('base64');
  return { payloadType: 'application/vnd.in-toto+json', payload, signatures: [{ keyid: '', sig: 'AAAA' }] };
}

/** A bundle of such an envelope. */
export function testBundle(digest: string, predicateType: string): string {
  const verificationMaterial = { publicKey: { hint: 'aGludA==' }, tlogEntries: [] };
  return JSON.stringify({
    mediaType: bundleType,
    verificationMaterial,
    dsseEnvelope: testEnvelope(digest, predicateType),
  });
}

/** A registry with an image that has all kinds of things attached. */
export interface AttachedImage extends AsyncDisposable {
  readonly registry: TestRegistry;
  /** By its tag. */
  readonly image: string;
  readonly repository: string;
  readonly digest: Digest;
}

/** Serves `team/app:v1` with a signature and an attestation in both forms, and an SBOM. */
export async function serveAttached(options: TestRegistryOptions = {}): Promise<AttachedImage> {
  const registry = await startTestRegistry(options);
  const { store } = registry;
  const repository = 'team/app';
  const digest = storeImage(store, repository, 'v1', makeSyntheticImage([{ a: 'a' }, { b: 'b' }])) as Digest;
  const put = (artifact: TestArtifact, kind: Parameters<typeof attachmentTag>[1]): void =>
    void storeArtifact(store, repository, { configType, ...artifact }, attachmentTag(digest, kind));
  const signature = { 'dev.cosignproject.cosign/signature': 'AAAA' };
  const signed = {
    mediaType: 'application/vnd.dev.cosign.simplesigning.v1+json',
    bytes: Buffer.from(simpleSigning(digest)),
  };
  put({ layers: [{ ...signed, annotations: signature }] }, 'signature');
  const attested = Buffer.from(JSON.stringify(testEnvelope(digest, attachedTypes.spdx)));
  const annotations = { 'dev.cosignproject.cosign/signature': '', predicateType: attachedTypes.spdx };
  put(
    { layers: [{ mediaType: 'application/vnd.dsse.envelope.v1+json', bytes: attested, annotations }] },
    'attestation',
  );
  put({ layers: [{ mediaType: 'text/spdx+json', bytes: Buffer.from('{"spdxVersion":"SPDX-2.3"}\n') }] }, 'sbom');
  const referrers = [attachedTypes.sign, attachedTypes.custom].map((predicateType) =>
    storeArtifact(store, repository, {
      artifactType: bundleType,
      layers: [{ mediaType: bundleType, bytes: Buffer.from(testBundle(digest, predicateType)) }],
      subject: digest,
      annotations: {
        'dev.sigstore.bundle.content': 'dsse-envelope',
        'dev.sigstore.bundle.predicateType': predicateType,
      },
    }),
  );
  storeIndexOf(store, repository, fallbackTag(digest), referrers);
  return {
    registry,
    image: `${registry.host}/${repository}:v1`,
    repository,
    digest,
    [Symbol.asyncDispose]: async () => await registry.close(),
  };
}
