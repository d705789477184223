import { isInward } from '../../net/host.ts';
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
  if (allowPrivateUrls === true || !isPrivate(url.hostname)) return;
  throw new SigningError(
    'KEY_REFERENCE_INVALID',
    `A key is not fetched from ${url.hostname}, which is an address of this machine or of a private network`,
  );
}

/** Whether a host of a URL, which spells addresses in one way only, is in no public network (RFC 1918, 4193, 6598). */
function isPrivate(hostname: string): boolean {
  if (isInward(hostname)) return true;
  if (hostname.startsWith('[')) return isPrivateV6(hostname.slice(1, -1));
  const [a, b] = /^(\d+)\.(\d+)\.\d+\.\d+$/.exec(hostname)?.slice(1).map(Number) ?? [];
  if (a === undefined || b === undefined) return false;
  return (
    a === 0 ||
    a === 10 ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 168) ||
    (a === 100 && b >= 64 && b < 128) ||
    (a === 198 && (b === 18 || b === 19)) ||
    a >= 224
  );
}

/** Global unicast is 2000::/3 (RFC 4291, 2.4); of it, 6to4 and Teredo hold addresses of version 4. */
function isPrivateV6(address: string): boolean {
  const first = Number.parseInt(address.split(':', 1)[0] === '' ? '0' : (address.split(':', 1)[0] as string), 16);
  return first < 0x2000 || first > 0x3fff || first === 0x2002 || /^2001:0?:/.test(address);
}
