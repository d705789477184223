/**
 * Brings names of a document to one form in which Go's `encoding/json` takes them for the same: by simple case folding, in which a long s is
 * an s and the sign for Kelvin a k.
 */
export function foldName(name: string): string {
  return name.toUpperCase().toLowerCase();
}
