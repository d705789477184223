import assert from 'node:assert/strict';
import type { Content } from '../../../src/registry/content/content.ts';
import { RegistryError } from '../../../src/registry/error.ts';
import { limits } from '../../../src/registry/limits.ts';
import { StoreError } from '../../../src/store/error.ts';
import type { Digest } from '../../../src/oci/digest.ts';
import { type Ending, Ledger } from './ledger.ts';
import { Killed } from './turns.ts';
import type { World } from './world.ts';

/** A blob that a client was told to be there, and until when it may rely on that. */
export interface Promised {
  readonly until: number;
}

/** How a request ended. */
export type Answer<Value> =
  | { readonly value: Value }
  /** The registry's own answer: it did nothing. */
  | { readonly refused: string }
  /** The process was killed: nobody knows. */
  | 'lost';

/** What clients do at the same time, and what all of them together may rely on. */
export class Clients {
  readonly world: World;
  readonly blobs: Ledger<Promised | 'absent'> = new Ledger();
  readonly manifests: Ledger<'there' | 'absent'> = new Ledger();
  readonly tags: Ledger<Digest | 'absent'> = new Ledger();
  /** How often somebody began to take a blob from a repository, by name. */
  readonly removals: Map<string, number> = new Map();
  /** Answers that were given, by what was asked and what came. */
  readonly counts: Map<string, number> = new Map();

  constructor(world: World) {
    this.world = world;
  }

  get now(): number {
    return this.world.clock.now;
  }

  /** Until when a client may rely on what it is told now. */
  promise(share = 1): Promised {
    return { until: this.now + limits.lease * share };
  }

  /** Sends a request to any process; what must never be answered is thrown on. */
  async ask<Value>(
    what: string,
    allowed: readonly string[],
    request: (node: Content) => Promise<Value>,
  ): Promise<Answer<Value>> {
    const node = this.world.node();
    try {
      const value = await request(node);
      this.count(`${what}: done`);
      return { value };
    } catch (error) {
      if (error instanceof Killed) {
        this.count(`${what}: killed`);
        return 'lost';
      }
      const isCoded = error instanceof RegistryError || error instanceof StoreError;
      if (!isCoded || !allowed.includes(error.code)) throw error;
      this.count(`${what}: ${error.code}`);
      return { refused: error.code };
    }
  }

  /** A write that is known to have happened, known not to have, or neither. */
  ending<Value, Kept>(answer: Answer<Value>, kept: (value: Value) => Ending<Kept>): Ending<Kept> {
    if (answer === 'lost') return 'unknown';
    return 'value' in answer ? kept(answer.value) : 'unchanged';
  }

  /** The longer of two promises. */
  longer(before: Promised | 'absent' | undefined, next: Promised): Promised {
    return before !== undefined && before !== 'absent' && before.until > next.until ? before : next;
  }

  removal(name: string): void {
    this.removals.set(name, (this.removals.get(name) ?? 0) + 1);
  }

  count(name: string, number = 1): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + number);
  }
}

/** How a blob or manifest of a repository is named here. */
export function nameOf(repository: string, what: string): string {
  return `${repository} ${what}`;
}

/** Fails with all that is needed to find out why. */
export function violation(sentence: string, ...facts: readonly unknown[]): never {
  assert.fail(`${sentence} ${facts.map((fact) => JSON.stringify(fact)).join(' ')}`);
}
