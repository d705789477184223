import { CodecError } from '../../codec/error.ts';
import { foldName } from '../../oci/fold-name.ts';

/** Where a number stands that has a fraction or an exponent. A name that ends in an escaped backslash is none that is read. */
const oddNumber = /[^\\]"[ \t\r\n]*:[ \t\r\n]*-?\d+[.eE]/;

/**
 * Checks that an object of a table is read alike by Go's `encoding/json`, which eStargz is read with, and by the iterator of jsoniter that
 * containers/storage goes through a table with (`unmarshalToc` in `pkg/chunked/cache_linux.go`): it lowers names by `strings.ToLower`, takes
 * an empty name for the end of the object, and in versions up to 1.51 the first value of another kind for the end of the table.
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
  if (oddNumber.test(bytes.toString('latin1')))
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
