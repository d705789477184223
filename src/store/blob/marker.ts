import { StoreError } from '../error.ts';

const format = 'seaworthy-blobs';
const version = 1;

/** The name of the file or object that says what a place is. It is written before anything else. */
export const markerName: string = 'blob-store.json';

/** The marker is a line; a longer one is none. */
export const maxMarkerBytes: number = 4096;

/** What the marker of a new place says. */
export const markerText: string = `${JSON.stringify({ format, version })}\n`;

/**
 * Checks the marker of a place, which is named in the errors.
 *
 * @throws StoreError STORE_DAMAGED, or STORE_TOO_NEW
 */
export function checkMarker(text: string, place: string): void {
  const found = parseMarker(text);
  if (found === undefined) throw damagedMarker(place);
  if (found > version) {
    throw new StoreError(
      'STORE_TOO_NEW',
      `${JSON.stringify(place)} was written by a newer version of this program; use that version, or another place`,
    );
  }
}

/** The error for a marker that this program did not write. */
export function damagedMarker(place: string): StoreError {
  return new StoreError(
    'STORE_DAMAGED',
    `${markerName} in ${JSON.stringify(place)} is damaged; restore it from a backup, or use another place`,
  );
}

function parseMarker(text: string): number | undefined {
  try {
    const value = JSON.parse(text) as { format?: unknown; version?: unknown } | null;
    const found = value?.version;
    return value?.format === format && typeof found === 'number' && Number.isInteger(found) ? found : undefined;
  } catch {
    return undefined;
  }
}
