import type { CloudDeps } from '../cloud-deps.ts';
import { cloudLimits } from '../limits.ts';
import { openMetadata } from '../metadata.ts';
import { parseJson } from '../parse-json.ts';
import { type AwsSession, sessionOf } from './session.ts';

const host = '169.254.169.254';
const service = 'the instance';

/**
 * The role of an EC2 instance, by version 2 of its metadata service: a token by PUT first, so that no proxy can be tricked into asking
 * (EC2 User Guide, "Use the Instance Metadata Service"). Undefined elsewhere, and in a container that its answers do not reach: their
 * hops are limited, to one unless the instance says more.
 *
 * @throws CloudError
 */
export async function instanceSession(deps: CloudDeps): Promise<AwsSession | undefined> {
  if (deps.env['AWS_EC2_METADATA_DISABLED']?.toLowerCase() === 'true') return undefined;
  await using metadata = openMetadata(deps, host);
  const { signal } = deps;
  const limits = { headersMs: cloudLimits.instanceAnswer };
  const token = await metadata.find({
    method: 'PUT',
    url: `http://${host}/latest/api/token`,
    headers: { 'x-aws-ec2-metadata-token-ttl-seconds': '300' },
    limits,
    signal,
  });
  const shown = token?.bytes.toString('latin1').trim() ?? '';
  if (!/^[\x21-\x7e]{1,1024}$/.test(shown)) return undefined;
  const headers = { 'x-aws-ec2-metadata-token': shown };
  const roles = `http://${host}/latest/meta-data/iam/security-credentials/`;
  const role = (await metadata.find({ url: roles, headers, signal }))?.bytes.toString('utf8').trim().split('\n')[0];
  if (role === undefined || !/^[\w+=,.@-]{1,128}$/.test(role)) return undefined;
  const answer = await metadata.find({ url: `${roles}${role}`, headers, signal });
  return answer === undefined ? undefined : sessionOf(parseJson(answer.bytes, service), service, 'Token', deps.now());
}
