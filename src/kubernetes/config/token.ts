import { KubernetesError } from '../error.ts';
import { configLimits as limits } from './limits.ts';

/**
 * The header that shows a token (RFC 6750, 2.1).
 *
 * @param what where it came from, for messages
 * @throws KubernetesError CREDENTIAL_FAILED for what no header can hold
 */
export function bearerHeader(token: string, what: string): string {
  if (token.length <= limits.tokenLength && /^[\x21-\x7e]+$/.test(token)) return `Bearer ${token}`;
  throw new KubernetesError(
    'CREDENTIAL_FAILED',
    `${what} is empty, or has characters that no token has; put a new one there`,
  );
}
