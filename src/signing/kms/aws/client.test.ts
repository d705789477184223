import assert from 'node:assert/strict';
import { constants, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { test } from 'node:test';
import { type Api, type ApiRequest, testKeyDeps } from '../../../../testing/key-deps.ts';
import { SigningError, type SigningErrorCode } from '../../error.ts';
import type { KeyDeps } from '../../key/key-deps.ts';
import { verifySignature } from '../../key/verify-signature.ts';
import { openAwsKey } from './client.ts';
import { parseAwsReference } from './reference.ts';
import { signAwsRequest } from '../../../net/sigv4.ts';

const id = '1234abcd-12ab-34cd-56ef-1234567890ab';
const host = 'kms.eu-west-1.amazonaws.com';
const secrets = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const env = {
  AWS_ACCESS_KEY_ID: secrets.accessKeyId,
  AWS_SECRET_ACCESS_KEY: secrets.secretAccessKey,
  AWS_REGION: 'eu-west-1',
};
const message = Buffer.from('a message');
const ec = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });

interface FakeKey {
  readonly pair: { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
  readonly algorithms: readonly string[];
  readonly usage?: string;
  /** Signs with another key than it shows. */
  readonly other?: KeyObject;
}

/** AWS KMS: checks the signature of each request with the secret, as the service does. */
function kms({ pair, algorithms, usage = 'SIGN_VERIFY', other }: FakeKey, session?: string): Api {
  return ({ method, headers, body, host: asked }) => {
    const credentials = session === undefined ? secrets : { ...secrets, sessionToken: session };
    const { 'content-type': type = '', 'x-amz-target': target = '' } = headers;
    const request = {
      method,
      url: new URL(`https://${asked}/`),
      headers: { 'content-type': type, 'x-amz-target': target },
      body,
    };
    const scope = { region: 'eu-west-1', service: 'kms', now: new Date('2026-01-02T03:04:05Z') };
    if (signAwsRequest(request, credentials, scope)['authorization'] !== headers['authorization']) {
      return { status: 400, json: { __type: 'InvalidSignatureException', message: 'secret things' } };
    }
    const question = JSON.parse(body.toString()) as Record<string, string>;
    assert.equal(type, 'application/x-amz-json-1.1');
    if (!['alias/x', id].includes(question['KeyId'] ?? ''))
      return { status: 400, json: { __type: 'NotFoundException' } };
    if (target === 'TrentService.GetPublicKey') {
      const spki = pair.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
      return { json: { PublicKey: spki, KeyUsage: usage, SigningAlgorithms: algorithms } };
    }
    assert.equal(target, 'TrentService.Sign');
    assert.equal(question['MessageType'], 'DIGEST');
    return { json: { Signature: signDigest(question, other ?? pair.privateKey).toString('base64') } };
  };
}

/** The fake has the message, which the service has not. */
function signDigest({ Message = '', SigningAlgorithm = '' }: Record<string, string>, key: KeyObject): Buffer {
  const hash = `sha${SigningAlgorithm.slice(-3)}`;
  assert.equal(Buffer.from(Message, 'base64').length, Number(SigningAlgorithm.slice(-3)) / 8);
  const padding = SigningAlgorithm.includes('PSS') ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING;
  return sign(hash, message, { key, padding });
}

async function fails(act: Promise<unknown>, code: SigningErrorCode, sentence: RegExp): Promise<void> {
  await assert.rejects(act, (error) => {
    assert.ok(error instanceof SigningError, String(error));
    assert.equal(error.code, code);
    assert.match(error.message, sentence);
    assert.ok(!error.message.includes(secrets.secretAccessKey) && !error.message.includes('secret things'));
    return true;
  });
}

test('parseAwsReference() reads the forms that cosign takes', () => {
  const arn = `arn:aws:kms:us-east-2:111122223333:key/${id}`;
  for (const [text, wanted] of [
    [`awskms:///${id}`, { keyId: id }],
    [`awskms:///mrk-${id}`, { keyId: `mrk-${id}` }],
    [`awskms:///mrk-${id.replaceAll('-', '')}`, { keyId: `mrk-${id.replaceAll('-', '')}` }],
    [`awskms://localhost:4566/${id}`, { keyId: id, endpoint: 'localhost:4566' }],
    [`awskms:///${arn}`, { keyId: arn, region: 'us-east-2' }],
    [`awskms://localhost:4566/${arn}`, { keyId: arn, region: 'us-east-2', endpoint: 'localhost:4566' }],
    ['awskms:///alias/ExampleAlias', { keyId: 'alias/ExampleAlias' }],
    ['awskms:///alias/team/a_b-c', { keyId: 'alias/team/a_b-c' }],
    [
      'awskms:///arn:aws-us-gov:kms:us-gov-west-1:111122223333:alias/x',
      { keyId: 'arn:aws-us-gov:kms:us-gov-west-1:111122223333:alias/x', region: 'us-gov-west-1' },
    ],
  ] as const) {
    assert.deepEqual(parseAwsReference(text), { provider: 'aws', ...wanted });
  }
  for (const text of [
    'awskms://',
    'awskms:///',
    `awskms://${id}`,
    `awskms:///key/${id}`,
    `awskms:///arn:aws:kms:us-east-2:111122223333:${id}`,
    `awskms:///arn:aws:s3:us-east-2:111122223333:key/${id}`,
    'awskms:///alias/',
    'awskms:///alias/a b',
    `awskms://user@host/${id}`,
    `awskms://host:123456/${id}`,
    `awskms:///${id}x`,
  ]) {
    assert.throws(() => parseAwsReference(text), { code: 'KEY_REFERENCE_INVALID' }, text);
  }
});

test('openAwsKey() fetches the key and signs with it', async () => {
  const cases: readonly (readonly [FakeKey, string])[] = [
    [{ pair: ec, algorithms: ['ECDSA_SHA_384'] }, 'sha384'],
    [{ pair: rsa, algorithms: ['RSASSA_PSS_SHA_512', 'RSASSA_PKCS1_V1_5_SHA_256'] }, 'sha256'],
    [{ pair: rsa, algorithms: ['RSASSA_PSS_SHA_512'] }, 'sha512'],
  ];
  for (const [key, hash] of cases) {
    await using deps = await testKeyDeps({ [host]: kms(key) }, { env });
    const { publicKeys, signer } = await openAwsKey(parseAwsReference('awskms:///alias/x'), deps);
    assert.equal(publicKeys.length, 1);
    assert.equal(signer.hash, hash);
    const signature = await signer.sign(message);
    assert.ok(verifySignature(signer.publicKey, message, signature));
    assert.ok(!verifySignature(signer.publicKey, Buffer.from('another'), signature));
  }
});

test('openAwsKey() refuses keys, answers and credentials that are not right', async () => {
  const key: FakeKey = { pair: ec, algorithms: ['ECDSA_SHA_384'] };
  const open = async (api: Api, more: Partial<KeyDeps> = {}, reference = `awskms:///${id}`): Promise<void> => {
    await using deps = await testKeyDeps({ [host]: api }, { env, ...more });
    await (await openAwsKey(parseAwsReference(reference), deps)).signer.sign(message);
  };
  await open(kms(key));
  const wrong = { ...env, AWS_SECRET_ACCESS_KEY: 'wrong' };
  await fails(open(kms(key), { env: wrong }), 'KEY_UNAVAILABLE', /status 400, InvalidSignatureException/);
  await fails(open(kms(key), {}, 'awskms:///alias/y'), 'KEY_UNAVAILABLE', /NotFoundException/);
  await fails(open(kms({ ...key, usage: 'ENCRYPT_DECRYPT' })), 'KEY_UNAVAILABLE', /not one that signs/);
  await fails(open(kms({ ...key, algorithms: ['SM2DSA'] })), 'KEY_UNAVAILABLE', /not one that signs/);
  const other = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey;
  await fails(open(kms({ ...key, other })), 'KEY_UNAVAILABLE', /does not verify/);
  await fails(
    open(() => ({ text: 'oops' })),
    'KEY_UNAVAILABLE',
    /no JSON/,
  );
  await fails(
    open(() => ({ json: [] })),
    'KEY_UNAVAILABLE',
    /not an object/,
  );
  await fails(
    open(() => ({ text: '{"a":1,"a":2}' })),
    'KEY_UNAVAILABLE',
    /no JSON/,
  );
  const bad = { PublicKey: 'AAAA', KeyUsage: 'SIGN_VERIFY', SigningAlgorithms: ['ECDSA_SHA_384'] };
  await fails(
    open(() => ({ json: bad })),
    'KEY_INVALID',
    /gave a public key that is not taken/,
  );
  await fails(
    open(() => ({ json: { ...bad, PublicKey: '%' } })),
    'KEY_UNAVAILABLE',
    /not base64/,
  );
  const { AWS_REGION: _, ...nowhere } = env;
  await fails(open(kms(key), { env: nowhere }), 'KEY_UNAVAILABLE', /AWS_REGION/);
  await fails(open(kms(key), { env: { AWS_REGION: 'eu-west-1/x' } }), 'KEY_UNAVAILABLE', /AWS_REGION/);
});

test('openAwsKey() asks at the endpoint that it is given', async () => {
  const key: FakeKey = { pair: ec, algorithms: ['ECDSA_SHA_384'] };
  await using deps = await testKeyDeps({ 'localhost:4566': kms(key) }, { env });
  assert.equal((await openAwsKey(parseAwsReference(`awskms://localhost:4566/${id}`), deps)).publicKeys.length, 1);
  const set = { ...deps, env: { ...env, AWS_ENDPOINT_URL: 'http://localhost:4566' } };
  assert.equal((await openAwsKey(parseAwsReference(`awskms:///${id}`), set)).publicKeys.length, 1);
  const path = { ...deps, env: { ...env, AWS_ENDPOINT_URL_KMS: 'http://localhost:4566/path' } };
  await fails(openAwsKey(parseAwsReference(`awskms:///${id}`), path), 'KEY_UNAVAILABLE', /endpoint/);
});

test('openAwsKey() finds credentials in the places of AWS', async () => {
  const key: FakeKey = { pair: ec, algorithms: ['ECDSA_SHA_384'] };
  const region = { AWS_REGION: 'eu-west-1' };
  const answer = { AccessKeyId: secrets.accessKeyId, SecretAccessKey: secrets.secretAccessKey };
  const ini = `aws_access_key_id = ${secrets.accessKeyId}\naws_secret_access_key=${secrets.secretAccessKey}\n`;
  const sts: Api = ({ body }) => {
    const form = Object.fromEntries(new URLSearchParams(body.toString()));
    assert.equal(form['Action'], 'AssumeRoleWithWebIdentity');
    assert.equal(form['WebIdentityToken'], 'jwt');
    assert.equal(form['RoleArn'], 'arn:role');
    const Credentials = { ...answer, SessionToken: 'session' };
    return { json: { AssumeRoleWithWebIdentityResponse: { AssumeRoleWithWebIdentityResult: { Credentials } } } };
  };
  const container: Api = ({ path, headers }) => {
    assert.equal(path, '/v2/credentials');
    assert.equal(headers['authorization'], 'Basic x');
    return { json: { ...answer, Token: 'session' } };
  };
  const instance: Api = ({ method, path, headers }) => {
    if (path === '/latest/api/token') {
      assert.equal(method, 'PUT');
      return { text: 'imds' };
    }
    assert.equal(headers['x-aws-ec2-metadata-token'], 'imds');
    if (path.endsWith('/security-credentials/')) return { text: 'role-name\n' };
    assert.equal(path, '/latest/meta-data/iam/security-credentials/role-name');
    return { json: { ...answer, Token: 'session' } };
  };
  const web = { AWS_WEB_IDENTITY_TOKEN_FILE: '/token', AWS_ROLE_ARN: 'arn:role' };
  const relative = {
    AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/v2/credentials',
    AWS_CONTAINER_AUTHORIZATION_TOKEN: 'Basic x',
  };
  type Case = readonly [string, string | undefined, Record<string, Api>, Parameters<typeof testKeyDeps>[1]];
  const cases: readonly Case[] = [
    ['environment', 's', {}, { env: { ...env, AWS_SESSION_TOKEN: 's' } }],
    [
      'web identity',
      'session',
      { 'sts.eu-west-1.amazonaws.com': sts },
      { env: { ...region, ...web }, files: { '/token': 'jwt\n' } },
    ],
    [
      'file',
      undefined,
      {},
      {
        env: { HOME: '/home' },
        files: { '/home/.aws/credentials': `[default]\n${ini}`, '/home/.aws/config': '[default]\nregion=eu-west-1' },
      },
    ],
    [
      'profile',
      'tok',
      {},
      {
        env: { ...region, HOME: '/home', AWS_PROFILE: 'two' },
        files: {
          '/home/.aws/credentials': `[one]\na=b\n[two]\n${ini}aws_session_token=tok\n[three]\naws_access_key_id=no`,
        },
      },
    ],
    [
      'profile in config',
      undefined,
      {},
      {
        env: { HOME: '/home', AWS_PROFILE: 'two' },
        files: { '/home/.aws/config': `[profile two]\nregion = eu-west-1\n${ini}` },
      },
    ],
    [
      'process',
      'session',
      {},
      {
        env: { ...region, HOME: '/home' },
        files: { '/home/.aws/config': '[default]\ncredential_process = "/opt/a tool" get --it' },
        exec: ({ program, args }) => {
          assert.deepEqual([program, ...args], ['/opt/a tool', 'get', '--it']);
          return Promise.resolve({
            status: 0,
            output: Buffer.from(JSON.stringify({ Version: 1, ...answer, SessionToken: 'session' })),
          });
        },
      },
    ],
    ['container', 'session', { '169.254.170.2': container }, { env: { ...region, ...relative } }],
    ['instance', 'session', { '169.254.169.254': instance }, { env: region }],
  ];
  for (const [name, session, apis, rest] of cases) {
    await using deps = await testKeyDeps({ [host]: kms(key, session), ...apis }, rest);
    const { publicKeys } = await openAwsKey(parseAwsReference(`awskms:///${id}`), deps);
    assert.equal(publicKeys.length, 1, name);
  }
});

test('openAwsKey() says why there are no credentials', async () => {
  const region = { AWS_REGION: 'eu-west-1' };
  const asked: ApiRequest[] = [];
  const evil: Api = (request) => {
    asked.push(request);
    return { json: {} };
  };
  for (const [rest, sentence] of [
    [{ env: region }, /no credentials were found/],
    [{ env: { ...region, AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://evil.example/x' } }, /may not be asked/],
    [{ env: { ...region, AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '@evil.example/x' } }, /may not be asked/],
    [{ env: { ...region, AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '@localhost/x' } }, /may not be asked/],
    [
      { env: { ...region, HOME: '/h' }, files: { '/h/.aws/config': '[default]\nrole_arn = x\nsource_profile = y' } },
      /role_arn/,
    ],
    [{ env: { ...region, HOME: '/h' }, files: { '/h/.aws/config': '[default]\nsso_session = x' } }, /sso_session/],
    [{ env: { ...env, AWS_ACCESS_KEY_ID: 'a\r\nb' } }, /characters that none have/],
    [{ env: { ...region, AWS_WEB_IDENTITY_TOKEN_FILE: '/none', AWS_ROLE_ARN: 'r' } }, /token is not there/],
  ] as const) {
    await using deps = await testKeyDeps({ 'evil.example': evil, [host]: evil }, rest);
    await fails(openAwsKey(parseAwsReference(`awskms:///${id}`), deps), 'KEY_UNAVAILABLE', sentence);
  }
  assert.deepEqual(asked, []);
});
