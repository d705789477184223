/** Query parameters of the registry and feed protocols that never carry a secret; the values of all others are hidden. */
const openParameters = new Set(['digest', 'from', 'last', 'mount', 'n', 'ns', 'scope', 'service', 'artifactType']);

const hidden = '***';

/** Text beyond this length is cut before it is searched, so that no message costs more than its worth. */
const maxRedactedLength = 16_384;

/**
 * A URL fit for messages and logs: no user information, no fragment, and of the query only parameters known to be
 * harmless (pre-signed storage addresses keep their whole authority in the query).
 */
export function redactUrl(url: string | URL): string {
  const parsed = typeof url === 'string' ? URL.parse(url) : url;
  if (parsed === null) return '(an invalid URL)';
  const query = [...parsed.searchParams].map(([name, value]) =>
    openParameters.has(name)
      ? `${encodeURIComponent(name)}=${encodeURIComponent(value)}`
      : `${encodeURIComponent(name)}=${hidden}`,
  );
  const user = parsed.username === '' && parsed.password === '' ? '' : `${hidden}@`;
  const tail = query.length === 0 ? '' : `?${query.join('&')}`;
  return `${parsed.protocol}//${user}${parsed.host}${parsed.pathname}${tail}`;
}

/**
 * Text from outside, fit for messages and logs: URLs as in {@link redactUrl}, authorization values, JSON web tokens and
 * the `secrets` themselves hidden.
 */
export function redactText(text: string, secrets: readonly string[] = []): string {
  let result = text.slice(0, maxRedactedLength);
  for (const secret of secrets) {
    // A very short "secret" occurs in ordinary words: hiding it would garble the text and tell its letters.
    if (secret.length >= 4) result = result.replaceAll(secret, hidden);
  }
  return result
    .replaceAll(/\bhttps?:\/\/[^\s"'<>\\]{1,4096}/gi, (match) => redactUrl(match))
    .replaceAll(/\b(bearer|basic)[ :]{1,2}[\w.~+/=-]{6,}/gi, `$1 ${hidden}`)
    .replaceAll(/\beyJ[\w-]{4,}\.[\w-]+(?:\.[\w-]*)?/g, hidden);
}
