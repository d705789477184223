/** Entries of a cell; of more, the number is told. */
const shown = 3;

/** The first of some entries for one line of a report, and how many more there are. */
export function few(entries: readonly string[]): string {
  const more = entries.length - shown;
  return `${entries.slice(0, shown).join(', ')}${more > 0 ? `, and ${more} more` : ''}`;
}
