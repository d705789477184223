/**
 * Where texts stand in the JSON of a cluster, as spaces before them: what is held of images is written as it is, for each workload that
 * has them.
 */
export const jsonPlaces: Readonly<Record<'entry' | 'list' | 'member', number>> & { readonly between: string } = {
  entry: 4,
  list: 6,
  member: 8,
  between: `,\n${' '.repeat(8)}`,
};

/** A text of JSON with its lines so far to the right. Such texts hold line ends between members alone. */
export function indented(text: string, cells: number): string {
  return text.replaceAll('\n', `\n${' '.repeat(cells)}`);
}
