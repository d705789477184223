import type { ByteRange } from './blob-store.ts';

/** Checks that a range is one, or is just empty (an end right before its start). @throws RangeError, for a mistake of the caller */
export function checkRange({ start, end }: ByteRange): void {
  if (Number.isSafeInteger(start) && Number.isSafeInteger(end) && start >= 0 && end >= start - 1) return;
  throw new RangeError(`${start}-${end} is not a range of bytes`);
}
