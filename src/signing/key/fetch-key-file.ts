import { isPrivateHost } from '../../net/private-address.ts';
import { SigningError } from '../error.ts';
import { signingLimits } from '../limits.ts';
import { askBytes } from './ask-json.ts';
import type { KeyDeps } from './key-deps.ts';

/**
 * Fetches the file of a key, because the user's own flag names its address. Addresses of private networks and of this
 * machine are refused, so that a reference that came from elsewhere cannot make this program ask there.
 *
 * @throws SigningError KEY_UNAVAILABLE, KEY_REFERENCE_INVALID
 */
export async function fetchKeyFile(url: URL, deps: KeyDeps): Promise<Buffer> {
  refusePrivate(url, deps);
  const limits = { maxBodyBytes: signingLimits.keyBytes };
  const answer = await askBytes(deps.network, { url, limits }, url.host, deps.signal);
  // Where redirects led; their answer is not looked at.
  refusePrivate(answer.url, deps);
  if (answer.status === 200) return answer.bytes;
  throw new SigningError('KEY_UNAVAILABLE', `${url.host} answered with status ${answer.status} instead of a key`);
}

function refusePrivate(url: URL, { allowPrivateUrls }: KeyDeps): void {
  if (allowPrivateUrls === true || !isPrivateHost(url.hostname)) return;
  throw new SigningError(
    'KEY_REFERENCE_INVALID',
    `A key is not fetched from ${url.hostname}, which is an address of this machine or of a private network`,
  );
}
