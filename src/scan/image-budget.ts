import type { Problem } from '../base/problem.ts';
import { FactBudget, imageFacts, type FactLimits } from '../catalog/fact-budget.ts';
import type { Layer } from '../oci/image.ts';
import { defaultIndexLimits } from '../rootfs/limits.ts';
import { layerIndexSize } from '../rootfs/layer-index.ts';
import type { LayerAnalysis } from './layer-analysis.ts';

/** What may be kept of all layers of one image together. */
export interface ImageLimits {
  /** Names in all layers. */
  readonly names: number;
  readonly facts: FactLimits;
}

const defaultLimits: ImageLimits = { names: defaultIndexLimits.maxEntries, facts: imageFacts };

/**
 * Bounds what is kept of an image's layers: each stays within its own bounds, but there may be a thousand of them. A
 * layer too many is left out whole.
 */
export class ImageBudget {
  readonly #limits: ImageLimits;
  readonly #facts: FactBudget;
  #names = 0;

  constructor(limits: ImageLimits = defaultLimits) {
    this.#limits = limits;
    this.#facts = new FactBudget(limits.facts);
  }

  /** Counts what was read of a layer; undefined when there is room for it, else what to say in its place. */
  refuse(
    layer: Layer,
    { readings, index }: Pick<LayerAnalysis, 'readings'> & Partial<LayerAnalysis>,
  ): Problem | undefined {
    if (!this.#isSpent) {
      if (index !== undefined) this.#names += layerIndexSize(index);
      for (const reading of readings) this.#facts.take(reading);
      if (!this.#isSpent) return undefined;
    }
    const message = 'The layers hold more files or packages together than any real image; this one is not listed';
    return { code: 'LIMIT_EXCEEDED', subject: layer.descriptor?.digest ?? layer.diffId, message, incomplete: true };
  }

  get #isSpent(): boolean {
    return this.#names > this.#limits.names || this.#facts.isSpent;
  }
}
