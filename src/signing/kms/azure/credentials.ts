import { SigningError } from '../../error.ts';
import { parseStrictJson } from '../../../codec/json/parse.ts';
import { asObject, type JsonObject } from '../../../oci/json.ts';
import { accessTokenOf } from '../../key/access-token.ts';
import { askSurely } from '../../key/ask-surely.ts';
import type { KeyDeps } from '../../key/key-deps.ts';
import { openMetadata } from '../../key/metadata.ts';
import { readText } from '../../key/read-files.ts';
import { runProgram } from '../../key/run-program.ts';

const service = 'Microsoft Entra ID';

/**
 * Gets a token for Key Vault: a client's secret, a workload's federated token, a managed identity, or the `az` program, in
 * this order; `AZURE_AUTH_METHOD` (`environment` or `cli`, as in cosign) leaves out the others.
 *
 * @throws SigningError KEY_UNAVAILABLE
 */
export async function findAzureToken(resource: string, deps: KeyDeps): Promise<string> {
  const method = deps.env['AZURE_AUTH_METHOD']?.toLowerCase();
  const found = method === 'cli' ? undefined : await fromEnvironment(resource, deps);
  if (found !== undefined) return found;
  if (method === 'environment') {
    throw unavailable('no credentials were found in the environment or a metadata service');
  }
  return fromProgram(resource, deps);
}

async function fromEnvironment(resource: string, deps: KeyDeps): Promise<string | undefined> {
  const { env } = deps;
  const [tenant, client, secret] = [env['AZURE_TENANT_ID'], env['AZURE_CLIENT_ID'], env['AZURE_CLIENT_SECRET']];
  const file = env['AZURE_FEDERATED_TOKEN_FILE'];
  if (tenant !== undefined && client !== undefined && secret !== undefined) {
    return fromTenant(resource, deps, tenant, { client_id: client, client_secret: secret });
  }
  if (tenant !== undefined && client !== undefined && file !== undefined) {
    const assertion = (await readText(deps, file, 'the federated token')).trim();
    return fromTenant(resource, deps, tenant, {
      client_id: client,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: assertion,
    });
  }
  return fromManagedIdentity(resource, client, deps);
}

/** OAuth's client credentials (RFC 6749, 4.4). */
async function fromTenant(
  resource: string,
  deps: KeyDeps,
  tenant: string,
  form: Readonly<Record<string, string>>,
): Promise<string> {
  if (!/^[\w.-]{1,100}$/.test(tenant)) throw unavailable('AZURE_TENANT_ID is no tenant');
  const authority = (deps.env['AZURE_AUTHORITY_HOST'] ?? authorityOf(resource)).replace(/\/+$/, '');
  const question = {
    service,
    url: `${authority}/${tenant}/oauth2/v2.0/token`,
    body: { form: { ...form, grant_type: 'client_credentials', scope: `${resource}/.default` } },
  };
  return accessTokenOf(await askSurely(deps, question, 'give a token'), service);
}

function authorityOf(resource: string): string {
  if (resource.endsWith('.cn')) return 'https://login.chinacloudapi.cn';
  if (resource.endsWith('.usgovcloudapi.net')) return 'https://login.microsoftonline.us';
  return 'https://login.microsoftonline.com';
}

/** App Service tells where to ask; virtual machines have a fixed address. */
async function fromManagedIdentity(
  resource: string,
  client: string | undefined,
  deps: KeyDeps,
): Promise<string | undefined> {
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
  return found === undefined ? undefined : accessTokenOf(parse(found, 'the metadata service'), service);
}

async function fromProgram(resource: string, deps: KeyDeps): Promise<string> {
  const run = deps.exec ?? runProgram;
  const args = ['account', 'get-access-token', '--resource', resource, '--output', 'json'];
  const { status, output } = await run({ program: 'az', args, env: deps.env, signal: deps.signal });
  if (status !== 0) throw unavailable('`az account get-access-token` failed; run `az login`');
  return accessTokenOf(parse(output, '`az`'), service, 'accessToken');
}

function parse(bytes: Buffer, source: string): JsonObject {
  try {
    return asObject(parseStrictJson(bytes), source, unavailable);
  } catch {
    throw unavailable(`${source} gave something that is no JSON object`);
  }
}

function unavailable(why: string): SigningError {
  return new SigningError('KEY_UNAVAILABLE', `Azure cannot be asked: ${why}`);
}
