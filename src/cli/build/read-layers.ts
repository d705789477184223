import { invalidBuild } from '../../oci/build/error.ts';
import type { BuildStep, BuiltCompression, LayerSteps } from '../../oci/build/model.ts';
import { parseAddStep, parseDirectoryStep } from '../../oci/build/parse-step.ts';
import { parsePlatform, type Platform } from '../../oci/platform.ts';
import type { BuildFlags } from './flags.ts';

/**
 * What goes into which layer: steps of one `layer=NAME` together, those without one too, in the order in which the layers are first named.
 *
 * @throws BuildError BUILD_INVALID
 */
export function readLayers({ add, mkdir }: Pick<BuildFlags, 'add' | 'mkdir'>): readonly LayerSteps[] {
  const layers = new Map<string | undefined, BuildStep[]>();
  for (const { step, layer } of [...add.map(parseAddStep), ...mkdir.map(parseDirectoryStep)]) {
    const steps = layers.get(layer) ?? [];
    layers.set(layer, steps);
    steps.push(step);
  }
  return [...layers.values()].map((steps) => ({ steps }));
}

/** @throws OciError PLATFORM_INVALID */
export function readPlatforms(texts: readonly string[]): readonly Platform[] {
  return texts.flatMap((text) => text.split(',')).map((text) => parsePlatform(text.trim()));
}

/** @throws BuildError BUILD_INVALID */
export function readCompression(text: string): BuiltCompression {
  if (text === 'gzip' || text === 'zstd' || text === 'none') return text;
  throw invalidBuild(`--compression is gzip, zstd or none, not "${text.slice(0, 40)}"`);
}
