import { join } from 'node:path';
import { unpackPackage } from '../first-scan/unpack-package.ts';
import { writeFolder } from '../first-scan/write-folder.ts';
import type { PinnedRelease } from '../first-scan/pinned-packages.ts';
import type { ImageRecipe } from './packages.ts';
import type { Stage } from './stage.ts';

/** The tarball of a release, as npm packs it. */
export type TarballOf = (release: PinnedRelease) => Uint8Array;

/** Lays the packages of an image out as `npm install` does, in `NAME-VERSION` of the chain's folder. */
export async function layOut(
  stage: Stage,
  name: string,
  { version, packages }: ImageRecipe,
  tarballOf: TarballOf,
): Promise<void> {
  const files = packages.flatMap((release) => unpackPackage(tarballOf(release), join('node_modules', release.name)));
  await writeFolder(stage.path(`${name}-${version}`), new Map(files.map(({ path, bytes }) => [path, bytes])));
}

/** What `seaworthy build` is told of such an image: everything but where it goes. */
export function buildArguments(stage: Stage, name: string, version: string): readonly string[] {
  return ['build', '--add', `${stage.path(`${name}-${version}`)}:/srv/${name}`, '--user', '65532:65532'];
}
