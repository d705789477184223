import { createHash } from 'node:crypto';
import type { InclusionProof, LogEntry } from '../../src/signing/entity.ts';
import type { KeyType } from '../../src/signing/key/key-type.ts';
import type { LogInstance, ValidityWindow } from '../../src/signing/trust/trust-material.ts';
import { type LogKey, makeLogKey } from './log-key.ts';
import { hashLeaf, treePath, treeRoot } from './merkle-tree.ts';

/** What a log is like. */
export interface MemoryLogOptions {
  /** Host, and what it signs checkpoints as. */
  readonly name?: string;
  /** 1 promises entries and counts them across trees; 2 is tiled and only proves. */
  readonly generation?: 1 | 2;
  readonly keyType?: KeyType;
  /** Of generation 1: entries in trees that are finished. */
  readonly finished?: number;
}

/** How a checkpoint may differ from an honest one. */
export interface CheckpointOptions {
  readonly origin?: string;
  readonly name?: string;
  readonly size?: string;
  readonly root?: string;
  readonly extensions?: readonly string[];
  /** Lines around the log's own: witnesses', or anything else. */
  readonly before?: readonly string[];
  readonly after?: readonly string[];
  readonly keyId?: Buffer;
  readonly key?: LogKey;
}

/** A transparency log of either generation of Rekor, in memory: real tree, real keys, real signatures. */
export class MemoryLog {
  readonly name: string;
  readonly generation: 1 | 2;
  readonly key: LogKey;
  readonly logId: Buffer;
  readonly #finished: number;
  readonly #bodies: Buffer[] = [];
  readonly #leaves: Buffer[] = [];

  constructor({ name = 'log.example', generation = 1, keyType, finished = 100 }: MemoryLogOptions = {}) {
    this.name = name;
    this.generation = generation;
    this.key = makeLogKey(keyType ?? (generation === 1 ? 'ecdsa-p256' : 'ed25519'));
    this.logId = keyHash(this.key, name, generation);
    this.#finished = generation === 1 ? finished : 0;
  }

  get size(): number {
    return this.#leaves.length;
  }

  /** The log as a trusted root names it. */
  instance(window: ValidityWindow = { start: new Date(0) }): LogInstance {
    return { baseUrl: `https://${this.name}`, logId: this.logId, key: this.key.key, window };
  }

  /** The index in the tree of an entry that is there already. */
  find(body: Uint8Array): number | undefined {
    const index = this.#bodies.findIndex((one) => one.equals(body));
    return index < 0 ? undefined : index;
  }

  /** Takes a canonical entry, and gives all the proof that this log has. */
  append(body: Buffer, seconds = 1_700_000_000): LogEntry {
    this.#bodies.push(body);
    this.#leaves.push(hashLeaf(body));
    return this.entry(this.size - 1, seconds);
  }

  /** An entry of the tree, proven in the tree as it is now. */
  entry(index: number, seconds = 1_700_000_000): LogEntry {
    const body = this.#bodies[index] as Buffer;
    const { kind, apiVersion } = JSON.parse(body.toString()) as { readonly kind: string; readonly apiVersion: string };
    const entry = {
      logIndex: BigInt(index + this.#finished),
      logId: this.logId,
      kind,
      version: apiVersion,
      integratedTime: this.generation === 1 ? BigInt(seconds) : 0n,
      proof: this.proof(index),
      body,
    };
    return this.generation === 1 ? { ...entry, promise: this.promise(entry) } : entry;
  }

  proof(index: number, checkpoint: string = this.checkpoint()): InclusionProof {
    return {
      logIndex: BigInt(index),
      treeSize: BigInt(this.size),
      rootHash: treeRoot(this.#leaves),
      hashes: treePath(this.#leaves, index),
      checkpoint,
    };
  }

  /** Signs an entry, its time and its place. */
  promise({ body, integratedTime, logIndex, logId }: Omit<LogEntry, 'promise'>): Buffer {
    const fields = {
      body: body.toString('base64'),
      integratedTime: Number(integratedTime),
      logID: logId.toString('hex'),
      logIndex: Number(logIndex),
    };
    return this.key.sign(Buffer.from(JSON.stringify(fields)));
  }

  /** Signs the tree as it is now. */
  checkpoint(options: CheckpointOptions = {}): string {
    const { name = this.name, extensions = [], before = [], after = [], key = this.key } = options;
    const origin = options.origin ?? (this.generation === 1 ? `${this.name} - 12345` : this.name);
    const size = options.size ?? String(this.size);
    const root = options.root ?? treeRoot(this.#leaves).toString('base64');
    const text = [origin, size, root, ...extensions, ''].join('\n');
    const keyId = options.keyId ?? keyHash(key, name, this.generation).subarray(0, 4);
    const line = `\u2014 ${name} ${Buffer.concat([keyId, key.sign(Buffer.from(text))]).toString('base64')}`;
    return `${text}\n${[...before, line, ...after].map((one) => `${one}\n`).join('')}`;
  }
}

/** A line below a checkpoint by a key that nobody knows. */
export function witnessLine(name = 'witness.example'): string {
  return `\u2014 ${name} ${createHash('sha512').update(name).digest('base64')}`;
}

/** The id of a log, whose first four bytes mark its key in checkpoints (C2SP signed-note; Rekor v1 hashes the key alone). */
function keyHash({ key: { type, spki } }: LogKey, name: string, generation: 1 | 2): Buffer {
  const hash = createHash('sha256');
  if (generation === 2 && type === 'ed25519') hash.update(`${name}\n\x01`).update(spki.subarray(-32));
  else if (generation === 2 && type === 'rsa') {
    hash.update(Buffer.from(`${name}\n\xffPKIX-RSA-PKCS#1v1.5`, 'latin1')).update(spki);
  } else hash.update(spki);
  return hash.digest();
}
