import { isNetError } from '../../../net/error.ts';
import type { Network } from '../../../net/network.ts';
import { askService, jsonOfAnswer, protocolError } from '../../service.ts';
import { SigningError } from '../../error.ts';
import type { TokenSource } from './source.ts';

const name = "Google's metadata service";
const identityPath = 'computeMetadata/v1/instance/service-accounts/default';
const headers = { 'metadata-flavor': 'Google' };

/** The firmware's words for a machine of Google's, so that no other machine asks around for a metadata service. */
const productFile = '/sys/class/dmi/id/product_name';

/**
 * Google Compute Engine, GKE, Cloud Build and Cloud Run: the machine's service account, or the one that
 * `GOOGLE_SERVICE_ACCOUNT_NAME` names and the machine's may speak for (IAM credentials API, `generateIdToken`).
 */
export const googleSource: TokenSource = {
  id: 'google-workload-identity',
  async find({ env, network, audience, readText }, signal) {
    const host = env['GCE_METADATA_HOST'] || undefined;
    const product = host === undefined ? ((await readText(productFile)) ?? '') : 'Google';
    if (!/^\s*Google\b/.test(product)) return undefined;
    const base = `http://${host ?? 'metadata.google.internal'}`;
    const account = env['GOOGLE_SERVICE_ACCOUNT_NAME'] || undefined;
    if (account !== undefined) return impersonate(network, base, account, audience, signal);
    const query = new URLSearchParams({ audience, format: 'full' }).toString();
    const url = `${base}/${identityPath}/identity?${query}`;
    return (await metadata(network, url, signal)).toString('utf8').trim();
  },
};

async function impersonate(
  network: Network,
  base: string,
  account: string,
  audience: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  const answer = await metadata(network, `${base}/${identityPath}/token`, signal);
  const access = jsonOfAnswer({ status: 200, headers: new Map(), body: answer }, name)['access_token'];
  if (typeof access !== 'string') throw protocolError(name, 'its answer holds no access token');
  const service = "Google's credentials service";
  const reply = await askService(
    network,
    {
      name: service,
      method: 'POST',
      url: `https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${encodeURIComponent(account)}:generateIdToken`,
      headers: { authorization: `Bearer ${access}`, 'content-type': 'application/json' },
      body: Buffer.from(JSON.stringify({ audience, includeEmail: true })),
      idempotent: true,
      secrets: [access],
    },
    signal,
  );
  const { token } = jsonOfAnswer(reply, service);
  if (typeof token !== 'string') throw protocolError(service, 'its answer holds no token');
  return token;
}

async function metadata(network: Network, url: string, signal: AbortSignal | undefined): Promise<Buffer> {
  try {
    return (await askService(network, { name, url, headers }, signal)).body;
  } catch (cause) {
    if (!isNetError(cause, 'INSECURE')) throw cause;
    const message = `${name} speaks plain HTTP; allow it with --plain-http ${new URL(url).host}`;
    throw new SigningError('IDENTITY_TOKEN_UNAVAILABLE', message, { cause });
  }
}
