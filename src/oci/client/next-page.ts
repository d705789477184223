import type { NetworkResponse } from '../../net/network.ts';
import { OciError } from '../error.ts';
import { clientLimits } from './limits.ts';

/** One link of a `Link` header (RFC 8288, section 3): its target, and its parameters up to the comma. */
const linkPattern = /<([^<>]*)>((?:[^<>",]|"[^"]*")*)/g;
const nextPattern = /;\s*rel\s*=\s*(?:"[^"]*\bnext\b[^"]*"|next\b)/i;

/**
 * Where the next page of a list is; undefined on the last one. It is only ever asked for where this page came from.
 *
 * @throws OciError REGISTRY_PROTOCOL
 */
export function nextPage(response: NetworkResponse): URL | undefined {
  const header = response.headers.get('link');
  if (header === undefined) return undefined;
  if (header.length > clientLimits.linkLength) throw wrong(response, 'is too long');
  for (const [, target, parameters] of header.matchAll(linkPattern)) {
    if (!nextPattern.test(parameters as string)) continue;
    const link = URL.parse(target as string, response.url.href);
    // Behind a proxy that ends TLS, registries name themselves by another scheme and port.
    if (link === null || link.hostname !== response.url.hostname) {
      throw wrong(response, 'leads elsewhere');
    }
    return new URL(link.pathname + link.search, response.url.origin);
  }
  return undefined;
}

function wrong(response: NetworkResponse, what: string): OciError {
  const sentence = `The link to the next page that ${response.url.host} sent ${what}; a list that is cut short says nothing`;
  return new OciError('REGISTRY_PROTOCOL', sentence);
}
