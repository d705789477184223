import { join } from 'node:path';
import { deriveImage } from './warm-scan.ts';
import type { Line, Workspace } from './workspace.ts';

const count = 100;

/** The cost per image in one run over ten and over a hundred images on one base: it must not grow. */
export async function manyImages(space: Workspace): Promise<Line[]> {
  const names = Array.from(
    { length: count },
    (_, at) => `oci-dir:${deriveImage(space, join(space.folder, `image-${at}`), `image ${at}`)}`,
  );
  const lines: Line[] = [];
  const cache = await space.freshCache();
  // The base is known to both runs, so that they differ in nothing but their length.
  await space.seaworthy(['image', '--input', space.image, '-f', 'json'], cache);
  const perImage: number[] = [];
  for (const some of [names.slice(0, 10), names.slice(10)]) {
    const cost = await space.seaworthy(['image', ...some, '-f', 'json'], cache);
    perImage.push(cost.wall / some.length);
    const value = `${(cost.wall / some.length).toFixed(1)} ms each, ${cost.memory.toFixed(0)} MiB`;
    lines.push({ label: `${some.length} images in one run`, value });
  }
  const growth = (perImage[1] as number) / (perImage[0] as number);
  return [
    ...lines,
    { label: 'cost of one among many to one among ten', value: growth.toFixed(2), bar: '<= 1.10', met: growth <= 1.1 },
  ];
}
