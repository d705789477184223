import { resolve } from 'node:path';
import type { Progress } from '../../base/progress.ts';
import type { Platform } from '../platform.ts';
import type { AddStep, BuildStep, BuiltCompression, BuiltLayer, LayerSteps } from './model.ts';
import { nameOfSource, placeDirectory, placeFound, type PlacedEntry } from './place-entries.ts';
import { type LayersBelow, planLayer } from './plan-layer.ts';
import { readSource } from './read-source.ts';
import { spoolLayer, type SpooledLayer } from './spool-layer.ts';
import { writeLayer } from './write-layer.ts';

/** How layers are made. */
export interface LayerMakerOptions {
  readonly cwd: string;
  readonly spoolFolder: string;
  /** Whether there are layers below those that are made. */
  readonly onBase: boolean;
  readonly compression: BuiltCompression;
  /** Seconds since 1970. */
  readonly mtime: number;
  readonly progress: Progress;
  readonly signal?: AbortSignal;
}

/** A layer, and what it has at its paths. */
interface MadeLayer {
  readonly layer: SpooledLayer;
  readonly types: LayersBelow;
}

/** Makes the layers of images, those that platforms have in common once, and holds them open. */
export class LayerMaker implements AsyncDisposable {
  readonly #options: LayerMakerOptions;
  readonly #made = new Map<string, MadeLayer>();

  constructor(options: LayerMakerOptions) {
    this.#options = options;
  }

  /** The layers for a platform, lowest first. @throws BuildError, OciError LAYER_UNREADABLE, the signal's reason */
  async make(layers: readonly LayerSteps[], platform: Platform): Promise<readonly BuiltLayer[]> {
    const below = new Map<string, PlacedEntry['type']>();
    const built: BuiltLayer[] = [];
    // What a layer is made of, and all below it: the same makes the same.
    let key = '';
    for (const { steps } of layers) {
      key += `${JSON.stringify(steps.map((step) => (step.kind === 'add' ? this.#sourceOf(step, platform) : '')))}\n`;
      const made = this.#made.get(key) ?? (await this.#makeOne(steps, platform, below));
      this.#made.set(key, made);
      for (const [path, type] of made.types) below.set(path, type);
      const { diffId, descriptor, blob } = made.layer;
      built.push({ diffId, descriptor, blob, createdBy: describeSteps(steps) });
    }
    return built;
  }

  async #makeOne(steps: readonly BuildStep[], platform: Platform, below: LayersBelow): Promise<MadeLayer> {
    const placed: PlacedEntry[] = [];
    for (const step of steps) {
      if (step.kind === 'directory') placed.push(placeDirectory(step));
      else {
        const source = this.#sourceOf(step, platform);
        const found = await readSource(source, this.#options.signal);
        for (const entry of placeFound(step, found, nameOfSource(source))) placed.push(entry);
      }
    }
    const entries = planLayer(placed, { below, onBase: this.#options.onBase });
    const types = new Map([...placed, ...entries].map(({ path, type }) => [path, type]));
    return { layer: await this.#spool(entries), types };
  }

  #sourceOf({ source }: AddStep, { os, architecture, variant = '' }: Platform): string {
    const filled = source.replaceAll('{os}', os).replaceAll('{arch}', architecture).replaceAll('{variant}', variant);
    return resolve(this.#options.cwd, filled);
  }

  async #spool(entries: readonly PlacedEntry[]): Promise<SpooledLayer> {
    const { mtime, signal, compression, spoolFolder, progress } = this.#options;
    const total = entries.reduce((sum, { size }) => sum + size, 0);
    const task = progress.start(`Packing ${entries.length} files`, { total, unit: 'bytes' });
    async function* told(): AsyncGenerator<Buffer> {
      for await (const chunk of writeLayer(entries, mtime, signal)) {
        yield chunk;
        task.advance(chunk.length);
      }
    }
    try {
      return await spoolLayer(told(), compression, spoolFolder);
    } finally {
      task.finish();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { layer } of this.#made.values()) await layer[Symbol.asyncDispose]();
    this.#made.clear();
  }
}

/** What the history says: where things are, and not where they came from, which differs from machine to machine. */
function describeSteps(steps: readonly BuildStep[]): string {
  const shown = steps.slice(0, 20).map(({ kind, target }) => (kind === 'add' ? `ADD ${target}` : `MKDIR ${target}`));
  const more = steps.length > shown.length ? [`and ${steps.length - shown.length} more`] : [];
  return [...shown, ...more].join(', ');
}
