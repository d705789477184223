import { parseStrictJson } from '../../../codec/json/parse.ts';
import { asObject, asText, type JsonObject } from '../../../oci/json.ts';
import { SigningError } from '../../error.ts';
import { askJson, expectOk } from '../../key/ask-json.ts';
import { askSurely } from '../../key/ask-surely.ts';
import type { KeyDeps } from '../../key/key-deps.ts';
import { openMetadata } from '../../key/metadata.ts';
import { readText } from '../../key/read-files.ts';
import { runProgram } from '../../key/run-program.ts';
import { type AwsProfile, readProfile } from './profile.ts';
import type { AwsCredentials } from '../../../net/sigv4.ts';

const container = 'http://169.254.170.2';
const instance = 'http://169.254.169.254';

/** Who may be asked without TLS for a container's credentials: what AWS's SDKs take ("Container credential provider"). */
const containerHosts: ReadonlySet<string> = new Set(['169.254.170.2', '169.254.170.23', '[fd00:ec2::23]']);

/** Where a request goes and as whom. */
export interface AwsIdentity {
  readonly credentials: AwsCredentials;
  readonly region: string;
}

/**
 * Finds credentials in the order of AWS's own tools: environment, web identity (clusters), shared files, container,
 * instance. The region is the key's, or the environment's, or the profile's.
 *
 * @throws SigningError KEY_UNAVAILABLE
 */
export async function findAwsIdentity(region: string | undefined, deps: KeyDeps): Promise<AwsIdentity> {
  const profile = await readProfile(deps);
  const chosen = region ?? deps.env['AWS_REGION'] ?? deps.env['AWS_DEFAULT_REGION'] ?? profile.get('region');
  if (chosen === undefined || !/^[a-z0-9-]{1,63}$/.test(chosen)) {
    throw unavailable('no region is known; set AWS_REGION, or give the key as an ARN');
  }
  const credentials =
    fromEnvironment(deps) ??
    (await fromWebIdentity(chosen, profile, deps)) ??
    (await fromProfile(profile, deps)) ??
    (await fromContainer(deps)) ??
    (await fromInstance(deps));
  if (credentials === undefined) {
    throw unavailable('no credentials were found in the environment, the shared files or a metadata service');
  }
  return { credentials, region: chosen };
}

function fromEnvironment({ env }: KeyDeps): AwsCredentials | undefined {
  // A profile that was asked for by name goes before nothing but this, as in AWS's SDKs.
  return credentialsOf(env['AWS_ACCESS_KEY_ID'], env['AWS_SECRET_ACCESS_KEY'], env['AWS_SESSION_TOKEN']);
}

/** STS AssumeRoleWithWebIdentity: a token of the cluster for a role; needs no other credentials. */
async function fromWebIdentity(
  region: string,
  profile: AwsProfile,
  deps: KeyDeps,
): Promise<AwsCredentials | undefined> {
  const file = deps.env['AWS_WEB_IDENTITY_TOKEN_FILE'] ?? profile.get('web_identity_token_file');
  const role = deps.env['AWS_ROLE_ARN'] ?? profile.get('role_arn');
  if (file === undefined || role === undefined) return undefined;
  const token = (await readText(deps, file, 'the web identity token')).trim();
  const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  const question = {
    service: 'AWS STS',
    url: `https://sts.${region}.${suffix}/`,
    body: {
      form: {
        Action: 'AssumeRoleWithWebIdentity',
        Version: '2011-06-15',
        RoleArn: role,
        RoleSessionName: deps.env['AWS_ROLE_SESSION_NAME'] ?? 'seaworthy',
        WebIdentityToken: token,
      },
    },
  };
  let document = await askSurely(deps, question, 'give credentials for the role');
  for (const step of ['AssumeRoleWithWebIdentityResponse', 'AssumeRoleWithWebIdentityResult', 'Credentials']) {
    document = asObject(document[step], step, unavailable);
  }
  return need(document, 'AWS STS', 'SessionToken');
}

async function fromProfile(profile: AwsProfile, deps: KeyDeps): Promise<AwsCredentials | undefined> {
  const [id, secret] = [profile.get('aws_access_key_id'), profile.get('aws_secret_access_key')];
  const command = profile.get('credential_process');
  const unknown = ['role_arn', 'sso_session', 'sso_start_url'].find((name) => profile.has(name));
  if (unknown !== undefined) {
    throw unavailable(
      `the profile uses ${unknown}, which is not followed here; set AWS_ACCESS_KEY_ID and its companions, as ` +
        '`aws configure export-credentials` prints them',
    );
  }
  if (id !== undefined || secret !== undefined) return credentialsOf(id, secret, profile.get('aws_session_token'));
  if (command === undefined) return undefined;
  const [program = '', ...args] = splitCommand(command);
  const run = deps.exec ?? runProgram;
  const { status, output } = await run({ program, args, env: deps.env, signal: deps.signal });
  if (status !== 0) throw unavailable(`the profile's credential_process ended with status ${status}`);
  return need(parseAnswer(output, "the profile's credential_process"), 'credential_process', 'SessionToken');
}

