import { type AwsCredentials, signAwsRequest } from '../../net/sigv4.ts';
import { asObject, type JsonObject } from '../../oci/json.ts';
import { askSurely } from '../ask-surely.ts';
import type { CloudDeps } from '../cloud-deps.ts';
import { readToken } from '../read-files.ts';
import { partitionOf } from './partition.ts';
import { type AwsSession, sessionOf, unavailable } from './session.ts';

const service = 'AWS STS';

/** A role, and what is said when it is asked for. */
export interface AwsRole {
  /** Its ARN. */
  readonly role: string;
  /** What the session is called in audit trails. */
  readonly name: string | undefined;
  readonly externalId?: string | undefined;
}

/** A token of a cluster or CI system for a role: needs no other credentials (STS API, "AssumeRoleWithWebIdentity"). */
export async function assumeRoleByToken(
  { role, name }: AwsRole,
  file: string,
  region: string,
  deps: CloudDeps,
): Promise<AwsSession> {
  const token = await readToken(deps, file, 'the web identity token');
  const form = { ...actionOf('AssumeRoleWithWebIdentity', role, name), WebIdentityToken: token };
  const question = { service, url: endpointOf(region), body: { form } };
  const answer = await askSurely(deps, question, 'give credentials for the role');
  return read(answer, 'AssumeRoleWithWebIdentity', deps);
}

/** A role that other credentials may take on (STS API, "AssumeRole"). */
export async function assumeRole(
  { role, name, externalId }: AwsRole,
  credentials: AwsCredentials,
  region: string,
  deps: CloudDeps,
): Promise<AwsSession> {
  const form = {
    ...actionOf('AssumeRole', role, name),
    ...(externalId === undefined ? {} : { ExternalId: externalId }),
  };
  const url = new URL(endpointOf(region));
  const body = Buffer.from(new URLSearchParams(form).toString());
  const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' };
  const scope = { region, service: 'sts', now: deps.now() };
  const { host: _host, ...signed } = signAwsRequest({ method: 'POST', url, headers, body }, credentials, scope);
  const question = { service, url, headers: signed, body: { bytes: body } };
  return read(await askSurely(deps, question, 'give credentials for the role'), 'AssumeRole', deps);
}

function actionOf(action: string, role: string, name: string | undefined): Readonly<Record<string, string>> {
  return { Action: action, Version: '2011-06-15', RoleArn: role, RoleSessionName: name ?? 'seaworthy' };
}

/** That of the region: a global one would be far away, or in another part of AWS. */
function endpointOf(region: string): string {
  return `https://sts.${region}.${partitionOf(region).suffix}/`;
}

/** STS answers in JSON when it is asked to. */
function read(answer: JsonObject, action: string, deps: CloudDeps): AwsSession {
  let document = answer;
  const complain = (what: string) => unavailable(what, 'ANSWER_INVALID');
  for (const step of [`${action}Response`, `${action}Result`, 'Credentials']) {
    document = asObject(document[step], step, complain);
  }
  return sessionOf(document, service, 'SessionToken', deps.now());
}
