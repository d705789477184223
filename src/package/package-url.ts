import { PackageUrlError, type PackageUrlErrorCode } from './package-url-error.ts';
import { packageUrlTypeRules } from './package-url-types.ts';

/** A package URL taken apart: percent-decoded and normalised as its type asks. */
export interface PackageUrl {
  /** Lower case: `deb`, `npm`. */
  readonly type: string;
  /** Segments joined by `/`: `@scope`, `github.com/gorilla`, `org.apache.commons`. */
  readonly namespace?: string;
  readonly name: string;
  readonly version?: string;
  /** Keys in lower case and sorted; never an empty value. */
  readonly qualifiers: Readonly<Record<string, string>>;
  /** Segments joined by `/`, without `.` and `..`. */
  readonly subpath?: string;
}

/** What a package URL is written from: nothing has to be normalised, and empty parts count as absent. */
export interface PackageUrlParts {
  readonly type: string;
  readonly namespace?: string | undefined;
  readonly name: string;
  readonly version?: string | undefined;
  readonly qualifiers?: Readonly<Record<string, string | undefined>> | undefined;
  readonly subpath?: string | undefined;
}

/** In UTF-16 code units. Real ones stay under 1,000; SBOM decoders read them from outside. */
const maxLength = 16_384;
const typePattern = /^[a-z][a-z0-9.-]*$/;
const qualifierKeyPattern = /^[a-z][a-z0-9._-]*$/;

function fail(code: PackageUrlErrorCode, subject: string, advice: string): never {
  throw new PackageUrlError(code, `"${subject.slice(0, 200)}" is not a package URL: ${advice}`);
}

/**
 * Reads a package URL (purl specification, "How to parse a purl string in its components").
 *
 * Tolerates what the specification tells parsers to mend: upper-case types and qualifier keys, slashes after `pkg:`,
 * empty segments, unsorted qualifiers.
 *
 * @throws PackageUrlError
 */
export function parsePackageUrl(text: string): PackageUrl {
  if (text.length > maxLength) fail('PURL_TOO_LONG', text, `keep it within ${maxLength} characters`);
  if (text.slice(0, 4).toLowerCase() !== 'pkg:') fail('PURL_SCHEME_MISSING', text, 'start it with "pkg:"');

  const hash = text.indexOf('#');
  const subpath = hash < 0 ? undefined : text.slice(hash + 1);
  const beforeHash = hash < 0 ? text : text.slice(0, hash);
  const question = beforeHash.indexOf('?');
  const query = question < 0 ? undefined : beforeHash.slice(question + 1);
  const path = (question < 0 ? beforeHash : beforeHash.slice(0, question)).slice(4).replace(/^\/+/, '');

  const typeEnd = path.indexOf('/');
  if (typeEnd < 0) fail('PURL_NAME_MISSING', text, 'write it as pkg:type/name');
  const type = path.slice(0, typeEnd).toLowerCase();

  let rest = path.slice(typeEnd + 1);
  // Only an "@" in the last segment starts a version: `@scope` segments carry one of their own.
  const at = rest.lastIndexOf('@');
  const version = at > rest.lastIndexOf('/') ? rest.slice(at + 1) : undefined;
  if (version !== undefined) rest = rest.slice(0, at);

  // A trailing slash would leave the name empty, which is an error and not a namespace of its own.
  const segments = rest.replace(/^\/+/, '').split('/');
  const nameStart = packageUrlTypeRules(type).nameHasSlashes === true ? 1 : segments.length - 1;
  const name = segments.slice(nameStart).filter((segment) => segment !== '');
  return normalizePackageUrl(
    {
      type,
      namespace: decodeSegments(segments.slice(0, nameStart), text).join('/'),
      name: name.map((segment) => decode(segment, text)).join('/'),
      version: version === undefined ? undefined : decode(version, text),
      qualifiers: parseQualifiers(query, text),
      subpath: subpath === undefined ? undefined : decodeSegments(subpath.split('/'), text).join('/'),
    },
    text,
  );
}

/**
 * Writes the canonical form (purl specification, "How to build a purl string from its components").
 *
 * @throws PackageUrlError when a part breaks the rules of its type
 */
export function formatPackageUrl(parts: PackageUrlParts): string {
  const url = normalizePackageUrl(parts, `pkg:${parts.type}/${parts.name}`);
  let text = `pkg:${url.type}/`;
  if (url.namespace !== undefined) text += `${encodeSegments(url.namespace)}/`;
  text += packageUrlTypeRules(url.type).nameHasSlashes === true ? encodeSegments(url.name) : encode(url.name);
  if (url.version !== undefined) text += `@${encode(url.version)}`;
  const qualifiers = Object.entries(url.qualifiers);
  if (qualifiers.length > 0) text += `?${qualifiers.map(([key, value]) => `${key}=${encode(value)}`).join('&')}`;
  if (url.subpath !== undefined) text += `#${encodeSegments(url.subpath)}`;
  return text;
}

