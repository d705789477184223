import { dockerHub, dockerHubHosts } from '../../../oci/reference.ts';
import type { LintCheck } from '../model.ts';
import { type ImagePattern, imagePatternsOf } from '../patterns.ts';

/** Kyverno puts the registry before names that have none, and only then compares them; we make names whole in every way. */
export const imageNever: LintCheck = {
  id: 'image-never',
  severity: 'error',
  about: 'A pattern without a registry is about no image, which nobody verifies then',
  find(document) {
    if (document.form === 'seaworthy') return imagePatternsOf(document).flatMap(neverWhole);
    if (document.form !== 'kyverno') return [];
    return imagePatternsOf(document)
      .filter(({ use }) => use === 'checked')
      .flatMap(({ path, value }) => {
        const [host = '', ...rest] = value.split('/');
        // A name with a dot or a port is that of a registry (Kyverno, `addDefaultRegistry`).
        const isHost = /[.*?]/.test(rest.length === 0 ? host.slice(0, 1) : host) || host.startsWith('localhost');
        const hasPort = rest.length > 0 && host.includes(':');
        if (value === '' || isHost || hasPort || /[A-Z{]/.test(host) || (rest.length === 0 && host.includes('.'))) {
          return [];
        }
        return [{ path, sentence: `is about no image, since names begin with a registry; write docker.io/${value}` }];
      });
  },
};

/** Of a pattern that allows something, whoever is refused tells. Those of references are compared with all spellings. */
function neverWhole({
  path,
  value,
  use,
  grammar,
}: ImagePattern): readonly { path: ImagePattern['path']; sentence: string }[] {
  if (use === 'passed' || grammar === 'runs' || path[1] === 'references' || /[{[\\]/.test(value)) return [];
  const whole = wholeName(value);
  if (whole === value) return [];
  return [{ path, sentence: `is about no image, since names are made whole before they are compared; write ${whole}` }];
}

/** As names of images are made whole, and the port of HTTPS is left out. */
function wholeName(pattern: string): string {
  const slash = pattern.indexOf('/');
  const first = slash < 0 ? '' : pattern.slice(0, slash);
  // A star may be a host, and two of them more than that.
  if (first.includes('*') || first.includes('?') || (slash < 0 && pattern.includes('**'))) return pattern;
  const isHost = /[.:]/.test(first) || first === 'localhost';
  const host = isHost ? first.replace(/(\..*):443$/, '$1') : dockerHub;
  const path = isHost ? pattern.slice(slash + 1) : pattern;
  if (!dockerHubHosts.includes(host)) return `${host}/${path}`;
  return `${dockerHub}/${path.includes('/') || path.includes('**') ? path : `library/${path}`}`;
}
