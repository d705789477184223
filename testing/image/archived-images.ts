import type { Image } from '../../src/oci/image.ts';
import type { ImageSelector } from '../../src/oci/image-selector.ts';
import { parsePlatform, type Platform } from '../../src/oci/platform.ts';
import { openArchiveImage } from '../../src/oci/archive/open-archive.ts';
import { buildImage } from './image-builder.ts';
import type { BuiltImage } from './image-builder.ts';
import { dockerArchiveEntries } from './image-files.ts';
import type { ArchivedImage, DockerArchiveDialect } from './image-files.ts';
import { file, writeTar } from './tar-writer.ts';
import type { TarEntry } from './tar-writer.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** The platform that is asked for. */
export const defaultPlatform: Platform = parsePlatform('linux/amd64');

function image(name: string): BuiltImage {
  return buildImage({ layers: [{ tar: [file('name', name)] }, { tar: [file('big', Buffer.alloc(1 << 21, name))] }] });
}

/** An image of two layers, a small one and one of 2 MiB. */
export const one: BuiltImage = image('one');
/** Another. */
export const two: BuiltImage = image('two');
/** An archive of the first. */
export const listed: readonly ArchivedImage[] = [{ image: one, repoTags: ['one:1'] }];
/** An archive of both. */
export const both: readonly ArchivedImage[] = [...listed, { image: two, repoTags: ['two:2', 'two:latest'] }];

/** Writes an archive, opens it, looks, closes it. */
export async function withImage(
  bytes: Buffer,
  look: (opened: Image) => Promise<void> | void,
  selector: ImageSelector = {},
): Promise<void> {
  using folder = temporaryDirectory();
  const path = folder.write('image.tar', bytes);
  await using opened = await openArchiveImage(path, { name: path, selector, defaultPlatform });
  await look(opened);
}

/** All that a stream gives. */
export async function gather(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts);
}

/** The bytes of an archive of the first image whose entries were changed. */
export function entriesOf(dialect: DockerArchiveDialect, change: (entries: TarEntry[]) => TarEntry[]): Buffer {
  return writeTar(change(dockerArchiveEntries(listed, dialect)));
}

/** A change of the entries of some names. */
export function replaceEntries(name: RegExp, make: (entry: TarEntry) => TarEntry): (entries: TarEntry[]) => TarEntry[] {
  return (entries) => entries.map((entry) => (name.test(entry.name) ? make(entry) : entry));
}

/** Where the first layer of the first image lies in an archive of Docker's. */
export const layerName: string = `${(one.diffIds[0] as string).slice(7)}/layer.tar`;
