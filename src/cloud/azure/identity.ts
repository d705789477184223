import { type AccessToken, accessTokenOf } from '../access-token.ts';
import { askSurely } from '../ask-surely.ts';
import type { CloudDeps } from '../cloud-deps.ts';
import { CloudError, type CloudErrorCode } from '../error.ts';
import { openMetadata } from '../metadata.ts';
import { parseJson } from '../parse-json.ts';
import { readToken } from '../read-files.ts';

const service = 'Microsoft Entra ID';

/** What a token is for. */
export interface AzureAudience {
  /** `https://vault.azure.net` */
  readonly resource: string;
  /** Who gives tokens in its cloud, where the environment names nobody: `https://login.microsoftonline.com`. */
  readonly authority: string;
}

/**
 * Gets a token: by a client's secret, a workload's federated token, or a managed identity, in this order (Azure SDKs,
 * "DefaultAzureCredential").
 *
 * @throws CloudError CREDENTIALS_ABSENT when there is none of them
 */
export async function findAzureToken(audience: AzureAudience, deps: CloudDeps): Promise<AccessToken> {
  const { env } = deps;
  const [tenant, client, secret] = [env['AZURE_TENANT_ID'], env['AZURE_CLIENT_ID'], env['AZURE_CLIENT_SECRET']];
  const file = env['AZURE_FEDERATED_TOKEN_FILE'];
  if (tenant !== undefined && client !== undefined && secret !== undefined) {
    return await fromTenant(audience, deps, tenant, { client_id: client, client_secret: secret });
  }
  if (tenant !== undefined && client !== undefined && file !== undefined) {
    return await fromTenant(audience, deps, tenant, {
      client_id: client,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: await readToken(deps, file, 'the federated token'),
    });
  }
  const found = await fromManagedIdentity(audience.resource, client, deps);
  if (found !== undefined) return found;
  throw unavailable(
    'no credentials were found in the environment or a metadata service; give this process a managed or workload identity, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET; where a machine has several identities, AZURE_CLIENT_ID says which',
    'CREDENTIALS_ABSENT',
  );
}

/** A token that the program `az` has for whoever is logged in. @throws CloudError */
export async function azureProgramToken(
  resource: string,
  { exec, env, signal, now }: CloudDeps & Required<Pick<CloudDeps, 'exec'>>,
): Promise<AccessToken> {
  const args = ['account', 'get-access-token', '--resource', resource, '--output', 'json'];
  const { status, output } = await exec({ program: 'az', args, env, signal });
  if (status !== 0) throw unavailable('`az account get-access-token` failed; run `az login`');
  return accessTokenOf(parseJson(output, '`az`'), service, { now: now(), name: 'accessToken' });
}

/** OAuth's client credentials (RFC 6749, 4.4). */
async function fromTenant(
  { resource, authority }: AzureAudience,
  deps: CloudDeps,
  tenant: string,
  form: Readonly<Record<string, string>>,
): Promise<AccessToken> {
  if (!/^[\w.-]{1,100}$/.test(tenant)) throw unavailable('AZURE_TENANT_ID is no tenant');
  const host = (deps.env['AZURE_AUTHORITY_HOST'] ?? authority).replace(/\/+$/, '');
  // Secrets go there.
  if (URL.parse(host)?.protocol !== 'https:') throw unavailable('AZURE_AUTHORITY_HOST is no address with https');
  const question = {
    service,
    url: `${host}/${tenant}/oauth2/v2.0/token`,
    body: { form: { ...form, grant_type: 'client_credentials', scope: `${resource}/.default` } },
  };
  return accessTokenOf(await askSurely(deps, question, 'give a token'), service, { now: deps.now() });
}

/** App Service tells where to ask; virtual machines have a fixed address. */
async function fromManagedIdentity(
  resource: string,
  client: string | undefined,
  deps: CloudDeps,
): Promise<AccessToken | undefined> {
  const [endpoint, secret] = [deps.env['IDENTITY_ENDPOINT'], deps.env['IDENTITY_HEADER']];
  const app = endpoint !== undefined && secret !== undefined;
  const url = URL.parse(app ? endpoint : 'http://169.254.169.254/metadata/identity/oauth2/token');
  if (url === null) throw unavailable('IDENTITY_ENDPOINT is no address');
  url.searchParams.set('api-version', app ? '2019-08-01' : '2018-02-01');
  url.searchParams.set('resource', resource);
  if (client !== undefined) url.searchParams.set('client_id', client);
  await using metadata = openMetadata(deps, url.hostname);
  const headers: Record<string, string> = app ? { 'x-identity-header': secret } : { metadata: 'true' };
  const found = await metadata.find({ url, headers, signal: deps.signal });
  if (found === undefined) return undefined;
  return accessTokenOf(parseJson(found.bytes, 'the metadata service'), service, { now: deps.now() });
}

function unavailable(why: string, code: CloudErrorCode = 'CREDENTIALS_INVALID'): CloudError {
  return new CloudError(code, `Azure cannot be asked: ${why}`);
}
