import { NetError } from './error.ts';
import { leadsInward } from './host.ts';
import { redactUrl } from './redact.ts';

const redirectStatuses = new Set([301, 302, 303, 307, 308]);

/** What proves who asks; never told to another origin (RFC 9110, 15.4). */
const credentialHeaders = new Set(['authorization', 'cookie', 'proxy-authorization', 'x-registry-auth']);

/** True when a response asks the client to look elsewhere, for a request that may be sent again there. */
export function isRedirect(status: number, method: string): boolean {
  return redirectStatuses.has(status) && (method === 'GET' || method === 'HEAD');
}

/**
 * Where a redirect leads.
 *
 * @throws NetError REDIRECT when it leads nowhere, from https to http, or from another host into this machine or its link
 */
export function redirectTarget(from: URL, location: string): URL {
  const to = URL.parse(location, from.href);
  if (to === null || (to.protocol !== 'https:' && to.protocol !== 'http:')) {
    throw new NetError(
      'REDIRECT',
      from.host,
      `${from.host} redirected to something that is not an http or https address`,
    );
  }
  if (from.protocol === 'https:' && to.protocol === 'http:') {
    const sentence = `${from.host} redirected from https to ${redactUrl(to)}; that downgrade is refused`;
    throw new NetError('REDIRECT', from.host, sentence);
  }
  if (leadsInward(from, to)) {
    throw new NetError(
      'REDIRECT',
      from.host,
      `${from.host} redirected into this machine, to ${to.host}; that is refused`,
    );
  }
  to.username = '';
  to.password = '';
  return to;
}

/** The headers that may go along: all to the same origin, to another (scheme, host or port differs) no credentials. */
export function redirectHeaders(
  headers: Readonly<Record<string, string>>,
  from: URL,
  to: URL,
): Readonly<Record<string, string>> {
  if (from.origin === to.origin) return headers;
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !credentialHeaders.has(name.toLowerCase())));
}
