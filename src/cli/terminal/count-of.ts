/** A number with what is counted: `1 blob`, `2 blobs`, `3 repositories`. */
export function countOf(count: number, one: string, many: string = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
