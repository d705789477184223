import { asObject, asText, type JsonObject, textMap } from '../../oci/json.ts';
import { type AccessToken, accessTokenOf } from '../access-token.ts';
import { askBytes } from '../ask-json.ts';
import { askSurely } from '../ask-surely.ts';
import type { CloudDeps } from '../cloud-deps.ts';
import { parseJson } from '../parse-json.ts';
import { readCapped } from '../read-files.ts';
import { field, service, unavailable } from './parts.ts';

/**
 * Workload identity federation: another issuer's token for one of Google's (RFC 8693), then maybe a service account's
 * (AIP-4117, "External Account Credentials").
 *
 * @throws CloudError
 */
export async function fromFederation(document: JsonObject, scope: string, deps: CloudDeps): Promise<AccessToken> {
  const source = asObject(document['credential_source'], 'credential_source', unavailable);
  const subject = await subjectToken(source, deps);
  // Both are shown a token, so that whoever wrote the file must not choose them freely.
  const tokenUrl = googleUrl(field(document, 'token_url'), 'token_url');
  const account = asText(document['service_account_impersonation_url']);
  const accountUrl = account === undefined ? undefined : googleUrl(account, 'service_account_impersonation_url');
  const form = {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    audience: field(document, 'audience'),
    scope: 'https://www.googleapis.com/auth/cloud-platform',
    requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    subject_token_type: field(document, 'subject_token_type'),
    subject_token: subject,
  };
  const answer = await askSurely(deps, { service, url: tokenUrl, body: { form } }, 'give a token');
  const token = accessTokenOf(answer, service, { now: deps.now() });
  if (accountUrl === undefined) return token;
  const question = {
    service,
    url: accountUrl,
    headers: { authorization: `Bearer ${token.token}` },
    body: { json: { scope: [scope], lifetime: '3600s' } },
  };
  const lent = await askSurely(deps, question, 'lend the service account');
  return accessTokenOf(lent, service, { now: deps.now(), name: 'accessToken' });
}

/** An address of Google's own services. */
function googleUrl(text: string, name: string): string {
  const url = URL.parse(text);
  const own =
    url?.protocol === 'https:' && url.port === '' && /^(?:[a-z0-9-]{1,63}\.){1,5}googleapis\.com$/.test(url.hostname);
  if (!own) throw unavailable(`the ${name} of the credentials file leads to a host that is none of Google's`);
  return text;
}

async function subjectToken(source: JsonObject, deps: CloudDeps): Promise<string> {
  const [file, url] = [asText(source['file']), asText(source['url'])];
  if (file === undefined && url === undefined) throw unavailable('its token comes from a source not followed here');
  const bytes =
    file === undefined
      ? await fetchToken(String(url), textMap(source['headers']), deps)
      : await readCapped(deps, file, 'the token of the workload');
  const format = source['format'] === undefined ? {} : asObject(source['format'], 'format', unavailable);
  if (format['type'] !== 'json') return bytes.toString('utf8').trim();
  return field(parseJson(bytes, 'the source of the token'), field(format, 'subject_token_field_name'));
}

async function fetchToken(url: string, headers: Readonly<Record<string, string>>, deps: CloudDeps): Promise<Buffer> {
  const request = { url, headers, followRedirects: false };
  const answer = await askBytes(deps.network, request, "The workload's token service", deps.signal);
  if (answer.status === 200) return answer.bytes;
  throw unavailable(`the workload's token service answered with status ${answer.status}`);
}
