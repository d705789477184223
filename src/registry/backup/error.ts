import { SeaworthyError } from '../../base/error.ts';

/** What can go wrong with backups. */
export type BackupErrorCode =
  /** The registry keeps its records where others make backups. */
  | 'BACKUP_UNSUPPORTED'
  /** There is no backup, or none that was ended. */
  | 'BACKUP_ABSENT'
  /** What is there is not what was put there. */
  | 'BACKUP_DAMAGED'
  /** Written by a newer version of this program. */
  | 'BACKUP_TOO_NEW'
  /** The folder holds something else. */
  | 'BACKUP_FOLDER_INVALID'
  /** There is a registry already. */
  | 'RESTORE_REFUSED';

/** A backup could not be made, read or restored. */
export class BackupError extends SeaworthyError<BackupErrorCode> {
  override readonly name = 'BackupError';
}
