import { createPrivateKey, sign } from 'node:crypto';
import { join } from 'node:path';
import { parseStrictJson } from '../../../codec/json/parse.ts';
import { asObject, asText, type JsonObject } from '../../../oci/json.ts';
import { SigningError } from '../../error.ts';
import { accessTokenOf } from '../../key/access-token.ts';
import { askBytes } from '../../key/ask-json.ts';
import { askSurely } from '../../key/ask-surely.ts';
import type { KeyDeps } from '../../key/key-deps.ts';
import { openMetadata } from '../../key/metadata.ts';
import { homeOf, readCapped, readOptional } from '../../key/read-files.ts';

const service = 'Google';
const scope = 'https://www.googleapis.com/auth/cloudkms';
const tokenEndpoint = 'https://oauth2.googleapis.com/token';

/**
 * Gets an access token for Cloud KMS in the order of Application Default Credentials: the file that
 * `GOOGLE_APPLICATION_CREDENTIALS` names, the one that gcloud keeps, the metadata service.
 *
 * @throws SigningError KEY_UNAVAILABLE
 */
export async function findGoogleToken(deps: KeyDeps): Promise<string> {
  const text = await readCredentials(deps);
  if (text === undefined) return fromMetadata(deps);
  const document = parse(text);
  switch (document['type']) {
    case 'service_account':
      return fromServiceAccount(document, deps);
    case 'authorized_user':
      return fromUser(document, deps);
    case 'external_account':
      return fromFederation(document, deps);
    default:
      throw unavailable('the credentials file is of a type that is not followed here');
  }
}

async function readCredentials(deps: KeyDeps): Promise<string | undefined> {
  const named = deps.env['GOOGLE_APPLICATION_CREDENTIALS'];
  if (named !== undefined && named !== '') return (await readCapped(deps, named, named)).toString('utf8');
  const home = homeOf(deps.env);
  const folder = deps.env['CLOUDSDK_CONFIG'] ?? (home === undefined ? undefined : join(home, '.config', 'gcloud'));
  const path = folder === undefined ? undefined : join(folder, 'application_default_credentials.json');
  const text = await readOptional(deps, path);
  return text === '' ? undefined : text;
}

function parse(text: string): JsonObject {
  try {
    return asObject(parseStrictJson(Buffer.from(text)), 'the credentials file', unavailable);
  } catch {
    // What is wrong with it may quote a secret.
    throw unavailable('the credentials file is no JSON object');
  }
}

/** A JSON Web Token signed with the account's key, for an access token (RFC 7523, 2.1). */
async function fromServiceAccount(document: JsonObject, deps: KeyDeps): Promise<string> {
  const endpoint = asText(document['token_uri']) ?? tokenEndpoint;
  const now = Math.floor(deps.now().getTime() / 1000);
  const header = { alg: 'RS256', typ: 'JWT', kid: field(document, 'private_key_id') };
  const claims = { iss: field(document, 'client_email'), scope, aud: endpoint, iat: now, exp: now + 3600 };
  const input = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  const signature = signWith(field(document, 'private_key'), Buffer.from(input));
  const form = {
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    assertion: `${input}.${signature.toString('base64url')}`,
  };
  return ask(deps, endpoint, form);
}

function signWith(pem: string, input: Buffer): Buffer {
  try {
    return sign('sha256', input, createPrivateKey(pem));
  } catch {
    throw unavailable('the private key of the credentials file cannot be read');
  }
}

function fromUser(document: JsonObject, deps: KeyDeps): Promise<string> {
  return ask(deps, asText(document['token_uri']) ?? tokenEndpoint, {
    grant_type: 'refresh_token',
    client_id: field(document, 'client_id'),
    client_secret: field(document, 'client_secret'),
    refresh_token: field(document, 'refresh_token'),
  });
}

/** Workload identity federation: another issuer's token for one of Google's (RFC 8693), then maybe a service account's. */
async function fromFederation(document: JsonObject, deps: KeyDeps): Promise<string> {
  const source = asObject(document['credential_source'], 'credential_source', unavailable);
  const form = {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    audience: field(document, 'audience'),
    scope: 'https://www.googleapis.com/auth/cloud-platform',
    requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    subject_token_type: field(document, 'subject_token_type'),
    subject_token: await subjectToken(source, deps),
  };
  const token = await ask(deps, field(document, 'token_url'), form);
  const account = asText(document['service_account_impersonation_url']);
  if (account === undefined) return token;
  const question = {
    service,
    url: account,
    headers: { authorization: `Bearer ${token}` },
    body: { json: { scope: [scope], lifetime: '3600s' } },
  };
  return accessTokenOf(await askSurely(deps, question, 'lend the service account'), service, 'accessToken');
}

async function subjectToken(source: JsonObject, deps: KeyDeps): Promise<string> {
  const [file, url] = [asText(source['file']), asText(source['url'])];
  if (file === undefined && url === undefined) throw unavailable('its token comes from a source not followed here');
  const headers = (source['headers'] ?? {}) as Record<string, string>;
  const bytes =
    file === undefined
      ? await fetchToken(String(url), headers, deps)
      : await readCapped(deps, file, 'the token of the workload');
  const format = (source['format'] ?? {}) as JsonObject;
  if (format['type'] !== 'json') return bytes.toString('utf8').trim();
  return field(parse(bytes.toString('utf8')), field(format, 'subject_token_field_name'));
}

async function fetchToken(url: string, headers: Record<string, string>, deps: KeyDeps): Promise<Buffer> {
  const answer = await askBytes(deps.network, { url, headers }, "The workload's token service", deps.signal);
  if (answer.status === 200) return answer.bytes;
  throw unavailable(`the workload's token service answered with status ${answer.status}`);
}

async function ask(deps: KeyDeps, url: string, form: Readonly<Record<string, string>>): Promise<string> {
  return accessTokenOf(await askSurely(deps, { service, url, body: { form } }, 'give a token'), service);
}

async function fromMetadata(deps: KeyDeps): Promise<string> {
  const host = deps.env['GCE_METADATA_HOST'] ?? 'metadata.google.internal';
  const url = URL.parse(`http://${host}/computeMetadata/v1/instance/service-accounts/default/token`);
  if (url === null) throw unavailable('GCE_METADATA_HOST is no host');
  await using metadata = openMetadata(deps, url.hostname);
  const headers = { 'metadata-flavor': 'Google' };
  const found = await metadata.find({ url, headers, signal: deps.signal });
  if (found === undefined) {
    throw unavailable(
      'no credentials were found; set GOOGLE_APPLICATION_CREDENTIALS or run `gcloud auth application-default login`',
    );
  }
  return accessTokenOf(parse(found.toString('utf8')), service);
}

function field(document: JsonObject, name: string): string {
  const value = asText(document[name]);
  if (value === undefined) throw unavailable(`the credentials have no ${name}`);
  return value;
}

function unavailable(why: string): SigningError {
  return new SigningError('KEY_UNAVAILABLE', `Google Cloud cannot be asked: ${why}`);
}
