/**
 * Whether an `If-None-Match` names an entity tag (RFC 9110, 13.1.2): `*`, or a list that has it. Weak tags count: what has this
 * digest is the same byte by byte.
 */
export function namesEtag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  if (header === etag || header.trim() === '*') return true;
  // The tags of this registry hold no comma, so one that does is cut into parts that match nothing.
  return header.split(',').some((part) => part.trim().replace(/^W\//, '') === etag);
}
