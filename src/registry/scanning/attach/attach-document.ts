import type { Descriptor } from '../../../oci/descriptor.ts';
import { encodeDescriptor } from '../../../oci/encode-descriptor.ts';
import { digestOf } from '../../../oci/verify-content.ts';
import { bundleMediaType } from '../../../signing/bundle/media-type.ts';
import { emptyMediaType, manifestMediaType } from '../../../signing/cosign/media-types.ts';
import { bundleManifest } from '../../../signing/cosign/write-bundle.ts';
import type { Content, Journal } from '../../content/content.ts';
import { RepositorySink } from '../../content/repository-sink.ts';

/** What is attached to an image. */
export interface AttachedDocument {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  /** Of the statement, where it is a bundle. */
  readonly predicateType?: string;
  readonly created: Date;
}

const emptyConfig = Buffer.from('{}');

/** What the registry attaches itself is no push of anybody, and no event. */
export const noJournal: Journal = () => Promise.resolve();

/**
 * Attaches a document to an image of a repository, as a referrer (OCI image-spec, "Guidelines for Artifact Usage"). Quotas are
 * for what others push.
 *
 * @returns its manifest's digest, and how many bytes it brought
 */
export async function attachDocument(
  content: Content,
  repository: string,
  subject: Descriptor,
  document: AttachedDocument,
): Promise<{ readonly digest: Descriptor['digest']; readonly bytes: number }> {
  const unlimited: Content = { ...content, limit: () => Promise.resolve() };
  const sink = new RepositorySink(unlimited, repository, noJournal);
  for (const bytes of [emptyConfig, document.bytes]) {
    const open = async function* chunks(): AsyncGenerator<Uint8Array> {
      yield await Promise.resolve(bytes);
    };
    await sink.writeBlob({ digest: digestOf(bytes), size: bytes.length, open });
  }
  const { bytes, mediaType } =
    document.mediaType === bundleMediaType
      ? bundleManifest(subject, { ...document, content: 'dsse-envelope' })
      : plainManifest(subject, document);
  const digest = digestOf(bytes);
  await sink.writeManifest({ mediaType, digest, size: bytes.length }, bytes);
  return { digest, bytes: bytes.length + document.bytes.length };
}

function plainManifest(
  subject: Descriptor,
  { bytes, mediaType, created }: AttachedDocument,
): { readonly mediaType: string; readonly bytes: Buffer } {
  const manifest = {
    schemaVersion: 2,
    mediaType: manifestMediaType,
    artifactType: mediaType,
    config: encodeDescriptor({ mediaType: emptyMediaType, digest: digestOf(emptyConfig), size: emptyConfig.length }),
    layers: [encodeDescriptor({ mediaType, digest: digestOf(bytes), size: bytes.length })],
    subject: encodeDescriptor({ mediaType: subject.mediaType, digest: subject.digest, size: subject.size }),
    annotations: { 'org.opencontainers.image.created': created.toISOString() },
  };
  return { mediaType: manifestMediaType, bytes: Buffer.from(JSON.stringify(manifest)) };
}
