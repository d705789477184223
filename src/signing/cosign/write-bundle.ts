import { blobOf, pushBlob, type PushedManifest } from '../../oci/client/push.ts';
import { type PushedReferrer, pushReferrer } from '../../oci/client/push-referrer.ts';
import type { RemoteRepository } from '../../oci/client/remote-repository.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { encodeDescriptor } from '../../oci/encode-descriptor.ts';
import { digestOf } from '../../oci/verify-content.ts';
import { bundleAnnotations } from './annotations.ts';
import { emptyMediaType, manifestMediaType } from './media-types.ts';

/** A bundle to attach. */
export interface BundleToAttach {
  /** The bundle as JSON. */
  readonly bytes: Uint8Array;
  /** As the bundle calls itself: `application/vnd.dev.sigstore.bundle.v0.3+json`. */
  readonly mediaType: string;
  readonly content: 'dsse-envelope' | 'message-signature';
  /** Of the statement in the envelope. */
  readonly predicateType?: string;
  readonly created: Date;
}

const emptyConfig = Buffer.from('{}');

/** The manifest that attaches a bundle, byte for byte as cosign 3 writes it (cosign, BUNDLE_SPEC.md). */
export function bundleManifest(subject: Descriptor, bundle: BundleToAttach): PushedManifest {
  const { bytes, mediaType, content, predicateType, created } = bundle;
  const manifest = {
    schemaVersion: 2,
    mediaType: manifestMediaType,
    config: encodeDescriptor({
      mediaType: emptyMediaType,
      size: emptyConfig.length,
      digest: digestOf(emptyConfig),
      artifactType: mediaType,
    }),
    layers: [encodeDescriptor({ mediaType, size: bytes.length, digest: digestOf(bytes) })],
    annotations: {
      [bundleAnnotations.content]: content,
      ...(predicateType === undefined ? {} : { [bundleAnnotations.predicateType]: predicateType }),
      [bundleAnnotations.created]: created.toISOString().replace(/\.\d+Z$/, 'Z'),
    },
    subject: encodeDescriptor({ mediaType: subject.mediaType, size: subject.size, digest: subject.digest }),
    artifactType: mediaType,
  };
  return { mediaType: manifestMediaType, bytes: Buffer.from(JSON.stringify(manifest)) };
}

/**
 * Attaches a bundle to a manifest, and sees to it that it is found with the referrers API and without.
 *
 * @param subject the manifest that it is about, as its registry describes it
 * @throws OciError as `pushBlob` and `pushReferrer` do
 */
export async function attachBundle(
  { client, repository }: RemoteRepository,
  subject: Descriptor,
  bundle: BundleToAttach,
  signal?: AbortSignal,
): Promise<PushedReferrer> {
  const options = signal === undefined ? {} : { signal };
  await pushBlob(client, repository, blobOf(emptyConfig), options);
  await pushBlob(client, repository, blobOf(bundle.bytes), options);
  return await pushReferrer(client, repository, bundleManifest(subject, bundle), signal);
}
