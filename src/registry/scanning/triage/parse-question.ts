import { printable } from '../../../base/printable.ts';
import { PackageUrlError } from '../../../package/package-url-error.ts';
import { parsePackageUrl } from '../../../package/package-url.ts';
import { packageOfPurl } from '../../../package/purl-of-package.ts';
import { TriageError } from './error.ts';
import { parseVersionSet, type VersionSet } from './version-set.ts';

/** Which images are asked for: those with a flaw, or with versions of a package. */
export type TriageQuestion =
  | { readonly kind: 'flaw'; readonly id: string }
  | {
      readonly kind: 'package';
      readonly name: string;
      /** Its purl's type and namespace, where a purl was given: no other package is meant. */
      readonly type?: string;
      readonly namespace?: string;
      readonly versions: VersionSet;
    };

/**
 * The id of a flaw: a source's name in capitals, a dash, and more; of CVE, a year and a number. What looks otherwise is a package's name
 * without a range, or an id that was not copied whole, which no flaw has for its id, so that nothing would be found.
 */
const flawId = /^(?!CVE-(?!\d{4}-\d+$))(?=.*[A-Z])[A-Za-z][A-Za-z0-9]*-[A-Za-z0-9_.:-]+$/;

/**
 * Ids of flaws that are surely no names of packages. A flaw has no versions: taken for a package, it would hit nothing, which looks as if
 * no image had the flaw.
 */
const surelyFlaw: readonly RegExp[] = [
  /^(?:(?:[a-z]+-)?cve-\d{4}-\d+|ghsa(?:-[a-z0-9]{4}){3})$/i,
  /^(?:GO|RUSTSEC|PYSEC|OSV|MAL|USN|RH[SBE]A|DSA|DLA|ELSA|ALAS\w*)-\d[\d:.-]*$/,
];

/** No id, name or range is longer. Characters. */
const longest = 500;

/**
 * Reads what is asked for: an id of a flaw, such as `CVE-2021-44228`, or `PACKAGE@RANGE`, where the package is a name or a purl without a
 * version (`pkg:npm/lodash@<4.17.21`).
 *
 * @throws TriageError TRIAGE_INVALID
 */
export function parseQuestion(text: string): TriageQuestion {
  if (text === '' || text.length > longest) throw invalid(text);
  // A name may begin with one (`@scope/name`).
  const at = text.lastIndexOf('@');
  if (at <= 0) {
    const id = text.replace(/^(?:cve|ghsa)-/i, (prefix) => prefix.toUpperCase());
    if (flawId.test(id)) return { kind: 'flaw', id };
    throw /^(?:pkg:)?[A-Za-z0-9@][\w.:/@+%-]*$/.test(text) ? withoutRange(text) : invalid(text);
  }
  const name = text.slice(0, at).trim();
  // No package has such a name, so that nothing would be found.
  if (name === '' || /[\s\p{Cc}]/u.test(name)) throw invalid(text);
  if (surelyFlaw.some((form) => form.test(name))) throw withRange(name);
  const versions = parseVersionSet(text.slice(at + 1));
  if (!name.startsWith('pkg:')) return { kind: 'package', name, versions };
  try {
    const { type, namespace } = parsePackageUrl(name);
    const known = packageOfPurl(name)?.package;
    if (known === undefined) throw invalid(text);
    return { kind: 'package', name: known.name, type, ...(namespace === undefined ? {} : { namespace }), versions };
  } catch (cause) {
    if (!(cause instanceof PackageUrlError)) throw cause;
    throw new TriageError('TRIAGE_INVALID', cause.message, { cause });
  }
}

function withoutRange(text: string): TriageError {
  const name = printable(text.slice(0, 100));
  const form = `for a package write ${name}@RANGE, such as ${name}@<1.2.3, or ${name}@* for all versions`;
  return new TriageError('TRIAGE_INVALID', `"${name}" is no id of a flaw, such as CVE-2021-44228; ${form}`);
}

function withRange(name: string): TriageError {
  const sentence = `"${printable(name)}" is the id of a flaw, which has no versions; write the id alone, or PACKAGE@RANGE`;
  return new TriageError('TRIAGE_INVALID', sentence);
}

function invalid(text: string): TriageError {
  const form = 'give an id such as CVE-2021-44228, or PACKAGE@RANGE such as lodash@<4.17.21';
  return new TriageError('TRIAGE_INVALID', `"${printable(text.slice(0, 100))}" asks for nothing; ${form}`);
}
