import { decodeBase64Url } from '../../codec/base64/decode.ts';
import { type AccessToken, endOf } from '../access-token.ts';
import { expectText } from '../ask-json.ts';
import { askSurely } from '../ask-surely.ts';
import type { CloudDeps } from '../cloud-deps.ts';
import { CloudError } from '../error.ts';
import { cloudLimits } from '../limits.ts';
import { parseJson } from '../parse-json.ts';
import type { RegistryToken } from '../registry-token.ts';
import type { AzureRegistry } from './registry-host.ts';

/** What tokens for registries are for, in all of Azure's clouds. */
export const azureResource = 'https://containerregistry.azure.net';

/** Who asks with a refresh token in place of a password (Azure, "Authenticate with an Azure container registry"). */
const username = '00000000-0000-0000-0000-000000000000';

const service = 'Azure Container Registry';

/**
 * A refresh token of a registry for one of Entra's (Azure/acr, docs/AAD-OAuth.md, "POST /oauth2/exchange"). It goes to this very
 * registry alone, and what comes is good there alone.
 *
 * @throws CloudError
 */
export async function azureToken(
  { host }: AzureRegistry,
  { token }: AccessToken,
  deps: CloudDeps,
): Promise<RegistryToken> {
  const question = {
    service,
    url: `https://${host}/oauth2/exchange`,
    body: { form: { grant_type: 'access_token', service: host, access_token: token } },
  };
  const answer = await askSurely(deps, question, 'give a token, for which the role AcrPull must be assigned');
  const password = expectText(answer, 'refresh_token', service);
  if (password.length > cloudLimits.tokenLength || !/^[\w.~+/=-]+$/.test(password)) {
    throw new CloudError('ANSWER_INVALID', `${service} gave no usable token`);
  }
  return { username, password, expiresAt: endOf(endOfToken(password), deps.now()) };
}

/** What a JSON Web Token says of its own end (RFC 7519, 4.1.4): milliseconds since 1970. It is no proof of anything, and needs none. */
function endOfToken(token: string): number | undefined {
  try {
    const { exp } = parseJson(decodeBase64Url(token.split('.')[1] ?? ''), service);
    return typeof exp === 'number' ? exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}
