import { CatalogError } from '../error.ts';
import { osLimits } from './limits.ts';

/** The wanted fields of one stanza: lower-case name → value, continuation lines joined by line feeds. */
export type Stanza = ReadonlyMap<string, string>;

/** What a control file holds. */
interface Stanzas {
  readonly stanzas: readonly Stanza[];
  /** Lines that are neither field, continuation nor blank. */
  readonly strayLines: number;
}

/**
 * Reads a control file: stanzas of `Field: value` lines parted by blank lines, a leading blank continuing the field
 * before (deb-control(5), deb822(5)). Field names ignore case; a repeated field keeps its first value; what passes the
 * limit of a field is left off.
 *
 * @param wanted lower-case names of the fields to keep; stanzas without any of them are left out
 * @throws CatalogError LIMIT_EXCEEDED
 */
export function parseStanzas(text: string, wanted: ReadonlySet<string>): Stanzas {
  const stanzas: Stanza[] = [];
  let strayLines = 0;
  let current = new Map<string, string>();
  /** The field that a continuation line continues: its name, '' for an unwanted one, undefined before the first. */
  let field: string | undefined;
  function finish(): void {
    field = undefined;
    if (current.size === 0) return;
    if (stanzas.length >= osLimits.stanzas) {
      throw new CatalogError('LIMIT_EXCEEDED', 'The package database lists more packages than any distribution has');
    }
    stanzas.push(current);
    current = new Map();
  }
  for (let start = 0; start < text.length;) {
    const feed = text.indexOf('\n', start);
    const end = feed < 0 ? text.length : feed;
    const first = text.charCodeAt(start);
    if (end === start || (first === 0x0d && end === start + 1)) {
      finish();
    } else if (first === 0x20 || first === 0x09) {
      const continued = field === undefined || field === '' ? undefined : current.get(field);
      const rest = field === '' || (continued?.length ?? 0) > osLimits.fieldLength ? '' : text.slice(start, end).trim();
      if (field === undefined && rest !== '') strayLines += 1;
      if (field !== undefined && rest !== '') current.set(field, `${continued ?? ''}\n${rest}`);
    } else {
      const colon = text.slice(start, Math.min(end, start + 100)).indexOf(':');
      if (colon <= 0) {
        strayLines += 1;
        field = '';
      } else {
        const name = text.slice(start, start + colon).toLowerCase();
        field = wanted.has(name) && !current.has(name) ? name : '';
        if (field !== '')
          current.set(field, text.slice(start + colon + 1, Math.min(end, start + osLimits.fieldLength)).trim());
      }
    }
    start = end + 1;
  }
  finish();
  return { stanzas, strayLines };
}
