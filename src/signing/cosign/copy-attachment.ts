import { headManifest } from '../../oci/client/head-manifest.ts';
import { type PushedManifest, putManifest } from '../../oci/client/push.ts';
import { pushReferrer } from '../../oci/client/push-referrer.ts';
import { RegistrySink } from '../../oci/client/registry-sink.ts';
import type { RemoteRepository } from '../../oci/client/remote-repository.ts';
import { RepositoryWrites } from '../../oci/client/repository-writes.ts';
import type { ContentSink } from '../../oci/content-sink.ts';
import type { ContentSource } from '../../oci/content-source.ts';
import { copyContent } from '../../oci/copy-content.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { OciError } from '../../oci/error.ts';
import type { TaggedKind } from './tags.ts';
import { mergeLegacy } from './write-legacy.ts';

/** Where an attachment is to be put. */
export interface AttachmentTarget {
  readonly remote: RemoteRepository;
  /** Takes the blobs: by default straight into the repository. */
  readonly sink?: ContentSink;
  /** Lets an SBOM replace another at its tag. */
  readonly overwrite?: boolean;
  /** Shared by all that write into the repository at once. */
  readonly writes?: RepositoryWrites;
}

/**
 * Copies a manifest that names a subject. It is pushed last and listed for its subject in the way of the target's
 * registry, whatever the way of the source's was.
 *
 * @throws OciError, or what the source throws
 */
export async function copyReferrer(
  source: ContentSource,
  { remote, writes = new RepositoryWrites(), sink = new RegistrySink(remote, undefined, writes) }: AttachmentTarget,
  descriptor: Descriptor,
  signal?: AbortSignal,
): Promise<void> {
  const { client, repository } = remote;
  let own: PushedManifest | undefined;
  await copyContent(
    source,
    holdingBack(sink, descriptor, (manifest) => (own = manifest)),
    descriptor,
    signal,
  );
  if (own === undefined) return;
  const referrer: PushedManifest = own;
  await writes.manifest(() => pushReferrer(client, repository, referrer, signal));
}

/**
 * Copies what stands at a tag. Signatures and attestations join those that the target has there.
 *
 * @throws OciError IMAGE_EXISTS for another SBOM, and as {@link copyReferrer} does
 */
export async function copyTagged(
  source: ContentSource,
  target: AttachmentTarget,
  attachment: { readonly kind: TaggedKind; readonly tag: string; readonly descriptor: Descriptor },
  signal?: AbortSignal,
): Promise<void> {
  const { remote, overwrite = false, writes = new RepositoryWrites() } = target;
  const { sink = new RegistrySink(remote, undefined, writes) } = target;
  const { client, repository } = remote;
  const { kind, tag, descriptor } = attachment;
  const there = await headManifest(client, repository, tag, signal);
  if (there?.digest === descriptor.digest) return;
  const [root] = (await copyContent(source, sink, descriptor, signal)).manifests;
  if (root === undefined) return;
  const manifest = { mediaType: root.descriptor.mediaType, bytes: root.bytes };
  if (kind !== 'sbom') return await writes.manifest(() => mergeLegacy(remote, tag, manifest, signal));
  if (there !== undefined && !overwrite) {
    const name = `${client.registry}/${repository}:${tag}`;
    throw new OciError('IMAGE_EXISTS', `${name} holds another SBOM; allow it to be replaced, or delete it first`);
  }
  await writes.manifest(() => putManifest(client, repository, tag, manifest, {}, signal));
}

/** A sink that does not take the root's manifest but hands it over. */
function holdingBack(sink: ContentSink, root: Descriptor, take: (manifest: PushedManifest) => void): ContentSink {
  return {
    // The root is written in any case: it may be there and yet not be listed.
    hasManifest: async (descriptor, signal) =>
      descriptor.digest !== root.digest && (await sink.hasManifest?.(descriptor, signal)) === true,
    writeBlob: async (blob, signal) => await sink.writeBlob(blob, signal),
    writeManifest: async (descriptor, bytes, signal) => {
      if (descriptor.digest === root.digest) take({ mediaType: descriptor.mediaType, bytes });
      else await sink.writeManifest(descriptor, bytes, signal);
    },
  };
}
