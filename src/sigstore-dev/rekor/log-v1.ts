import { createHash, randomBytes } from 'node:crypto';
import { RefusedError } from '../error.ts';
import type { FaultPlan } from '../fault.ts';
import { canonicalJson } from '../json/canonical.ts';
import type { JsonObject } from '../json/fields.ts';
import { type DevKey, makeDevKey, signWith } from '../key/dev-key.ts';
import { noteKeyId, signCheckpoint } from './checkpoint.ts';
import type { CheckedEntry } from './entry-v1.ts';
import { hashLeaf, MerkleTree } from './merkle-tree.ts';

interface KeptEntry {
  readonly body: Buffer;
  readonly leafHash: Buffer;
  readonly integratedTime: number;
  readonly attestation?: Buffer | undefined;
}

/** Rekor's first log: one shard, kept in memory, that answers with promise and proof. */
export class LogV1 {
  readonly key: DevKey;
  /** SHA-256 of the key, hexadecimal. */
  readonly id: string;
  readonly treeId: string = BigInt.asUintN(62, randomBytes(8).readBigUInt64BE()).toString();
  readonly #host: string;
  readonly #firstIndex: number;
  readonly #faults: FaultPlan;
  readonly #now: () => Date;
  readonly #tree = new MerkleTree();
  readonly #entries: KeptEntry[] = [];
  readonly #byHash = new Map<string, number>();
  readonly #bySearchKey = new Map<string, Set<number>>();

  constructor(options: {
    readonly key: DevKey;
    /** The log's host, which names it in checkpoints. */
    readonly host: string;
    /** Index of the first entry over all shards, when there were others before. */
    readonly firstIndex: number;
    readonly faults: FaultPlan;
    readonly now: () => Date;
  }) {
    this.key = options.key;
    this.id = createHash('sha256').update(options.key.spki).digest('hex');
    this.#host = options.host;
    this.#firstIndex = options.firstIndex;
    this.#faults = options.faults;
    this.#now = options.now;
  }

  get size(): number {
    return this.#tree.size;
  }

  get rootHash(): string {
    return this.#tree.root().toString('hex');
  }

  /** Adds an entry; tells its name and what the log answers. @throws RefusedError CONFLICT when it is there already */
  add({ body, searchKeys, attestation }: CheckedEntry): { readonly uuid: string; readonly answer: JsonObject } {
    const bytes = Buffer.from(canonicalJson(body));
    const leafHash = hashLeaf(bytes);
    const existing = this.#byHash.get(leafHash.toString('hex'));
    if (existing !== undefined) {
      const uuid = this.uuid(existing);
      throw new RefusedError(
        'CONFLICT',
        `An equivalent entry already exists in the transparency log with UUID ${uuid}`,
        {
          headers: { location: `/api/v1/log/entries/${uuid}` },
        },
      );
    }
    const index = this.#tree.append(leafHash);
    this.#entries.push({ body: bytes, leafHash, integratedTime: this.#time(), attestation });
    this.#byHash.set(leafHash.toString('hex'), index);
    for (const key of searchKeys) {
      const found = this.#bySearchKey.get(key.toLowerCase()) ?? new Set();
      this.#bySearchKey.set(key.toLowerCase(), found.add(index));
    }
    return { uuid: this.uuid(index), answer: this.#answer(index) };
  }

  /** The tree's id and the leaf's hash, hexadecimal (pkg/sharding of rekor). */
  uuid(index: number): string {
    const tree = BigInt(this.treeId).toString(16).padStart(16, '0');
    return `${tree}${(this.#entries[index] as KeptEntry).leafHash.toString('hex')}`;
  }

  /** Finds an entry by its name or by the hash alone. */
  indexOf(uuid: string): number | undefined {
    return this.#byHash.get(uuid.slice(-64).toLowerCase());
  }

  /** The entry at an index over all shards, by its name. */
  entry(logIndex: number): JsonObject | undefined {
    const index = logIndex - this.#firstIndex;
    return this.#entries[index] === undefined ? undefined : { [this.uuid(index)]: this.#answer(index) };
  }

  /** The entry at an index of this shard. */
  entryOfShard(index: number): JsonObject {
    return { [this.uuid(index)]: this.#answer(index) };
  }

  /** The entry that equals a proposed one. */
  equivalent({ body }: CheckedEntry): JsonObject | undefined {
    const index = this.#byHash.get(hashLeaf(Buffer.from(canonicalJson(body))).toString('hex'));
    return index === undefined ? undefined : this.entryOfShard(index);
  }

  /** Names of the entries that a digest or address is about. */
  search(key: string): readonly string[] {
    return [...(this.#bySearchKey.get(key.toLowerCase()) ?? [])].map((index) => this.uuid(index));
  }

  checkpoint(): string {
    const name = this.#host;
    const key = this.#faults.spoils('rekor.wrong-checkpoint') ? makeDevKey(this.key.type) : this.key;
    const head = { origin: `${name} - ${this.treeId}`, size: this.size, root: this.#tree.root() };
    return signCheckpoint(head, name, key, noteKeyId(name, this.key));
  }

  /** That the log of a size grew out of a smaller one, hexadecimal. */
  consistency(first: number, last: number): { readonly rootHash: string; readonly hashes: readonly string[] } {
    const hashes = this.#tree.consistencyProof(first, last).map((hash) => hash.toString('hex'));
    return { rootHash: this.#tree.root(last).toString('hex'), hashes };
  }

  #answer(given: number): JsonObject {
    // An entry about something else: the first of the log, which a test puts there.
    const index = this.#faults.spoils('rekor.other-body') ? 0 : given;
    const { body, integratedTime, attestation } = this.#entries[index] as KeptEntry;
    const signed = {
      body: body.toString('base64'),
      integratedTime,
      logID: this.#faults.spoils('rekor.wrong-log') ? '0'.repeat(64) : this.id,
      logIndex: index + this.#firstIndex + (this.#faults.spoils('rekor.wrong-index') ? 1 : 0),
    };
    const verification = { ...this.#proof(index), ...this.#promise({ ...signed, logIndex: index + this.#firstIndex }) };
    const kept = attestation === undefined ? {} : { attestation: { data: attestation.toString('base64') } };
    return { ...signed, ...kept, verification };
  }

  #promise(signed: JsonObject): JsonObject {
    if (this.#faults.spoils('rekor.no-promise')) return {};
    const key = this.#faults.spoils('rekor.wrong-promise') ? makeDevKey(this.key.type) : this.key;
    return { signedEntryTimestamp: signWith(key, Buffer.from(canonicalJson(signed))).toString('base64') };
  }

  #proof(index: number): JsonObject {
    if (this.#faults.spoils('rekor.no-proof')) return {};
    const hashes = this.#tree.inclusionProof(index).map((hash) => hash.toString('hex'));
    if (this.#faults.spoils('rekor.wrong-proof')) hashes[0] = 'ab'.repeat(32);
    const rootHash = this.#faults.spoils('rekor.wrong-root') ? 'cd'.repeat(32) : this.rootHash;
    const treeSize = this.size;
    return { inclusionProof: { checkpoint: this.checkpoint(), hashes, logIndex: index, rootHash, treeSize } };
  }

  #time(): number {
    const seconds = Math.floor(this.#now().getTime() / 1000);
    if (this.#faults.spoils('rekor.future-time')) return seconds + 86_400;
    return this.#faults.spoils('rekor.past-time') ? seconds - 86_400 : seconds;
  }
}
