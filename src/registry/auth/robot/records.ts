import type { RepositoryGrant } from '../grant.ts';

/** What is kept of one secret of a robot account. */
export interface RobotSecret {
  /** SHA-256 of the secret, in hexadecimal. */
  readonly sha256: string;
  /** Milliseconds since 1970. */
  readonly created: number;
  /** When it ends; absent for one that lives as long as the account. */
  readonly expires?: number;
}

/** A robot account, as it is kept. Times in milliseconds since 1970. */
export interface RobotRecord {
  /** Without the prefix that it logs in with. */
  readonly name: string;
  readonly description: string;
  /** The newest first; two while an old one still counts. */
  readonly secrets: readonly RobotSecret[];
  readonly created: number;
  /** Who made it, as `formatIdentity` writes it. */
  readonly createdBy: string;
  readonly expires?: number;
  readonly disabled: boolean;
  /** What it may do besides what grants to `robot:NAME` say. */
  readonly grants: readonly RepositoryGrant[];
  /** Counts changes, from 1. */
  readonly revision: number;
}

/** Where robot accounts are kept. All methods throw RegistryAuthError AUTH_UNAVAILABLE when they cannot be reached. */
export interface RobotRecords {
  find(name: string, signal?: AbortSignal): Promise<RobotRecord | undefined>;
  /** Up to `limit` accounts whose names come after one, in the order of their bytes. */
  list(after: string | undefined, limit: number): Promise<readonly RobotRecord[]>;
  /** Adds one; false when the name is taken. */
  add(record: RobotRecord): Promise<boolean>;
  /** Replaces the one whose revision is one less; false when it is not there or has another revision. */
  replace(record: RobotRecord): Promise<boolean>;
  /** Removes one; false when it is not there. */
  remove(name: string): Promise<boolean>;
}
