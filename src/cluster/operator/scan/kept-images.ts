import { hash } from 'node:crypto';
import { EntryStore } from '../../../scan/cache/entry-store.ts';
import { scanSignature } from '../../../scan/scan-signature.ts';
import { pack, unpack } from '../../../scan/process/worker/pack.ts';
import type { KeptFindings } from '../report/vulnerability-report.ts';

/** Findings, and what they are called. */
export interface NamedFindings extends KeptFindings {
  /** See `FoundInImage.revision`. */
  readonly revision: string;
}

/** Findings that could not be kept on disk and are in hand, at most. */
const inHand = 4;

/**
 * What was read of images and what was found in them, on disk: a help, and no truth. What is not there is read or looked up again; where
 * nothing can be kept, what was made last is in hand.
 */
export class KeptImages {
  readonly #store: EntryStore;
  readonly #inHand = new Map<string, NamedFindings>();
  /** Of catalogers: another program reads other things in the same layers. */
  readonly signature: string = scanSignature();

  constructor(folder: string, maxBytes: number, now: () => number) {
    this.#store = new EntryStore(folder, maxBytes, now);
  }

  /**
   * A packed `KeptInventory`.
   *
   * @param least `partial` takes one that lacks something, too
   */
  async inventory(image: string, least: 'whole' | 'partial' = 'whole'): Promise<Buffer | undefined> {
    const whole = await this.#store.get(this.#key('inventory', image));
    return whole ?? (least === 'partial' ? await this.#store.get(this.#key('partial', image)) : undefined);
  }

  /** Keeps one, where that can be done. */
  async putInventory(image: string, packed: Uint8Array, { isWhole }: { readonly isWhole: boolean }): Promise<void> {
    await this.#store.put(this.#key(isWhole ? 'inventory' : 'partial', image), packed);
  }

  /** Undefined where there are none that can be read. */
  async findings(image: string): Promise<NamedFindings | undefined> {
    const held = this.#inHand.get(image);
    if (held !== undefined) return held;
    const packed = await this.#store.get(this.#key('findings', image));
    return packed === undefined ? undefined : (JSON.parse((await unpack(packed)).toString('utf8')) as NamedFindings);
  }

  async putFindings(image: string, findings: NamedFindings): Promise<void> {
    this.#inHand.delete(image);
    if (await this.#store.put(this.#key('findings', image), await pack(JSON.stringify(findings)))) return;
    this.#inHand.set(image, findings);
    const [oldest] = this.#inHand.keys();
    if (this.#inHand.size > inHand && oldest !== undefined) this.#inHand.delete(oldest);
  }

  /** A bill of materials. */
  async bill(image: string, version: string): Promise<Buffer | undefined> {
    const packed = await this.#store.get(this.#key(`bill ${version}`, image));
    return packed === undefined ? undefined : await unpack(packed);
  }

  async putBill(image: string, version: string, bill: Uint8Array): Promise<void> {
    await this.#store.put(this.#key(`bill ${version}`, image), await pack(bill));
  }

  /** Removes what was not used for longest where there is too much. */
  async evict(): Promise<void> {
    await this.#store.evict();
  }

  #key(kind: string, image: string): string {
    return hash('sha256', `${kind} ${this.signature} ${image}`);
  }
}
