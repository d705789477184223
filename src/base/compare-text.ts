/** The order of texts by their UTF-16 code units, as `sort()` has it: the same on every machine, whatever language it speaks. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
