import { SeaworthyError } from '../base/error.ts';

/** What can go wrong where bytes and records are kept. */
export type StoreErrorCode =
  /** The folder, database or object store cannot be reached or written. */
  | 'STORE_UNAVAILABLE'
  /** Nothing was ever kept there. */
  | 'STORE_ABSENT'
  /** It is full, or over the quota that its owner set. */
  | 'STORE_FULL'
  /** What is there is not what was put there, or not by this program. */
  | 'STORE_DAMAGED'
  /** Written by a newer version of this program. */
  | 'STORE_TOO_NEW'
  /** Something else uses it that excludes this use. */
  | 'STORE_BUSY'
  /** Bytes did not have the digest or the size that they were announced with. */
  | 'CONTENT_MISMATCH'
  /** An upload goes on from another place than where it stands, or is gone. */
  | 'UPLOAD_CONFLICT'
  | 'LIMIT_EXCEEDED'
  /** How it is to be opened contradicts itself. */
  | 'STORE_SETTING_INVALID';

/** Something could not be kept, or not be found again. */
export class StoreError extends SeaworthyError<StoreErrorCode> {
  override readonly name = 'StoreError';
}
