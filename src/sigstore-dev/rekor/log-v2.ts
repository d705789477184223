import { RefusedError } from '../error.ts';
import type { FaultPlan } from '../fault.ts';
import { canonicalJson } from '../json/canonical.ts';
import type { JsonObject } from '../json/fields.ts';
import { type DevKey, makeDevKey } from '../key/dev-key.ts';
import { noteKeyId, signCheckpoint } from './checkpoint.ts';
import type { CheckedEntryV2 } from './entry-v2.ts';
import { hashLeaf, MerkleTree } from './merkle-tree.ts';
import { entryTile, hashTile, type TileName } from './tile.ts';

/** Bytes of one entry: its length is written in two bytes in tiles. */
const maxEntryBytes = 65_535;

/** Rekor's second log: tiles of a tree, and entries without a time of their own. */
export class LogV2 {
  readonly key: DevKey;
  /** Host without scheme and port: the name of the log in its notes. */
  readonly origin: string;
  /** The id of its key in notes, untruncated. */
  readonly id: Buffer;
  readonly #faults: FaultPlan;
  readonly #tree = new MerkleTree();
  readonly #entries: Buffer[] = [];
  readonly #kinds: CheckedEntryV2['kind'][] = [];
  readonly #byHash = new Map<string, number>();

  constructor(key: DevKey, origin: string, faults: FaultPlan) {
    this.key = key;
    this.origin = origin;
    this.id = noteKeyId(origin, key);
    this.#faults = faults;
  }

  /** Adds an entry and tells where it is: a `TransparencyLogEntry` in JSON. @throws RefusedError */
  add({ kind, body }: CheckedEntryV2): JsonObject {
    const bytes = Buffer.from(canonicalJson(body));
    if (bytes.length > maxEntryBytes) throw new RefusedError('TOO_LARGE', 'The entry does not fit into a tile');
    const leafHash = hashLeaf(bytes);
    const existing = this.#byHash.get(leafHash.toString('hex'));
    if (existing !== undefined) {
      const message = `an equivalent entry already exists in the transparency log with index ${existing}`;
      throw new RefusedError('CONFLICT', message, { headers: { 'x-log-index': String(existing) } });
    }
    const index = this.#tree.append(leafHash);
    this.#entries.push(bytes);
    this.#kinds.push(kind);
    this.#byHash.set(leafHash.toString('hex'), index);
    return this.#answer(index);
  }

  checkpoint(): string {
    const key = this.#faults.spoils('rekor.wrong-checkpoint') ? makeDevKey(this.key.type) : this.key;
    const head = { origin: this.origin, size: this.#tree.size, root: this.#tree.root() };
    return signCheckpoint(head, this.origin, key, this.id);
  }

  /** The bytes of a tile. @throws RefusedError */
  tile(name: TileName): Buffer {
    return name.level === 'entries' ? entryTile(this.#entries, name) : hashTile(this.#tree, name);
  }

  #answer(given: number): JsonObject {
    const index = this.#faults.spoils('rekor.other-body') ? 0 : given;
    const logIndex = String(index + (this.#faults.spoils('rekor.wrong-index') ? 1 : 0));
    const logId = this.#faults.spoils('rekor.wrong-log') ? Buffer.alloc(32) : this.id;
    return {
      logIndex,
      logId: { keyId: logId.toString('base64') },
      kindVersion: { kind: this.#kinds[index], version: '0.0.2' },
      integratedTime: '0',
      inclusionPromise: null,
      inclusionProof: this.#faults.spoils('rekor.no-proof') ? null : this.#proof(index),
      canonicalizedBody: (this.#entries[index] as Buffer).toString('base64'),
    };
  }

  #proof(index: number): JsonObject {
    const hashes = this.#tree.inclusionProof(index).map((hash) => hash.toString('base64'));
    if (this.#faults.spoils('rekor.wrong-proof')) hashes[0] = Buffer.alloc(32, 0xab).toString('base64');
    const root = this.#faults.spoils('rekor.wrong-root') ? Buffer.alloc(32, 0xcd) : this.#tree.root();
    return {
      logIndex: String(index),
      rootHash: root.toString('base64'),
      treeSize: String(this.#tree.size),
      hashes,
      checkpoint: { envelope: this.checkpoint() },
    };
  }
}
