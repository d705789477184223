import type { Problem } from '../../base/problem.ts';
import type { Progress } from '../../base/progress.ts';
import { fetchManifest } from '../../oci/client/fetch-manifest.ts';
import { headManifest } from '../../oci/client/head-manifest.ts';
import { putManifest } from '../../oci/client/push.ts';
import { RegistryContent } from '../../oci/client/registry-content.ts';
import { RegistrySink } from '../../oci/client/registry-sink.ts';
import { type RemoteRepository, repositoryName } from '../../oci/client/remote-repository.ts';
import { RepositoryWrites } from '../../oci/client/repository-writes.ts';
import { type CopiedManifest, copyContent } from '../../oci/copy-content.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { OciError } from '../../oci/error.ts';
import { resolvePlatform } from '../../oci/open-image.ts';
import type { Platform } from '../../oci/platform.ts';
import type { AttachmentKind } from './attachments.ts';
import { copyReferrer, copyTagged } from './copy-attachment.ts';
import { findAllAttachments, type PlacedAttachment } from './find-all.ts';

/** What to copy, and over what. */
export interface CopyOptions {
  /** Copies only attachments of these kinds, and leaves the target's tag alone (`--only`). */
  readonly only?: readonly AttachmentKind[];
  /** Copies one image of an index. */
  readonly platform?: Platform;
  /** Lets the tag, and an SBOM, be replaced where the target has another. */
  readonly overwrite?: boolean;
  /** Stands before attachments' tags (`--attachment-tag-prefix`). */
  readonly prefix?: string;
  /** Where what is attached at the source lies, if not beside the image (`COSIGN_REPOSITORY`). */
  readonly attachments?: RemoteRepository;
  /** Shared by copies into one repository that run at once. */
  readonly writes?: RepositoryWrites;
  readonly progress?: Progress;
  readonly signal?: AbortSignal | undefined;
}

/** What was copied. */
export interface CopiedImage {
  readonly digest: Digest;
  /** The image, and what is below it where it is an index. */
  readonly manifests: readonly Digest[];
  readonly attachments: readonly PlacedAttachment[];
  /** What was listed as attached but could not be read, and so was not copied. */
  readonly problems: readonly Problem[];
  /** Foreign layers that the source does not have, and the target did not get. */
  readonly leftOut: readonly Descriptor[];
}

/**
 * Copies an image or an index with all its images, and everything that is attached to any of them. The tag comes last,
 * so that whoever pulls by it finds the whole.
 *
 * @param reference a tag or digest at the source
 * @param tag at the target; undefined copies by digest alone
 * @throws SigningError SIGNATURES_UNAVAILABLE when it could not be looked up what is attached; OciError IMAGE_EXISTS, and
 * the codes of registries' answers
 */
export async function copyImage(
  source: RemoteRepository,
  reference: string,
  target: RemoteRepository,
  tag: string | undefined,
  options: CopyOptions = {},
): Promise<CopiedImage> {
  const { only, platform, overwrite = false, prefix, attachments: beside = source, progress, signal } = options;
  const { writes = new RepositoryWrites() } = options;
  const fetched = await fetchManifest(source.client, source.repository, reference, signal);
  const content = new RegistryContent(source, fetched);
  const root =
    platform === undefined ? fetched.descriptor : await resolvePlatform(content, fetched.descriptor, platform, signal);
  const tags = only === undefined ? tag : undefined;
  if (tags !== undefined && !overwrite) await refuseOther(target, tags, root, signal);
  const sink = new RegistrySink(target, source, writes);
  const { manifests: copied, leftOut } = await copyContent(content, sink, root, signal, progress);
  const subjects = copied.map(({ descriptor }) => descriptor.digest);
  const { attachments, problems } = await findAllAttachments(beside, subjects, {
    ...(prefix === undefined ? {} : { prefix }),
    ...(only === undefined ? {} : { follow: ({ kind }) => only.includes(kind) }),
    signal,
  });
  const attached = beside === source ? content : new RegistryContent(beside);
  const besideSink = beside === source ? sink : new RegistrySink(target, beside, writes);
  const destination = { remote: target, sink: besideSink, overwrite, writes };
  for (const attachment of attachments) {
    const { descriptor, kind, tag: at } = attachment;
    if (at === undefined || kind === 'other') await copyReferrer(attached, destination, descriptor, signal);
    else await copyTagged(attached, destination, { kind, tag: at, descriptor }, signal);
  }
  if (tags !== undefined) await writes.manifest(() => putTag(target, tags, copied, signal));
  return { digest: root.digest, manifests: subjects, attachments, problems, leftOut };
}

async function refuseOther(
  target: RemoteRepository,
  tag: string,
  root: Descriptor,
  signal: AbortSignal | undefined,
): Promise<void> {
  const there = await headManifest(target.client, target.repository, tag, signal);
  if (there === undefined || there.digest === root.digest) return;
  const name = `${repositoryName(target)}:${tag}`;
  throw new OciError(
    'IMAGE_EXISTS',
    `${name} is another image (${there.digest}); allow it to be replaced, or name another tag`,
  );
}

async function putTag(
  { client, repository }: RemoteRepository,
  tag: string,
  [root]: readonly CopiedManifest[],
  signal: AbortSignal | undefined,
): Promise<void> {
  if (root === undefined) return;
  const manifest = { mediaType: root.descriptor.mediaType, bytes: root.bytes };
  await putManifest(client, repository, tag, manifest, {}, signal);
}
