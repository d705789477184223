import { CodecError } from '../../codec/error.ts';
import { foldName } from '../../oci/fold-name.ts';

/** Where a number stands that has a fraction or an exponent. A name that ends in an escaped backslash is none that is read. */
const oddNumber = /[^\\]"[ \t\r\n]*:[ \t\r\n]*-?\d+[.eE]/;

/** What Go writes no letter as: it escapes those of HTML, of JavaScript's ends of lines and what cannot be shown, and nothing else. */
const needlessEscape = /(?:^|[^\\])(?:\\\\)*\\(?:\/|u(?!00[01]|00(?:26|3c|3e|7f)|202[89]|fffd))/i;

/**
 * Checks that an object of a table is read alike by Go's `encoding/json`, which eStargz is read with, and by the iterator of jsoniter that
 * containers/storage goes through a table with (`unmarshalToc` in `pkg/chunked/cache_linux.go`): it lowers names by `strings.ToLower`, takes
 * an empty name for the end of the object, and in versions up to 1.51 the first value of another kind for the end of the table, and texts as
 * they are written, escapes and all.
 *
 * @param bytes of the object
 * @param known names that readers look for; a number of one is a whole one
 * @throws CodecError MALFORMED
 */
export function checkMemberNames(
  object: Readonly<Record<string, unknown>>,
  bytes: Buffer,
  known: ReadonlyMap<string, string>,
): void {
  for (const name of Object.keys(object)) {
    if (name === '') throw new CodecError('MALFORMED', 'it has an empty name, which some readers stop at');
    const meant = known.get(foldTableName(name));
    if (meant !== undefined && meant !== name)
      throw new CodecError('MALFORMED', `it has a name that some readers take for ${meant}`);
  }
  const text = bytes.toString('latin1');
  if (needlessEscape.test(text))
    throw new CodecError(
      'MALFORMED',
      'a letter in it is escaped that need not be, which some readers take as it is written',
    );
  if (oddNumber.test(text))
    throw new CodecError('MALFORMED', 'a number in it has a fraction or an exponent, which some readers stop at');
}

/** By names as readers may take them: case aside. */
export function byTableName(names: readonly string[]): ReadonlyMap<string, string> {
  return new Map(names.map((name) => [foldTableName(name), name]));
}

/** Besides what `encoding/json` takes for the same, `strings.ToLower` makes an i of the dotted capital I. */
function foldTableName(name: string): string {
  return foldName(name).replaceAll('i\u0307', 'i');
}
