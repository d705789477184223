/**
 * True when `text` may stand where a schema asks for an `iri-reference` (RFC 3987 §2.2): what package metadata calls a
 * URL often is none (`git@host:owner/repo`, text with spaces) and would make the document invalid.
 */
export function isIriReference(text: string): boolean {
  if (/[\u0000- "<>\\^`{|}\u007f-\u009f]/.test(text) || !text.isWellFormed()) return false;
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) return false;
  const hash = text.indexOf('#');
  if (hash >= 0 && text.includes('#', hash + 1)) return false;
  const beforeQuery = text.split(/[?#]/, 1)[0] as string;
  const scheme = /^[A-Za-z][A-Za-z0-9+.-]*:/.exec(beforeQuery);
  const hierarchy = scheme === null ? beforeQuery : beforeQuery.slice(scheme[0].length);
  if (!hierarchy.startsWith('//')) {
    // A relative path may not have a colon before its first slash: it would read as a scheme.
    if (scheme === null && (hierarchy.split('/', 1)[0] as string).includes(':')) return false;
    return !/[[\]]/.test(text);
  }
  const authority = hierarchy.slice(2).split('/', 1)[0] as string;
  if (/[[\]]/.test(text.replace(authority, ''))) return false;
  // One `@` ends the user information, and neither this nor a name may have another (RFC 3986 §3.2).
  const at = authority.indexOf('@');
  if (at >= 0 && authority.includes('@', at + 1)) return false;
  if (/[[\]]/.test(authority.slice(0, at + 1))) return false;
  const host = /^(?:\[([^[\]]*)\]|[^[\]:]*)(?::\d*)?$/.exec(authority.slice(at + 1));
  return host !== null && (host[1] === undefined || isAddressLiteral(host[1]));
}

/** True for what may stand in the brackets of a host (RFC 3986 §3.2.2): an IPv6 address without a zone, or a later kind. */
function isAddressLiteral(text: string): boolean {
  return (
    (text.includes(':') && URL.canParse(`http://[${text}]/`)) || /^v[0-9A-Fa-f]+\.[\w.~!$&'()*+,;=:-]+$/i.test(text)
  );
}
