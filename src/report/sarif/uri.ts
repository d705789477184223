/**
 * A path as a relative URI reference (RFC 3986 §4.2): every segment percent-encoded, so that no part of it reads as a
 * scheme, query or fragment.
 */
export function pathUri(path: string): string {
  const segments = path.replaceAll('\\', '/').split('/').filter((segment) => segment !== '' && segment !== '.');
  const uri = segments.map((segment) => (segment === '..' ? '%2E%2E' : encodeURIComponent(segment.toWellFormed()))).join('/');
  return uri === '' ? 'image' : uri;
}

/** Where findings about the distribution's packages are shown: the image's repository without host and tag, as in Trivy. */
export function artifactPath(name: string): string {
  const bare = name.replace(/@[a-z0-9]+:[a-f0-9]{32,}$/, '').replace(/:[\w.-]{1,128}$/, '');
  const [first = '', ...rest] = bare.split('/');
  const isHost = rest.length > 0 && (first.includes('.') || first.includes(':') || first === 'localhost');
  // A file's path begins with a dot or a slash as no host does.
  return isHost && !first.startsWith('.') ? rest.join('/') : bare;
}
