import { decodeBase64 } from '../../codec/base64/decode.ts';
import { signAwsRequest } from '../../net/sigv4.ts';
import { asObject, asText, type JsonObject } from '../../oci/json.ts';
import { endOf } from '../access-token.ts';
import { expectText } from '../ask-json.ts';
import { askSurely } from '../ask-surely.ts';
import type { CloudDeps } from '../cloud-deps.ts';
import { CloudError } from '../error.ts';
import { cloudLimits } from '../limits.ts';
import type { RegistryToken } from '../registry-token.ts';
import type { AwsIdentity } from './identity.ts';
import { type AmazonRegistry, amazonRegistry } from './registry-host.ts';

/** Where and how tokens are asked for. */
interface TokenService {
  readonly name: string;
  readonly host: string;
  readonly region: string;
  /** As signatures call it. */
  readonly service: string;
  /** The value of `X-Amz-Target`. */
  readonly action: string;
  readonly question: object;
  /** What must be allowed. */
  readonly permission: string;
}

/**
 * A token for a registry of Amazon (Amazon ECR and Amazon ECR Public API references, "GetAuthorizationToken"), good for twelve hours.
 *
 * @throws CloudError, also when the token that comes is one for another registry
 */
export async function amazonToken(
  registry: AmazonRegistry,
  { credentials }: AwsIdentity,
  deps: CloudDeps,
): Promise<RegistryToken> {
  const { name, host, region, service, action, question, permission } = serviceOf(registry);
  const url = new URL(`https://${host}/`);
  const body = Buffer.from(JSON.stringify(question));
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': action };
  const scope = { region, service, now: deps.now() };
  const { host: _host, ...signed } = signAwsRequest({ method: 'POST', url, headers, body }, credentials, scope);
  const asked = { service: name, url, headers: signed, body: { bytes: body } };
  const answer = await askSurely(deps, asked, `give a token, for which ${permission} must be allowed`);
  const data = dataOf(answer, registry, name);
  const [username, password] = splitToken(expectText(data, 'authorizationToken', name), name);
  const { expiresAt: end } = data;
  return { username, password, expiresAt: endOf(typeof end === 'number' ? end * 1000 : undefined, deps.now()) };
}

function serviceOf(registry: AmazonRegistry): TokenService {
  if (registry.kind === 'public') {
    return {
      name: 'Amazon ECR Public',
      // Of the whole world, in one region.
      host: 'api.ecr-public.us-east-1.amazonaws.com',
      region: 'us-east-1',
      service: 'ecr-public',
      action: 'SpencerFrontendService.GetAuthorizationToken',
      question: {},
      permission: 'ecr-public:GetAuthorizationToken and sts:GetServiceBearerToken',
    };
  }
  return {
    name: 'Amazon ECR',
    host: registry.api,
    region: registry.region,
    service: 'ecr',
    action: 'AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken',
    question: { registryIds: [registry.account] },
    permission: 'ecr:GetAuthorizationToken',
  };
}

/** The part of the answer that is about this registry; `proxyEndpoint` says which one a token is for. */
function dataOf(answer: JsonObject, registry: AmazonRegistry, service: string): JsonObject {
  const complain = (what: string): CloudError => new CloudError('ANSWER_INVALID', `${service} gave no token: ${what}`);
  const { authorizationData: data } = answer;
  if (registry.kind === 'public') return asObject(data, 'authorizationData', complain);
  const entries = Array.isArray(data) ? data.slice(0, 16).map((entry) => asObject(entry, 'an entry', complain)) : [];
  const own = entries.find(({ proxyEndpoint }) => {
    const url = URL.parse(asText(proxyEndpoint) ?? '');
    const other = url === null ? undefined : amazonRegistry(url.host);
    return other?.kind === 'private' && other.account === registry.account && other.region === registry.region;
  });
  if (own === undefined) throw complain(`what it gave is not for the registry ${registry.account}`);
  return own;
}

/** `user:password` in base64. */
function splitToken(token: string, service: string): readonly [username: string, password: string] {
  const complain = (): CloudError => new CloudError('ANSWER_INVALID', `${service} gave no usable token`);
  if (token.length > cloudLimits.tokenLength) throw complain();
  let pair: string;
  try {
    pair = decodeBase64(token).toString('latin1');
  } catch {
    throw complain();
  }
  const [, username, password] = /^([\x21-\x39\x3b-\x7e]+):([\x21-\x7e]+)$/.exec(pair) ?? [];
  if (username === undefined || password === undefined) throw complain();
  return [username, password];
}
