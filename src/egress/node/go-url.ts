/** An address as Go takes it apart. */
export interface GoUrl {
  /** In small letters; empty where there is none. */
  readonly scheme: string;
  /** With its port; empty where there is none, as in `httpd:5000`, which is a scheme and something else. */
  readonly host: string;
  /** Without escapes; empty where there is none. */
  readonly path: string;
}

/**
 * Go's `url.Parse`, as far as runtimes use it; undefined for what it refuses. Who refuses a file for one address in it, or passes the
 * address over, asks somebody else then, so that this has to be exact.
 */
export function parseGoUrl(text: string): GoUrl | undefined {
  if (/[\0-\x1f\x7f]/.test(text)) return undefined;
  const [before, fragment] = cut(text, '#');
  if (unescaped(fragment) === undefined || before.startsWith(':')) return undefined;
  const [, scheme = '', afterScheme = before] = /^([A-Za-z][A-Za-z0-9+.-]*):([^]*)$/.exec(before) ?? [];
  const [rest] = cut(afterScheme, '?');
  if (!rest.startsWith('/')) {
    if (scheme !== '') return { scheme: scheme.toLowerCase(), host: '', path: '' };
    if ((rest.split('/', 1)[0] as string).includes(':')) return undefined;
  }
  const hasAuthority = rest.startsWith('//') && (scheme !== '' || !rest.startsWith('///'));
  const slash = rest.indexOf('/', 2);
  const authority = hasAuthority ? rest.slice(2, slash < 0 ? undefined : slash) : '';
  const path = unescaped(hasAuthority ? (slash < 0 ? '' : rest.slice(slash)) : rest);
  const host = hostOf(authority);
  if (host === undefined || path === undefined) return undefined;
  return { scheme: scheme.toLowerCase(), host, path };
}

function cut(text: string, mark: string): readonly [before: string, after: string] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** Go's `parseAuthority` and `parseHost`. */
function hostOf(authority: string): string | undefined {
  const at = authority.lastIndexOf('@');
  const user = authority.slice(0, Math.max(0, at));
  if (!/^[A-Za-z0-9._:~!$&'()*+,;=%@-]*$/.test(user) || unescaped(user) === undefined) return undefined;
  const host = authority.slice(at + 1);
  // Without brackets there is one colon, which older versions of Go did not mind.
  if (!/^(?:\[[^[\]]*\](?::\d*)?|[^[:]*(?::\d*)?)$/.test(host)) return undefined;
  // A host may escape what is no ASCII, and a percent sign.
  if (/%(?![89A-Fa-f][0-9A-Fa-f]|25)/.test(host) || /[\x20#/?@\\^`{|}]/.test(host)) return undefined;
  return unescaped(host);
}

/** Without escapes, or undefined where one is broken. */
function unescaped(text: string): string | undefined {
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) return undefined;
  const bytes = text
    .split(/(%[0-9A-Fa-f]{2})/)
    .map((part, index) => (index % 2 === 1 ? Buffer.from(part.slice(1), 'hex') : Buffer.from(part)));
  return Buffer.concat(bytes).toString();
}