function normalizePackageUrl(parts: PackageUrlParts, shown: string): PackageUrl {
  const type = parts.type.toLowerCase();
  if (!typePattern.test(type)) {
    fail('PURL_TYPE_INVALID', shown, 'a type starts with a letter and has letters, digits, "." and "-" only');
  }
  const rules = packageUrlTypeRules(type);
  const lower = rules.lower ?? [];
  const qualifiers = normalizeQualifiers(parts.qualifiers ?? {}, shown);

  let namespace = segmentsOf(parts.namespace).join('/') || undefined;
  if (lower.includes('namespace')) namespace = namespace?.toLowerCase();
  if (namespace === undefined && rules.namespace === 'required') {
    fail('PURL_NAMESPACE_REQUIRED', shown, `the type ${type} needs a namespace before the name`);
  }
  if (namespace !== undefined && rules.namespace === 'prohibited') {
    fail('PURL_NAMESPACE_PROHIBITED', shown, `the type ${type} has no namespace`);
  }

  let version = parts.version === '' ? undefined : parts.version;
  if (lower.includes('version')) version = version?.toLowerCase();
  if (version !== undefined && rules.versionPattern?.test(version) === false) {
    fail('PURL_VERSION_INVALID', shown, `the version is not one of the type ${type}`);
  }

  let name = lower.includes('name') ? parts.name.toLowerCase() : parts.name;
  if (rules.nameHasSlashes === true) name = segmentsOf(name).join('/');
  name = rules.normalizeName?.({ namespace, name, version, qualifiers }) ?? name;
  if (name === '') fail('PURL_NAME_MISSING', shown, 'it has no name');
  if (rules.namePattern?.test(name) === false) {
    fail('PURL_NAME_INVALID', shown, `the name is not one of the type ${type}`);
  }
  for (const key of rules.requiredQualifiers ?? []) {
    if (qualifiers[key] === undefined) fail('PURL_QUALIFIER_REQUIRED', shown, `the type ${type} needs ?${key}=`);
  }

  const subpath = segmentsOf(parts.subpath)
    .filter((segment) => segment !== '.' && segment !== '..')
    .join('/');
  return {
    type,
    ...(namespace === undefined ? {} : { namespace }),
    name,
    ...(version === undefined ? {} : { version }),
    qualifiers,
    ...(subpath === '' ? {} : { subpath }),
  };
}

function segmentsOf(text: string | undefined): string[] {
  return (text ?? '').split('/').filter((segment) => segment !== '');
}

function normalizeQualifiers(
  given: Readonly<Record<string, string | undefined>>,
  shown: string,
): Record<string, string> {
  const found = new Map<string, string>();
  for (const [givenKey, value] of Object.entries(given)) {
    const key = givenKey.toLowerCase();
    if (!qualifierKeyPattern.test(key)) {
      fail('PURL_QUALIFIER_INVALID', shown, 'a qualifier key has letters, digits, ".", "-" and "_" only');
    }
    if (value === undefined || value === '') continue;
    if (found.has(key)) fail('PURL_QUALIFIER_INVALID', shown, `the qualifier ${key} stands twice`);
    found.set(key, value);
  }
  // Keys follow the grammar above, so none of them is `__proto__`.
  return Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function parseQualifiers(query: string | undefined, shown: string): Record<string, string> {
  const found = new Map<string, string>();
  for (const pair of (query ?? '').split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const key = (equals < 0 ? pair : pair.slice(0, equals)).toLowerCase();
    if (found.has(key)) fail('PURL_QUALIFIER_INVALID', shown, `the qualifier ${key} stands twice`);
    found.set(key, equals < 0 ? '' : decode(pair.slice(equals + 1), shown));
  }
  return Object.fromEntries(found);
}

function decodeSegments(segments: readonly string[], shown: string): string[] {
  const decoded = segments.filter((segment) => segment !== '').map((segment) => decode(segment, shown));
  if (decoded.some((segment) => segment.includes('/'))) {
    fail('PURL_NAMESPACE_INVALID', shown, 'a path segment holds an encoded "/"');
  }
  return decoded;
}

function decode(text: string, shown: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch (error) {
    throw new PackageUrlError(
      'PURL_ENCODING_INVALID',
      `"${shown.slice(0, 200)}" is not a package URL: write each "%" as part of valid UTF-8 percent-encoding`,
      { cause: error },
    );
  }
}

function encodeSegments(path: string): string {
  return path.split('/').map(encode).join('/');
}

/** Percent-encodes all but letters, digits, `.`, `-`, `_`, `~` and `:` (purl specification, "Character encoding"). */
function encode(text: string): string {
  if (/^[\w.~:-]*$/.test(text)) return text;
  return encodeURIComponent(text.toWellFormed())
    .replaceAll('%3A', ':')
    .replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}
