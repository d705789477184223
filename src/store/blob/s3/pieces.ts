import type { UploadState } from '../blob-store.ts';
import { checkUpload, damagedUpload, uploadConflict } from '../check-upload.ts';
import { maxPartBytes, maxParts, maxRest, minPartBytes } from './limits.ts';

/**
 * What an upload consists of: objects of their own below `uploads/<id>/`, so that any process can read them. First those of
 * exactly the size of a part, then smaller ones, which are less than a part together. Each has a name of its own, so two that
 * go on from one record never write to the same object.
 */
export interface Pieces {
  readonly partBytes: number;
  /** Tokens of whole parts. */
  readonly whole: readonly string[];
  /** Tokens and sizes of what is left. */
  readonly rest: readonly (readonly [token: string, size: number])[];
}

/**
 * The pieces that a record names; it comes back from a database. New uploads have parts of `partBytes`.
 *
 * @throws StoreError STORE_DAMAGED when it cannot be a record of this driver, UPLOAD_CONFLICT when they are fewer bytes
 */
export function readPieces(upload: UploadState, partBytes: number): Pieces {
  checkUpload(upload);
  const { id, offset, parts } = upload;
  if (parts === undefined && offset === 0) return { partBytes, whole: [], rest: [] };
  if (!isPieces(parts)) throw damagedUpload(id);
  if (parts.whole.length * parts.partBytes + restBytes(parts) !== offset) throw uploadConflict(id);
  return parts;
}

/** The bytes of the small pieces together. */
export function restBytes({ rest }: Pieces): number {
  return rest.reduce((sum, [, size]) => sum + size, 0);
}

/** The tokens and sizes of all pieces, in their order. */
export function allPieces({ partBytes, whole, rest }: Pieces): (readonly [token: string, size: number])[] {
  return [...whole.map((token) => [token, partBytes] as const), ...rest];
}

function isPieces(value: unknown): value is Pieces {
  if (typeof value !== 'object' || value === null) return false;
  const { partBytes, whole, rest } = value as { [Name in keyof Pieces]?: unknown };
  if (!isSize(partBytes, minPartBytes, maxPartBytes) || !Array.isArray(whole) || !Array.isArray(rest)) return false;
  if (whole.length > maxParts || rest.length > maxRest || !whole.every(isToken)) return false;
  const isRest = (piece: unknown): boolean =>
    Array.isArray(piece) && piece.length === 2 && isToken(piece[0]) && isSize(piece[1], 1, partBytes - 1);
  return rest.every(isRest) && restBytes(value as Pieces) < partBytes;
}

function isToken(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{16}$/.test(value);
}

function isSize(value: unknown, least: number, most: number): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most;
}
