import assert from 'node:assert/strict';
import { type AwsCredentials, signAwsRequest } from '../../src/net/sigv4.ts';
import type { Api, ApiRequest } from '../key-deps.ts';

/** The time of the fakes' world, which signatures are made for. */
export const fakeNow: Date = new Date('2026-01-02T03:04:05.678Z');

/** Whom the fakes know, as documentation of AWS calls them. */
export const fakeKeys: AwsCredentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
};

/** Credentials of a session, in the forms in which services of AWS hand them out. */
export const fakeSession: AwsCredentials = { ...fakeKeys, accessKeyId: 'ASIAEXAMPLE', sessionToken: 'session-shhh' };

/** Whether a request is signed with these credentials, as the service itself finds out: by signing it once more. */
function isSigned(request: ApiRequest, credentials: AwsCredentials, service: string, region: string): boolean {
  const { method, host, path, body } = request;
  const signed = /SignedHeaders=([^,]+),/.exec(request.headers['authorization'] ?? '')?.[1]?.split(';') ?? [];
  const added = new Set(['host', 'x-amz-date', 'x-amz-security-token']);
  const names = signed.filter((name) => !added.has(name));
  const headers = Object.fromEntries(names.map((name) => [name, request.headers[name] ?? '']));
  const asked = { method, url: new URL(`https://${host}${path}`), headers, body };
  const wanted = signAwsRequest(asked, credentials, { region, service, now: fakeNow });
  return (
    wanted['authorization'] === request.headers['authorization'] &&
    credentials.sessionToken === request.headers['x-amz-security-token']
  );
}

/** What Amazon ECR answers: whoever signs as one of those that it knows gets a token, for the registry that is asked for. */
export function fakeEcr(known: AwsCredentials, region: string, change: (data: object) => object = (data) => data): Api {
  return (request) => {
    if (!isSigned(request, known, 'ecr', region)) {
      return { status: 400, json: { __type: 'UnrecognizedClientException', message: 'shhh' } };
    }
    assert.equal(request.headers['x-amz-target'], 'AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken');
    assert.equal(request.headers['content-type'], 'application/x-amz-json-1.1');
    const { registryIds } = JSON.parse(request.body.toString()) as { readonly registryIds: readonly string[] };
    const data = {
      authorizationToken: Buffer.from(`AWS:token-shhh-${registryIds.join()}`).toString('base64'),
      expiresAt: fakeNow.getTime() / 1000 + 43_200,
      proxyEndpoint: `https://${registryIds.join()}.dkr.ecr.${region}.amazonaws.com`,
    };
    return { json: { authorizationData: [change(data)] } };
  };
}

/** What Amazon ECR Public answers. */
export function fakeEcrPublic(known: AwsCredentials): Api {
  return (request) => {
    if (!isSigned(request, known, 'ecr-public', 'us-east-1')) return { status: 403, json: { __type: 'AccessDenied' } };
    assert.equal(request.headers['x-amz-target'], 'SpencerFrontendService.GetAuthorizationToken');
    const authorizationToken = Buffer.from('AWS:public-shhh').toString('base64');
    return { json: { authorizationData: { authorizationToken, expiresAt: fakeNow.getTime() / 1000 + 43_200 } } };
  };
}

/**
 * What AWS STS answers: credentials of a session for the role `arn:role`, by a token of a cluster (`jwt`) or signed by keys.
 *
 * @param known who may take on the role
 */
export function fakeSts(known: AwsCredentials, region: string, externalId?: string): Api {
  return (request) => {
    const form = Object.fromEntries(new URLSearchParams(request.body.toString()));
    const { Action: action = '', RoleArn: role = '' } = form;
    const isToken = action === 'AssumeRoleWithWebIdentity' && form['WebIdentityToken'] === 'jwt';
    const isRole =
      action === 'AssumeRole' && form['ExternalId'] === externalId && isSigned(request, known, 'sts', region);
    if (request.headers['accept'] !== 'application/json' || role !== 'arn:role' || !(isToken || isRole)) {
      return { status: 403, json: { Error: { Code: 'AccessDenied', Message: 'shhh' } } };
    }
    const { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken } = fakeSession;
    const Credentials = { AccessKeyId, SecretAccessKey, SessionToken, Expiration: fakeNow.getTime() / 1000 + 3600 };
    return { json: { [`${action}Response`]: { [`${action}Result`]: { Credentials } } } };
  };
}

/** A session as containers' agents, instances and programs write it. */
export function sessionDocument(tokenName: 'Token' | 'SessionToken'): object {
  const { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken } = fakeSession;
  return { AccessKeyId, SecretAccessKey, [tokenName]: sessionToken, Expiration: '2026-01-02T09:00:00Z' };
}

/** The metadata service of an instance with a role, version 2: nothing without its token. */
export const fakeInstance: Api = ({ method, path, headers }) => {
  if (path === '/latest/api/token') return method === 'PUT' ? { text: 'imds' } : { status: 405 };
  if (headers['x-aws-ec2-metadata-token'] !== 'imds') return { status: 401 };
  if (path === '/latest/meta-data/iam/security-credentials/') return { text: 'a-role\n' };
  if (path !== '/latest/meta-data/iam/security-credentials/a-role') return { status: 404 };
  return { json: { Code: 'Success', ...sessionDocument('Token') } };
};
