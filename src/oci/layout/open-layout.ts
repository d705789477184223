import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OciError } from '../error.ts';
import type { Image } from '../image.ts';
import type { ImageSelector } from '../image-selector.ts';
import { limits } from '../limits.ts';
import { openImage } from '../open-image.ts';
import type { Platform } from '../platform.ts';
import { chooseRoot } from './choose-root.ts';
import { blobPath, LayoutContent, sizeOf } from './layout-content.ts';

/** What opening an image in a file or directory needs. */
export interface OpenLocalOptions {
  /** What the user asked for, as they wrote it. */
  readonly name: string;
  readonly selector: ImageSelector;
  readonly platform?: Platform;
  readonly defaultPlatform: Platform;
}

/**
 * Opens an image in an OCI image layout directory (OCI image-spec, image-layout.md). Blobs are only ever looked for
 * under the hex digits of their digests.
 *
 * @throws OciError IMAGE_NOT_FOUND, LAYOUT_INVALID, IMAGE_AMBIGUOUS, BLOB_UNKNOWN and what `openImage` throws
 */
export async function openLayoutImage(
  directory: string,
  options: OpenLocalOptions,
  signal?: AbortSignal,
): Promise<Image> {
  const index = readIndexFile(directory);
  checkVersion(directory);
  const root = chooseRoot(index, options.selector, (digest) => sizeOf(blobPath(directory, digest)));
  const source = new LayoutContent(directory, root);
  return await openImage(
    source,
    root.descriptor,
    { ...options, repoTags: root.repoTags, repoDigests: [], dispose: () => source.close() },
    signal,
  );
}

/** Reads `index.json`. @throws OciError IMAGE_NOT_FOUND, LAYOUT_INVALID, LIMIT_EXCEEDED */
export function readIndexFile(directory: string): Buffer {
  const path = join(directory, 'index.json');
  const size = sizeOf(path);
  if (size === undefined) {
    if (!existsSync(directory)) {
      throw new OciError('IMAGE_NOT_FOUND', `There is no directory ${directory}; check the path`);
    }
    throw new OciError('LAYOUT_INVALID', `${directory} is not an OCI image layout: it has no index.json`);
  }
  if (size > limits.manifestBytes) {
    throw new OciError('LIMIT_EXCEEDED', `${path} is larger than ${limits.manifestBytes} bytes`);
  }
  return readLocal(path);
}

/**
 * The file `oci-layout` is required, but builders have left it out; a version that is there must be known.
 *
 * @throws OciError LAYOUT_INVALID
 */
export function checkVersion(directory: string): void {
  const path = join(directory, 'oci-layout');
  const size = sizeOf(path);
  if (size === undefined) return;
  const text = size > 4096 ? '' : readLocal(path).toString('utf8');
  if (/"imageLayoutVersion"\s*:\s*"1\./.test(text)) return;
  throw new OciError('LAYOUT_INVALID', `${path} names a version of the image layout that is not 1.x`);
}

function readLocal(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    throw new OciError('LAYOUT_INVALID', `${path} cannot be read (${why}); check its permissions`, { cause: error });
  }
}
