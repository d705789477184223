import type { Network } from '../../../net/network.ts';
import { SigningError } from '../../error.ts';
import { jsonOfAnswer, protocolError } from '../../service.ts';
import { askForm, exchangeGrant, type Issuer, type IssuerClient } from './issuer.ts';

/** What a person is asked to do elsewhere. */
export interface DevicePrompt {
  readonly url: string;
  readonly code: string;
}

const name = 'the identity provider';
const grantType = 'urn:ietf:params:oauth:grant-type:device_code';

/** Seconds between questions where the issuer names none (RFC 8628, 3.2). */
const usualInterval = 5;
const longestInterval = 60;
/** However long a code lives, nobody waits for more, in seconds. */
const longestLife = 1800;

/**
 * Logs a person in on another device (RFC 8628): shows a code, then asks the issuer until it was entered.
 *
 * @throws SigningError IDENTITY_TOKEN_UNAVAILABLE when it is refused or nobody came
 */
export async function deviceToken(
  network: Network,
  issuer: Issuer,
  client: IssuerClient,
  show: (prompt: DevicePrompt) => Promise<void>,
  signal?: AbortSignal,
): Promise<string> {
  const { deviceEndpoint } = issuer;
  if (deviceEndpoint === undefined) throw unavailable(`${issuer.url} has no device flow; use the browser`);
  const answer = await askForm(network, deviceEndpoint, client, { scope: 'openid email' }, signal);
  const document = jsonOfAnswer(answer, name);
  const { device_code: deviceCode, user_code: code } = document;
  const url = document['verification_uri_complete'] ?? document['verification_uri'];
  if (typeof deviceCode !== 'string' || typeof code !== 'string' || typeof url !== 'string') {
    throw protocolError(name, 'it gave no code to enter');
  }
  await show({ url, code });
  const end = network.clock.monotonic() + 1000 * seconds(document['expires_in'], longestLife, longestLife);
  let interval = seconds(document['interval'], usualInterval, longestInterval);
  while (network.clock.monotonic() < end) {
    await network.clock.sleep(interval * 1000, signal);
    const grant = { grant_type: grantType, device_code: deviceCode };
    const result = await exchangeGrant(network, issuer, client, grant, signal);
    if ('token' in result) return result.token;
    if (result.error === 'slow_down') interval = Math.min(longestInterval, interval + 5);
    else if (result.error !== 'authorization_pending') throw unavailable(`the login was refused (${result.error})`);
  }
  throw unavailable('nobody entered the code in time');
}

function seconds(value: unknown, usual: number, most: number): number {
  return typeof value === 'number' && value > 0 ? Math.min(value, most) : usual;
}

function unavailable(why: string): SigningError {
  return new SigningError('IDENTITY_TOKEN_UNAVAILABLE', `No identity token: ${why}`);
}
