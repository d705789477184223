import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { constants, zstdCompress, zstdDecompress } from 'node:zlib';
import type { Problem } from '../../base/problem.ts';
import { paceSteps } from '../../base/steps.ts';
import type { Layer } from '../../oci/image.ts';
import type { Inventory } from '../../package/inventory.ts';
import { decodeLayerIndexInSteps } from '../../rootfs/layer-index.ts';
import type { LayerAnalysis } from '../layer-analysis.ts';
import { readingAnnotations } from '../table/promise.ts';
import { EntryStore } from './entry-store.ts';

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** Unpacked bytes of one entry that are taken back; more means that the entry is not ours. */
const maxEntryBytes = 2 ** 30;

/** Raised whenever tables of contents are compared in another way. */
const tableForm = '1';

/** What a layer is known by: what it unpacks to and, where the source has it as a blob, that blob. */
export type KeptLayer = Pick<Layer, 'diffId' | 'descriptor'>;

/**
 * Remembers what layers and whole images held, by digest and by the catalogers that looked.
 *
 * A config may name the DiffIDs of other images above blobs of its own. So what is known of a DiffID says something of a
 * blob only where that blob was once seen to unpack to it.
 */
export class ScanCache {
  readonly #layers: EntryStore;
  readonly #inventories: EntryStore;
  readonly #signature: string;
  #wrote = false;

  /**
   * @param folder the scan cache's own folder
   * @param maxBytes for all of it
   * @param signature of the catalogers: other ones, other keys
   */
  constructor(folder: string, maxBytes: number, signature: string, now: () => number) {
    this.#layers = new EntryStore(join(folder, 'layers'), maxBytes * 0.8, now);
    this.#inventories = new EntryStore(join(folder, 'inventories'), maxBytes * 0.2, now);
    this.#signature = signature;
  }

  /** What is known of a layer; undefined too when its blob may be of another. */
  async layer(layer: KeptLayer): Promise<LayerAnalysis | undefined> {
    if (!isPlain(layer) && (await this.#layers.get(this.#key('pair', pairOf(layer)))) === undefined) return undefined;
    const packed = await this.#layers.get(this.#key('layer', layer.diffId));
    return packed === undefined ? undefined : unpackAnalysis(packed);
  }

  /** Keeps what came of a layer whose bytes were checked against all that it is known by. */
  async putLayer(layer: KeptLayer, analysis: LayerAnalysis): Promise<void> {
    this.#wrote = true;
    await this.#layers.put(this.#key('layer', layer.diffId), await packAnalysis(analysis));
    if (!isPlain(layer)) await this.#layers.put(this.#key('pair', pairOf(layer)), new Uint8Array());
  }

  /** What came of comparing a layer's tables of contents with its tar, for these very annotations; undefined when nobody did. */
  async tables(layer: KeptLayer): Promise<readonly Problem[] | undefined> {
    const packed = await this.#layers.get(this.#key('tables', tableForm, readingOf(layer)));
    const problems = packed === undefined ? undefined : parseJson(await unpack(packed));
    return Array.isArray(problems) ? (problems as Problem[]) : undefined;
  }

  /** Keeps what came of comparing a layer's tables of contents with its tar. */
  async putTables(layer: KeptLayer, problems: readonly Problem[]): Promise<void> {
    this.#wrote = true;
    await this.#layers.put(this.#key('tables', tableForm, readingOf(layer)), await pack(JSON.stringify(problems)));
  }

  /**
   * What is known of a whole image of these very blobs, with the annotations by which runtimes may read them otherwise.
   *
   * @param variant names the options that change the inventory
   */
  async inventory(layers: readonly KeptLayer[], variant: string): Promise<Inventory | undefined> {
    const packed = await this.#inventories.get(this.#key('inventory', ...layers.map(readingOf), variant));
    const inventory =
      packed === undefined ? undefined : (parseJson(await unpack(packed)) as Inventory | null | undefined);
    return Array.isArray(inventory?.packages) && Array.isArray(inventory.problems) ? inventory : undefined;
  }

  async putInventory(layers: readonly KeptLayer[], variant: string, inventory: Inventory): Promise<void> {
    this.#wrote = true;
    const key = this.#key('inventory', ...layers.map(readingOf), variant);
    await this.#inventories.put(key, await pack(JSON.stringify(inventory)));
  }

  /** Keeps the cache within its size; cheap when nothing was written. */
  async trim(): Promise<void> {
    if (!this.#wrote) return;
    this.#wrote = false;
    await this.#layers.evict();
    await this.#inventories.evict();
  }

  #key(...parts: readonly string[]): string {
    return createHash('sha256')
      .update([this.#signature, ...parts].join('\n'))
      .digest('hex');
  }
}

/** True where the DiffID is all that there is, or the digest of the blob too. */
function isPlain({ diffId, descriptor }: KeptLayer): boolean {
  return descriptor === undefined || descriptor.digest === diffId;
}

function pairOf({ diffId, descriptor }: KeptLayer): string {
  return `${diffId} ${descriptor?.digest ?? 'no blob'}`;
}

/** What makes a layer the same to all runtimes, on one line. */
function readingOf(layer: KeptLayer): string {
  const annotations = readingAnnotations(layer.descriptor?.annotations);
  return annotations === undefined ? pairOf(layer) : `${pairOf(layer)} ${JSON.stringify(annotations)}`;
}

/** Length of the JSON part, the JSON part, the index; all packed together. */
async function packAnalysis({ index, readings, problems }: LayerAnalysis): Promise<Buffer> {
  const json = Buffer.from(JSON.stringify({ readings, problems }));
  // Padded so that the index, which is read as typed arrays, lies at a multiple of eight.
  const padded = Buffer.alloc(8 + Math.ceil(json.length / 8) * 8, ' ');
  padded.writeDoubleLE(padded.length - 8, 0);
  json.copy(padded, 8);
  return pack(Buffer.concat([padded, index]));
}

async function unpackAnalysis(packed: Buffer): Promise<LayerAnalysis | undefined> {
  const bytes = await unpack(packed);
  if (bytes === undefined || bytes.length < 8) return undefined;
  const length = bytes.readDoubleLE(0);
  if (!Number.isInteger(length) || length < 0 || length + 8 > bytes.length) return undefined;
  const rest = parseJson(bytes.subarray(8, 8 + length)) as Omit<LayerAnalysis, 'index'> | null | undefined;
  if (!Array.isArray(rest?.readings) || !Array.isArray(rest.problems)) return undefined;
  const index = new Uint8Array(bytes.subarray(8 + length));
  return (await isLayerIndex(index)) ? { ...rest, index } : undefined;
}

/** An entry whose sum is right may still be of another version of this program. */
async function isLayerIndex(packed: Uint8Array): Promise<boolean> {
  try {
    await paceSteps(decodeLayerIndexInSteps(packed));
    return true;
  } catch {
    return false;
  }
}

function pack(bytes: string | Buffer): Promise<Buffer> {
  return compress(bytes, { params: { [constants.ZSTD_c_compressionLevel]: 1 } });
}

async function unpack(packed: Buffer): Promise<Buffer | undefined> {
  return decompress(packed, { maxOutputLength: maxEntryBytes }).catch(() => undefined);
}

function parseJson(bytes: Buffer | undefined): unknown {
  if (bytes === undefined) return undefined;
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
