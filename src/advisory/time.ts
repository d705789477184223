/** Compares two RFC 3339 times in UTC, whatever number of decimals they have. */
export function isLater(a: string, b: string): boolean {
  // Without the Z, a time that goes on with decimals sorts after its bare second.
  return a.replace(/Z$/i, '') > b.replace(/Z$/i, '');
}
