import { createPrivateKey, sign } from 'node:crypto';
import { join } from 'node:path';
import { asText, type JsonObject } from '../../oci/json.ts';
import { type AccessToken, accessTokenOf } from '../access-token.ts';
import { askSurely } from '../ask-surely.ts';
import type { CloudDeps } from '../cloud-deps.ts';
import type { CloudErrorCode } from '../error.ts';
import { openMetadata } from '../metadata.ts';
import { parseJson } from '../parse-json.ts';
import { homeOf, readCapped, readOptional } from '../read-files.ts';
import { fromFederation } from './federation.ts';
import { field, service, unavailable } from './parts.ts';

const tokenEndpoint = 'https://oauth2.googleapis.com/token';

/**
 * Gets an access token in the order of Application Default Credentials: the file that `GOOGLE_APPLICATION_CREDENTIALS` names, the one
 * that gcloud keeps, the metadata service.
 *
 * @param scope what the token is to be good for, where that can be said
 * @throws CloudError CREDENTIALS_ABSENT when there are none of them
 */
export async function findGoogleToken(scope: string, deps: CloudDeps): Promise<AccessToken> {
  const text = await readCredentials(deps);
  if (text === undefined) return await fromMetadata(deps);
  const document = parseJson(text, 'the credentials file', 'CREDENTIALS_INVALID');
  switch (document['type']) {
    case 'service_account':
      return await fromServiceAccount(document, scope, deps);
    case 'authorized_user':
      return await fromUser(document, deps);
    case 'external_account':
      return await fromFederation(document, scope, deps);
    default:
      throw unavailable('the credentials file is of a type that is not followed here');
  }
}

async function readCredentials(deps: CloudDeps): Promise<Buffer | undefined> {
  const named = deps.env['GOOGLE_APPLICATION_CREDENTIALS'];
  if (named !== undefined && named !== '') return await readCapped(deps, named, named);
  const home = homeOf(deps.env);
  const folder = deps.env['CLOUDSDK_CONFIG'] ?? (home === undefined ? undefined : join(home, '.config', 'gcloud'));
  const path = folder === undefined ? undefined : join(folder, 'application_default_credentials.json');
  const text = await readOptional(deps, path);
  return text === '' ? undefined : Buffer.from(text);
}

/** A JSON Web Token signed with the account's key, for an access token (RFC 7523, 2.1). */
async function fromServiceAccount(document: JsonObject, scope: string, deps: CloudDeps): Promise<AccessToken> {
  const endpoint = asText(document['token_uri']) ?? tokenEndpoint;
  const now = Math.floor(deps.now().getTime() / 1000);
  const header = { alg: 'RS256', typ: 'JWT', kid: field(document, 'private_key_id') };
  const claims = { iss: field(document, 'client_email'), scope, aud: endpoint, iat: now, exp: now + 3600 };
  const input = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  const signature = signWith(field(document, 'private_key'), Buffer.from(input));
  return await ask(deps, endpoint, {
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    assertion: `${input}.${signature.toString('base64url')}`,
  });
}

function signWith(pem: string, input: Buffer): Buffer {
  try {
    return sign('sha256', input, createPrivateKey(pem));
  } catch {
    throw unavailable('the private key of the credentials file cannot be read');
  }
}

async function fromUser(document: JsonObject, deps: CloudDeps): Promise<AccessToken> {
  return await ask(deps, asText(document['token_uri']) ?? tokenEndpoint, {
    grant_type: 'refresh_token',
    client_id: field(document, 'client_id'),
    client_secret: field(document, 'client_secret'),
    refresh_token: field(document, 'refresh_token'),
  });
}

async function ask(deps: CloudDeps, url: string, form: Readonly<Record<string, string>>): Promise<AccessToken> {
  const answer = await askSurely(deps, { service, url, body: { form } }, 'give a token');
  return accessTokenOf(answer, service, { now: deps.now() });
}

async function fromMetadata(deps: CloudDeps): Promise<AccessToken> {
  const host = deps.env['GCE_METADATA_HOST'] ?? 'metadata.google.internal';
  const url = URL.parse(`http://${host}/computeMetadata/v1/instance/service-accounts/default/token`);
  if (url === null || url.host !== host.toLowerCase()) throw unavailable('GCE_METADATA_HOST is no host');
  await using metadata = openMetadata(deps, url.hostname);
  const headers = { [flavor]: 'Google' };
  const found = await metadata.find({ url, headers, signal: deps.signal });
  // Whoever else answers to that name does not say so (Compute Engine, "View and query VM metadata").
  if (found !== undefined && found.headers.get(flavor) === 'Google') {
    return accessTokenOf(parseJson(found.bytes, 'the metadata service'), service, { now: deps.now() });
  }
  const absent: CloudErrorCode = 'CREDENTIALS_ABSENT';
  throw unavailable(
    'no credentials were found; give this process a service account, set GOOGLE_APPLICATION_CREDENTIALS or run `gcloud auth application-default login`',
    absent,
  );
}

const flavor = 'metadata-flavor';
