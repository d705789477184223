import type { Problem } from '../../base/problem.ts';
import type { Image } from '../image.ts';
import { digestOf } from '../verify-content.ts';
import { validateLayer } from './validate-layer.ts';

/**
 * Recomputes what an image says about itself: the digest of its config, and digest, size and diffID of every layer.
 * All that is wrong is listed, not only the first; an empty list means that the image is whole.
 *
 * Layers are read one after another.
 *
 * @throws the signal's reason when it is aborted
 */
export async function validateImage(image: Image, signal?: AbortSignal): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  const configDigest = digestOf(image.rawConfig);
  if (image.rebuiltConfig !== true && configDigest !== image.imageId) {
    problems.push({
      code: 'CONFIG_DIGEST_MISMATCH',
      subject: image.imageId,
      message: `The config has the digest ${configDigest}, not ${image.imageId}`,
    });
  }
  const { diffIds } = image.config;
  if (diffIds.length !== image.layers.length) {
    problems.push({
      code: 'LAYER_COUNT_MISMATCH',
      subject: image.imageId,
      message: `The config names ${diffIds.length} layers, and the image has ${image.layers.length}`,
    });
  }
  for (const [at, layer] of image.layers.entries()) {
    const promised = diffIds[at];
    if (promised !== undefined && promised !== layer.diffId) {
      problems.push({
        code: 'LAYER_ORDER_MISMATCH',
        subject: layer.diffId,
        message: `Layer ${at} is ${layer.diffId}, where the config names ${promised}`,
      });
    }
    problems.push(...(await validateLayer(layer, signal)));
  }
  return problems;
}
