import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { digestHex } from '../digest.ts';
import type { Digest } from '../digest.ts';
import { OciError } from '../error.ts';
import type { OciErrorCode } from '../error.ts';
import type { Image } from '../image.ts';
import { chooseRoot } from '../layout/choose-root.ts';
import type { OpenLocalOptions } from '../layout/open-layout.ts';
import { limits } from '../limits.ts';
import { openImage } from '../open-image.ts';
import { ArchiveContent, blobEntry } from './archive-content.ts';
import { indexArchive } from './archive-file.ts';
import type { ArchiveFile } from './archive-file.ts';
import { parseDockerManifest } from './docker-manifest.ts';
import { archiveLimits } from './limits.ts';
import { openDockerArchive } from './open-docker-archive.ts';
import { openLegacyArchive } from './open-legacy-archive.ts';

/**
 * Opens an image in a file: an OCI archive, a docker-archive of any age, or both at once, as Docker writes from version
 * 25 on; plain, gzip or zstd. What the file holds tells, not its name.
 *
 * @throws OciError IMAGE_NOT_FOUND, ARCHIVE_INVALID, IMAGE_AMBIGUOUS, PLATFORM_UNAVAILABLE, MANIFEST_INVALID and others
 */
export async function openArchiveImage(path: string, options: OpenLocalOptions, signal?: AbortSignal): Promise<Image> {
  return await openArchiveHandle(await openFile(path), options, signal);
}

/** {@link openArchiveImage} for a file that is open already. The image, or a failure, closes it. */
export async function openArchiveHandle(
  file: FileHandle,
  options: OpenLocalOptions,
  signal?: AbortSignal,
): Promise<Image> {
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => (closed ??= file.close());
  try {
    return await openIndexed(await indexArchive(file, signal), options, close, signal);
  } catch (error) {
    await close();
    throw error;
  }
}

/** The layout is damaged or not whole, which the list of the older format may make good. Nothing contradicts itself. */
const incomplete: ReadonlySet<OciErrorCode> = new Set([
  'LAYOUT_INVALID',
  'MANIFEST_INVALID',
  'BLOB_UNKNOWN',
  'IMAGE_NOT_FOUND',
]);

/** Prefers the layout of an archive that has both: only there every byte has a digest. */
async function openIndexed(
  archive: ArchiveFile,
  options: OpenLocalOptions,
  close: () => Promise<void>,
  signal: AbortSignal | undefined,
): Promise<Image> {
  const hasList = archive.find('manifest.json') !== undefined;
  if (archive.find('index.json') !== undefined) {
    try {
      return await openOciArchive(archive, options, close, signal);
    } catch (error) {
      if (!hasList || !(error instanceof OciError) || !incomplete.has(error.code)) throw error;
      try {
        return await openDockerArchive(archive, options, close, signal);
      } catch {
        throw error;
      }
    }
  }
  if (hasList) return await openDockerArchive(archive, options, close, signal);
  if (archive.find('repositories') !== undefined) return await openLegacyArchive(archive, options, close, signal);
  throw new OciError(
    'ARCHIVE_INVALID',
    'The file is a tar but holds no image: it has no manifest.json, index.json or repositories; save an image into it',
  );
}

async function openOciArchive(
  archive: ArchiveFile,
  options: OpenLocalOptions,
  close: () => Promise<void>,
  signal: AbortSignal | undefined,
): Promise<Image> {
  const entry = archive.find('index.json');
  if (entry === undefined) throw new OciError('LAYOUT_INVALID', 'The archive has no index.json; save the image again');
  const index = await archive.read(entry, limits.manifestBytes, signal);
  const root = chooseRoot(index, options.selector, (digest) => blobEntry(archive, digest)?.size);
  const content = new ArchiveContent(archive, root);
  // Another format may be tried after this one fails, so the file is closed further up.
  const image = await openImage(
    content,
    root.descriptor,
    { ...options, repoTags: root.repoTags, repoDigests: [], dispose: () => Promise.resolve() },
    signal,
  );
  const repoTags = root.repoTags.length > 0 ? root.repoTags : await listedTags(archive, image.imageId, signal);
  return { ...image, repoTags, [Symbol.asyncDispose]: close };
}

/** Names that only the older list has, for the image with this config. A list that cannot be read names nothing. */
async function listedTags(
  archive: ArchiveFile,
  imageId: Digest,
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  const list = archive.find('manifest.json');
  if (list === undefined) return [];
  try {
    const images = parseDockerManifest(await archive.read(list, archiveLimits.listBytes, signal));
    return images.filter(({ config }) => config.includes(digestHex(imageId))).flatMap(({ repoTags }) => repoTags);
  } catch (error) {
    if (error instanceof OciError) return [];
    throw error;
  }
}

async function openFile(path: string): Promise<FileHandle> {
  let file: FileHandle;
  try {
    // Without the flag a pipe would make the open wait for a writer.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new OciError('IMAGE_NOT_FOUND', `There is no file ${path}; check the path`, { cause: error });
    }
    throw new OciError('ARCHIVE_INVALID', `${path} cannot be read (${code}); check its permissions`, { cause: error });
  }
  const status = await file.stat();
  if (status.isFile()) return file;
  await file.close();
  const hint = status.isDirectory() ? 'is a directory; write oci-dir: before an OCI image layout' : 'is not a file';
  throw new OciError('ARCHIVE_INVALID', `${path} ${hint}`);
}
