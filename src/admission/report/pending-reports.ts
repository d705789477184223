import { reportLimits as limits } from './limits.ts';
import type { ReportChange, ReportResult, ReportTarget } from './model.ts';

/** What is to be written about one object. */
export interface PendingReport {
  readonly target: ReportTarget;
  readonly results: Map<string, readonly ReportResult[]>;
  /** How often it was tried in vain. */
  tries: number;
}

/** Objects whose results wait to be written, in the order in which they came; several changes of one object are one. */
export class PendingReports {
  readonly #held = new Map<string, PendingReport>();
  #characters = 0;

  get size(): number {
    return this.#held.size;
  }

  /** Whether another object may wait. */
  get hasRoom(): boolean {
    return this.#held.size < limits.pending && this.#characters < limits.pendingCharacters;
  }

  /** Takes a change; false where there is no room for it. */
  put({ target, results }: ReportChange): boolean {
    const held = this.#held.get(target.uid);
    if (held === undefined && !this.hasRoom) return false;
    const pending = held ?? { target, results: new Map<string, readonly ReportResult[]>(), tries: 0 };
    for (const [policy, each] of results) {
      this.#characters += charactersOf(each) - charactersOf(pending.results.get(policy) ?? []);
      pending.results.set(policy, each);
    }
    this.#held.set(target.uid, pending);
    return true;
  }

  /** Takes out what came first. */
  take(): PendingReport | undefined {
    for (const [uid, pending] of this.#held) {
      this.#held.delete(uid);
      this.#characters -= sizeOf(pending);
      return pending;
    }
    return undefined;
  }

  /** Puts back what could not be written, behind all others; what came since then counts over it. */
  putBack(pending: PendingReport): void {
    const { uid } = pending.target;
    const newer = this.#held.get(uid);
    if (newer !== undefined) {
      this.#characters -= sizeOf(newer);
      for (const [policy, results] of newer.results) pending.results.set(policy, results);
    }
    this.#held.delete(uid);
    this.#held.set(uid, pending);
    this.#characters += sizeOf(pending);
  }

  /** Forgets all. */
  clear(): void {
    this.#held.clear();
    this.#characters = 0;
  }
}

function sizeOf({ results }: PendingReport): number {
  let size = 0;
  for (const each of results.values()) size += charactersOf(each);
  return size;
}

function charactersOf(results: readonly ReportResult[]): number {
  return results.reduce((sum, { message = '', properties }) => sum + 200 + message.length + lengthOf(properties), 0);
}

function lengthOf(properties: Readonly<Record<string, string>> | undefined): number {
  return properties === undefined ? 0 : Object.values(properties).reduce((sum, { length }) => sum + length, 0);
}
