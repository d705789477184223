import { NetError, type NetErrorCode } from './error.ts';

/** What Node.js says of a failed connection or message, in our words. Codes that start with a key match it. */
const failures: readonly (readonly [prefix: string, code: NetErrorCode, sentence: string])[] = [
  ['ENOTFOUND', 'UNRESOLVED', 'has no address; check the name and the resolver'],
  ['EAI_', 'UNRESOLVED', 'could not be resolved; check the resolver and the connection'],
  ['ECONNREFUSED', 'REFUSED', 'refused the connection; check the port and that the server runs'],
  ['ENOENT', 'REFUSED', 'does not exist; check that the server runs'],
  ['EACCES', 'DENIED', 'may not be opened by this user'],
  ['EPERM', 'DENIED', 'may not be opened by this user'],
  ['EHOSTUNREACH', 'UNREACHABLE', 'is not reachable from here'],
  ['ENETUNREACH', 'UNREACHABLE', 'is not reachable from here'],
  ['EHOSTDOWN', 'UNREACHABLE', 'is not reachable from here'],
  ['EADDRNOTAVAIL', 'UNREACHABLE', 'is not reachable from here'],
  ['ETIMEDOUT', 'TIMEOUT', 'did not answer in time'],
  ['ECONNRESET', 'RESET', 'closed the connection before it had sent everything'],
  ['EPIPE', 'RESET', 'closed the connection before it had read everything'],
  ['ECONNABORTED', 'RESET', 'closed the connection before it had sent everything'],
  ['ERR_STREAM_PREMATURE_CLOSE', 'RESET', 'closed the connection before it had sent everything'],
  ['HPE_HEADER_OVERFLOW', 'TOO_LARGE', 'sent headers that are larger than is allowed'],
  ['HPE_', 'PROTOCOL', 'sent something that is not HTTP'],
  ['ERR_HTTP', 'PROTOCOL', 'took part in a message that is not valid HTTP'],
  ['ERR_INVALID_CHAR', 'PROTOCOL', 'was to be sent a header with a character that HTTP does not allow'],
  ['EPROTO', 'NOT_TLS', 'does not speak TLS as this program does; where it means plain HTTP, allow that for this host'],
  [
    'ERR_SSL_',
    'NOT_TLS',
    'does not speak TLS as this program does; where it means plain HTTP, allow that for this host',
  ],
];

/** OpenSSL's names for certificates that did not verify, and Node.js's for one of another name. */
const certificateCode =
  /^(?:CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERR_TLS_CERT_|HOSTNAME_MISMATCH|INVALID_CA|ERR_OSSL_)/;

/** Turns whatever a connection threw into a {@link NetError}; one passes as it is. */
export function netErrorOf(error: unknown, host: string): NetError {
  if (error instanceof NetError) return error;
  const code = errorCode(error);
  const found = failures.find(([prefix]) => code.startsWith(prefix));
  if (found !== undefined) return new NetError(found[1], host, `${host} ${found[2]}`, { cause: error });
  if (certificateCode.test(code)) {
    const sentence = `the certificate of ${host} is not trusted (${code}); name its authority's certificate file`;
    return new NetError('TLS', host, sentence, { cause: error });
  }
  const reason = code === '' ? 'failed' : `failed with ${code}`;
  return new NetError('PROTOCOL', host, `the exchange with ${host} ${reason}`, { cause: error });
}

/** The code of a system error; of the first one inside when several addresses were tried. */
export function errorCode(error: unknown): string {
  if (typeof error !== 'object' || error === null) return '';
  const { code, errors } = error as { readonly code?: unknown; readonly errors?: unknown };
  if (typeof code === 'string') return code;
  return Array.isArray(errors) && errors.length > 0 ? errorCode(errors[0]) : '';
}
