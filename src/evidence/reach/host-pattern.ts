import { effectivePort } from '../../net/host.ts';
import { matchesWildcard } from '../../policy/kyverno/wildcard.ts';

/** A registry or several: `registry.example.org`, `*.example.org:5000`, `[fd00::1]:5000`. Without a port, all ports are meant. */
export interface HostPattern {
  /** In lower case. */
  readonly host: string;
  readonly port: string | undefined;
}

/** Reads a pattern; undefined for what cannot be one. */
export function parseHostPattern(text: string): HostPattern | undefined {
  const match = /^(\[[0-9a-f:.*]{2,45}\]|[a-z0-9*?._-]{1,255})(?::([0-9*?]{1,5}))?$/i.exec(text);
  const [, host = '', port] = match ?? [];
  if (host === '') return undefined;
  return { host: spelled(host), port };
}

/** Whether a pattern is about the host of a URL, which has one spelling of each address. */
export function matchesHost({ host, port }: HostPattern, url: URL): boolean {
  const name = url.hostname.replace(/\.$/, '');
  return matchesWildcard(host, name) && (port === undefined || matchesWildcard(port, String(effectivePort(url))));
}

/** As URLs spell it, which have one spelling of each address; what is no host by itself stays as it is. */
function spelled(host: string): string {
  const lower = host.toLowerCase().replace(/\.$/, '');
  return /[*?]/.test(lower) ? lower : (URL.parse(`https://${lower}/`)?.hostname ?? lower);
}
