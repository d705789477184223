import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { buildImage } from '../../examples/first-scan/build-image.ts';
import type { ImageFile } from '../../examples/first-scan/tar.ts';
import { writeFolder } from '../../examples/first-scan/write-folder.ts';
import type { LockedPackage } from './lock.ts';

const place = 'usr/lib/node_modules/seaworthy';

/**
 * Lays what is released out as an image: the package, and in it those that the lock file names, as npm would install them. Policies are about
 * images, and what is true of this one is true of the package.
 *
 * @returns its name for the program
 */
export async function stageImage(root: string, folder: string, locked: readonly LockedPackage[]): Promise<string> {
  const dist = join(root, 'dist');
  const own = filesBelow(dist).map((path) => fileAt(join(place, relative(dist, path)), path));
  const others = locked.map((one) =>
    fileAt(join(place, one.folder, 'package.json'), join(root, one.folder, 'package.json')),
  );
  await writeFolder(
    folder,
    buildImage('seaworthy:release', [
      { createdBy: 'what the lock file names', files: others },
      { createdBy: 'the package', files: own },
    ]),
  );
  return `oci-dir:${folder}`;
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}

function fileAt(path: string, source: string): ImageFile {
  return { path, mode: 0o644, bytes: readFileSync(source) };
}
