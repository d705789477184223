import { headManifest } from '../../oci/client/head-manifest.ts';
import { putManifest } from '../../oci/client/push.ts';
import { pushReferrer } from '../../oci/client/push-referrer.ts';
import { RegistrySink } from '../../oci/client/registry-sink.ts';
import type { RemoteRepository } from '../../oci/client/remote-repository.ts';
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
}

/**
 * Copies a manifest that names a subject. It is pushed last and listed for its subject in the way of the target's
 * registry, whatever the way of the source's was.
 *
 * @throws OciError, or what the source throws
 */
export async function copyReferrer(
  source: ContentSource,
  { remote, sink = new RegistrySink(remote) }: AttachmentTarget,
  descriptor: Descriptor,
  signal?: AbortSignal,
): Promise<void> {
  let own: { readonly mediaType: string; readonly bytes: Uint8Array } | undefined;
  await copyContent(
    source,
    holdingBack(sink, descriptor, (manifest) => (own = manifest)),
    descriptor,
    signal,
  );
  if (own !== undefined) await pushReferrer(remote.client, remote.repository, own, signal);
}

/**
 * Copies what stands at a tag. Signatures and attestations join those that the target has there.
 *
 * @throws OciError IMAGE_EXISTS for another SBOM, and as {@link copyReferrer} does
 */
export async function copyTagged(
  source: ContentSource,
  { remote, sink = new RegistrySink(remote), overwrite = false }: AttachmentTarget,
  attachment: { readonly kind: TaggedKind; readonly tag: string; readonly descriptor: Descriptor },
  signal?: AbortSignal,
): Promise<void> {
  const { client, repository } = remote;
  const { kind, tag, descriptor } = attachment;
  const there = await headManifest(client, repository, tag, signal);
  if (there?.digest === descriptor.digest) return;
  const [root] = await copyContent(source, sink, descriptor, signal);
  if (root === undefined) return;
  const manifest = { mediaType: root.descriptor.mediaType, bytes: root.bytes };
  if (kind !== 'sbom') return await mergeLegacy(remote, tag, manifest, signal);
  if (there !== undefined && !overwrite) {
    const name = `${client.registry}/${repository}:${tag}`;
    throw new OciError('IMAGE_EXISTS', `${name} holds another SBOM; allow it to be replaced, or delete it first`);
  }
  await putManifest(client, repository, tag, manifest, {}, signal);
}

/** A sink that does not take the root's manifest but hands it over. */
function holdingBack(
  sink: ContentSink,
  root: Descriptor,
  take: (manifest: { readonly mediaType: string; readonly bytes: Uint8Array }) => void,
): ContentSink {
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
