import { StoreError } from '../error.ts';
import type { UploadState } from './blob-store.ts';

/**
 * Checks what an upload's record says before a name is made of it: records come back from a database.
 *
 * @throws StoreError STORE_DAMAGED
 */
export function checkUpload({ id, offset }: UploadState): void {
  if (/^[a-z0-9-]{8,64}$/.test(id) && Number.isSafeInteger(offset) && offset >= 0) return;
  throw damagedUpload(id);
}

/** The error for a record that no driver can have made. */
export function damagedUpload(id: string): StoreError {
  return new StoreError(
    'STORE_DAMAGED',
    `the record of upload ${JSON.stringify(id.slice(0, 80))} is damaged; begin the upload again`,
  );
}

/** The error for an upload whose bytes are not, or not all, where its record says. */
export function uploadConflict(id: string): StoreError {
  return new StoreError(
    'UPLOAD_CONFLICT',
    `upload ${id} is over, or fewer of its bytes were kept than its record says; begin it again`,
  );
}
