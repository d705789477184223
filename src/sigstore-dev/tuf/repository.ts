import { createHash } from 'node:crypto';
import type { FaultPlan } from '../fault.ts';
import type { JsonObject } from '../json/fields.ts';
import { makeDevKey } from '../key/dev-key.ts';
import type { KeyRing } from '../key/key-ring.ts';
import { fileOf, headOf, signMetadata, type TufKeys, type TufRole, tufKey, tufKeyId } from './metadata.ts';

/** A file that the repository hands out. */
export interface TufTarget {
  readonly name: string;
  readonly bytes: Buffer;
  /** What older clients ask for instead of a name (`sigstore` in the custom part). */
  readonly usage?: 'Fulcio' | 'Rekor' | 'CTFE' | 'TSA';
}

const day = 86_400_000;
const roles = ['root', 'targets', 'snapshot', 'timestamp'] as const satisfies readonly TufRole[];

/** A repository of The Update Framework with consistent snapshots, whose documents are made when they are asked for. */
export class TufRepository {
  readonly #keys: TufKeys;
  readonly #faults: FaultPlan;
  readonly #now: () => Date;
  readonly #root: Buffer;
  readonly #targets = new Map<string, TufTarget>();
  #version: number;

  constructor(ring: KeyRing, faults: FaultPlan, now: () => Date) {
    this.#faults = faults;
    this.#now = now;
    // Versions must never go back, not even after a new start with kept keys.
    this.#version = Math.floor(now().getTime() / 1000);
    const keys = roles.map((role) => [role, ring.key(`tuf-${role}`, 'ecdsa-p256')] as const);
    this.#keys = Object.fromEntries(keys) as unknown as TufKeys;
    this.#root = ring.document('tuf-root.json', () => this.#makeRoot());
  }

  /** What clients must have before they believe anything else: version 1 of the root. */
  get root(): Buffer {
    return this.#root;
  }

  /** Adds targets or replaces those of the same name. */
  publish(targets: readonly TufTarget[]): void {
    for (const target of targets) this.#targets.set(target.name, target);
    this.#version += 1;
  }

  /** The file at a path below the repository's address; undefined where there is none. */
  file(path: string): Buffer | undefined {
    if (path === '1.root.json' || path === 'root.json') return this.#root;
    if (path === 'timestamp.json') return this.#timestamp();
    if (path === `${this.#version}.snapshot.json`) return this.#snapshot();
    if (path === `${this.#version}.targets.json`) return this.#targetList();
    const [, hash, name] = /^targets\/([0-9a-f]{64})\.([\w.-]+)$/.exec(path) ?? [];
    const target = this.#targets.get(name ?? '');
    if (target === undefined || createHash('sha256').update(target.bytes).digest('hex') !== hash) return undefined;
    return this.#faults.spoils('tuf.wrong-target') ? Buffer.alloc(target.bytes.length, 0x20) : target.bytes;
  }

  #makeRoot(): Buffer {
    const signed = {
      ...this.#head('root', 1, 3650),
      consistent_snapshot: true,
      keys: Object.fromEntries(roles.map((role) => [tufKeyId(this.#keys[role]), tufKey(this.#keys[role])])),
      roles: Object.fromEntries(roles.map((role) => [role, { keyids: [tufKeyId(this.#keys[role])], threshold: 1 }])),
    };
    return signMetadata(signed, this.#keys.root);
  }

  #timestamp(): Buffer {
    const days = this.#faults.spoils('tuf.expired-timestamp') ? -1 : 1;
    const meta = { 'snapshot.json': { version: this.#version, ...fileOf(this.#snapshot()) } };
    const wrong = this.#faults.spoils('tuf.wrong-signature') ? makeDevKey('ecdsa-p256') : undefined;
    return signMetadata({ ...this.#head('timestamp', this.#version, days), meta }, this.#keys.timestamp, wrong);
  }

  #snapshot(): Buffer {
    const meta = { 'targets.json': { version: this.#version, ...fileOf(this.#targetList()) } };
    return this.#kept('snapshot', () => ({ ...this.#head('snapshot', this.#version, 30), meta }));
  }

  #targetList(): Buffer {
    const targets = [...this.#targets.values()].map(({ name, bytes, usage }) => {
      const custom = usage === undefined ? {} : { custom: { sigstore: { status: 'Active', usage } } };
      return [name, { ...fileOf(bytes), ...custom }] as const;
    });
    return this.#kept('targets', () => ({
      ...this.#head('targets', this.#version, 30),
      targets: Object.fromEntries(targets),
    }));
  }

  /** Signatures differ each time, and documents name each other by hash: one of each for a version. */
  readonly #made = new Map<TufRole, { readonly version: number; readonly bytes: Buffer }>();

  #kept(role: TufRole, make: () => JsonObject): Buffer {
    const made = this.#made.get(role);
    if (made?.version === this.#version) return made.bytes;
    const bytes = signMetadata(make(), this.#keys[role]);
    this.#made.set(role, { version: this.#version, bytes });
    return bytes;
  }

  #head(role: TufRole, version: number, days: number): JsonObject {
    return headOf(role, version, new Date(this.#now().getTime() + days * day));
  }
}
