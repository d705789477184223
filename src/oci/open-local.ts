import { statSync } from 'node:fs';
import { openArchiveImage } from './archive/open-archive.ts';
import type { Image } from './image.ts';
import { splitSelectedPath } from './image-selector.ts';
import { openLayoutImage } from './layout/open-layout.ts';
import type { Platform } from './platform.ts';

/** Which platform of a local image is meant. */
export interface OpenLocalImageOptions {
  /** What the user asked for, as they wrote it; default the path with its selector. */
  readonly name?: string;
  /** Asked for by name: an image for another platform is an error. */
  readonly platform?: Platform;
  readonly defaultPlatform: Platform;
}

/**
 * Opens `PATH[:TAG][@DIGEST]`: an OCI image layout when the path is a directory, else an archive of any kind.
 *
 * @throws OciError what `openLayoutImage` and `openArchiveImage` throw
 */
export async function openLocalImage(
  text: string,
  options: OpenLocalImageOptions,
  signal?: AbortSignal,
): Promise<Image> {
  const { path, selector } = splitSelectedPath(text);
  const open = isDirectory(path) ? openLayoutImage : openArchiveImage;
  return await open(path, { ...options, name: options.name ?? text, selector }, signal);
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  } catch {
    return false;
  }
}
