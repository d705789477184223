/** A text as one word of a POSIX shell, in which nothing of it means anything. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
