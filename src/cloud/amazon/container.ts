import type { CloudDeps } from '../cloud-deps.ts';
import { openMetadata } from '../metadata.ts';
import { readToken } from '../read-files.ts';
import { parseJson } from '../parse-json.ts';
import { type AwsSession, sessionOf, unavailable } from './session.ts';

const relativeTo = 'http://169.254.170.2';
const service = "the container's credential service";

/** Who may be asked without TLS, besides this machine: Amazon ECS, and EKS Pod Identity ("Container credential provider"). */
const hosts: ReadonlySet<string> = new Set(['169.254.170.2', '169.254.170.23', '[fd00:ec2::23]']);

/** What the agent of a container's host gives it; undefined outside of such containers. @throws CloudError */
export async function containerSession(deps: CloudDeps): Promise<AwsSession | undefined> {
  const { env } = deps;
  const path = env['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI'];
  const address = path === undefined ? env['AWS_CONTAINER_CREDENTIALS_FULL_URI'] : `${relativeTo}${path}`;
  if (address === undefined) return undefined;
  const url = URL.parse(address);
  const open = url?.protocol === 'http:' && (hosts.has(url.hostname) || deps.network.plainHttp(url.host));
  if (url === null || (url.protocol !== 'https:' && !open) || path?.startsWith('/') === false) {
    throw unavailable('AWS_CONTAINER_CREDENTIALS_FULL_URI leads to a host that may not be asked for credentials');
  }
  const file = env['AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE'];
  const token =
    file === undefined
      ? env['AWS_CONTAINER_AUTHORIZATION_TOKEN']
      : await readToken(deps, file, "the container's token");
  const headers = token === undefined ? {} : { authorization: token };
  await using metadata = openMetadata(deps, url.hostname);
  const found = await metadata.find({ url, headers, signal: deps.signal });
  if (found === undefined) throw unavailable(`${service} gave none; check the role of the container`);
  return sessionOf(parseJson(found.bytes, service), service, 'Token', deps.now());
}