async function fromContainer(deps: KeyDeps): Promise<AwsCredentials | undefined> {
  const path = deps.env['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI'];
  const address = path === undefined ? deps.env['AWS_CONTAINER_CREDENTIALS_FULL_URI'] : `${container}${path}`;
  if (address === undefined) return undefined;
  const url = URL.parse(address);
  const open = url?.protocol === 'http:' && (containerHosts.has(url.hostname) || deps.network.plainHttp(url.host));
  if (url === null || (url.protocol !== 'https:' && !open) || path?.startsWith('/') === false) {
    throw unavailable('AWS_CONTAINER_CREDENTIALS_FULL_URI leads to a host that may not be asked for credentials');
  }
  const file = deps.env['AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE'];
  const token =
    file === undefined
      ? deps.env['AWS_CONTAINER_AUTHORIZATION_TOKEN']
      : (await readText(deps, file, "the container's token")).trim();
  await using network = openMetadata(deps, url.hostname);
  const headers = token === undefined ? {} : { authorization: token };
  const answer = await askJson(network, {
    service: "the container's credential service",
    url,
    headers,
    signal: deps.signal,
  });
  return need(expectOk(answer, "the container's credential service", 'give credentials'), 'the container', 'Token');
}

/** The metadata service of an EC2 instance, version 2: a token by PUT first, so that no proxy can be tricked into asking. */
async function fromInstance(deps: KeyDeps): Promise<AwsCredentials | undefined> {
  if (deps.env['AWS_EC2_METADATA_DISABLED']?.toLowerCase() === 'true') return undefined;
  await using metadata = openMetadata(deps, '169.254.169.254');
  const { signal } = deps;
  const token = await metadata.find({
    method: 'PUT',
    url: `${instance}/latest/api/token`,
    headers: { 'x-aws-ec2-metadata-token-ttl-seconds': '300' },
    signal,
  });
  if (token === undefined) return undefined;
  const headers = { 'x-aws-ec2-metadata-token': token.toString('latin1').trim() };
  const roles = `${instance}/latest/meta-data/iam/security-credentials/`;
  const role = (await metadata.find({ url: roles, headers, signal }))?.toString('utf8').trim().split('\n')[0];
  if (role === undefined || !/^[\w+=,.@-]{1,128}$/.test(role)) return undefined;
  const answer = await metadata.find({ url: `${roles}${role}`, headers, signal });
  if (answer === undefined) return undefined;
  return need(parseAnswer(answer, 'the instance'), 'the instance', 'Token');
}

function parseAnswer(bytes: Buffer, source: string): JsonObject {
  try {
    return asObject(parseStrictJson(bytes), source, unavailable);
  } catch {
    throw unavailable(`${source} gave something that is no JSON object`);
  }
}

function need(document: JsonObject, source: string, tokenName: string): AwsCredentials {
  const [id, secret, token] = [document['AccessKeyId'], document['SecretAccessKey'], document[tokenName]];
  const found = credentialsOf(asText(id), asText(secret), asText(token));
  if (found === undefined) throw unavailable(`${source} gave no credentials`);
  return found;
}

function credentialsOf(
  accessKeyId: string | undefined,
  secretAccessKey: string | undefined,
  sessionToken: string | undefined,
): AwsCredentials | undefined {
  if (accessKeyId === undefined || accessKeyId === '' || secretAccessKey === undefined || secretAccessKey === '') {
    return undefined;
  }
  // They go into headers.
  if (!/^[\w-]{1,128}$/.test(accessKeyId) || (sessionToken !== undefined && !/^[\x21-\x7e]*$/.test(sessionToken))) {
    throw unavailable('the credentials have characters that none have');
  }
  const pair = { accessKeyId, secretAccessKey };
  return sessionToken === undefined || sessionToken === '' ? pair : { ...pair, sessionToken };
}

/** Words apart at blanks, quotes kept together; no shell sees them. */
function splitCommand(command: string): string[] {
  return (command.match(/"[^"]*"|'[^']*'|\S+/g) ?? []).map((word) => word.replace(/^(["'])(.*)\1$/, '$2'));
}

function unavailable(why: string): SigningError {
  return new SigningError('KEY_UNAVAILABLE', `AWS cannot be asked: ${why}`);
}
