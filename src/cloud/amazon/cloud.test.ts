import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  fakeEcr,
  fakeEcrPublic,
  fakeInstance,
  fakeKeys,
  fakeNow,
  fakeSession,
  fakeSts,
  sessionDocument,
} from '../../../testing/cloud/fake-amazon.ts';
import { type Api, testKeyDeps } from '../../../testing/key-deps.ts';
import { CloudError, type CloudErrorCode } from '../error.ts';
import { cloudLimits } from '../limits.ts';
import type { RegistryToken } from '../registry-token.ts';
import { amazon } from './cloud.ts';

const region = 'eu-west-1';
const host = `123456789012.dkr.ecr.${region}.amazonaws.com`;
const api = `api.ecr.${region}.amazonaws.com`;
const sts = `sts.${region}.amazonaws.com`;
const env = { AWS_ACCESS_KEY_ID: fakeKeys.accessKeyId, AWS_SECRET_ACCESS_KEY: fakeKeys.secretAccessKey };
const ini = `aws_access_key_id = ${fakeKeys.accessKeyId}\naws_secret_access_key = ${fakeKeys.secretAccessKey}\n`;
const home = { HOME: '/h' };

type Rest = Parameters<typeof testKeyDeps>[1];

async function ask(
  apis: Readonly<Record<string, Api>>,
  rest: Rest,
  registry = host,
): Promise<RegistryToken | undefined> {
  await using deps = await testKeyDeps(apis, rest);
  return await amazon.open(deps)(registry, undefined);
}

async function fails(found: Promise<unknown>, code: CloudErrorCode, sentence: RegExp): Promise<void> {
  await assert.rejects(found, (error) => {
    assert.ok(error instanceof CloudError, String(error));
    assert.match(error.message, sentence);
    assert.equal(error.code, code);
    assert.ok(!error.message.includes('shhh') && !error.message.includes(fakeKeys.secretAccessKey));
    return true;
  });
}

test('a private registry gets its token for twelve hours, of the region and account that its host says', async () => {
  assert.deepEqual(await ask({ [api]: fakeEcr(fakeKeys, region) }, { env }), {
    username: 'AWS',
    password: 'token-shhh-123456789012',
    expiresAt: fakeNow.getTime() + 12 * 3_600_000,
  });
  const dual = { 'ecr-fips.us-west-2.api.aws': fakeEcr(fakeKeys, 'us-west-2') };
  // The registry's region, whatever else the environment says.
  const elsewhere = { env: { ...env, AWS_REGION: 'ap-south-1' } };
  assert.ok(await ask(dual, elsewhere, '123456789012.dkr-ecr-fips.us-west-2.on.aws'));
});

test('the public registry has tokens of its own', async () => {
  const apis = { 'api.ecr-public.us-east-1.amazonaws.com': fakeEcrPublic(fakeKeys) };
  assert.equal((await ask(apis, { env }, 'public.ecr.aws'))?.password, 'public-shhh');
});

test('other hosts get nothing, and nobody is asked for them', async () => {
  await using deps = await testKeyDeps({ [api]: fakeEcr(fakeKeys, region) }, { env });
  for (const other of [`${host}.evil.example`, `${host}:80`, 'gcr.io', 'myteam.azurecr.io']) {
    assert.equal(await amazon.open(deps)(other, undefined), undefined);
  }
  assert.deepEqual(deps.asked, []);
});

const web = { AWS_WEB_IDENTITY_TOKEN_FILE: '/token', AWS_ROLE_ARN: 'arn:role' };
const pod = {
  AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://169.254.170.23/v1/credentials',
  AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: '/token',
};
const agent: Api = ({ headers, path }) =>
  headers['authorization'] === 'jwt' && path === '/v1/credentials'
    ? { json: sessionDocument('Token') }
    : { status: 403, text: 'shhh' };
const roleBy = (setting: string, more = ''): string => `[default]\nrole_arn = arn:role\n${setting}\n${more}`;

const places: readonly (readonly [place: string, apis: Record<string, Api>, rest: Rest])[] = [
  ['a role of a service account', { [sts]: fakeSts(fakeKeys, region) }, { env: web, files: { '/token': 'jwt\n' } }],
  [
    'a role of a profile by a token',
    { [sts]: fakeSts(fakeKeys, region) },
    { env: home, files: { '/h/.aws/config': roleBy('web_identity_token_file = /token'), '/token': 'jwt' } },
  ],
  [
    'a role that another profile takes on',
    { [sts]: fakeSts(fakeKeys, region, 'us') },
    {
      env: home,
      files: {
        '/h/.aws/config': roleBy('source_profile = base\nexternal_id = us'),
        '/h/.aws/credentials': `[base]\n${ini}`,
      },
    },
  ],
  [
    'a role that a profile takes on by its own keys',
    { [sts]: fakeSts(fakeKeys, region) },
    { env: home, files: { '/h/.aws/config': roleBy('source_profile = default', ini) } },
  ],
  [
    'a role that the environment takes on',
    { [sts]: fakeSts(fakeKeys, region) },
    {
      env: { ...home, AWS_PROFILE: 'p' },
      files: { '/h/.aws/config': `[profile p]\nrole_arn = arn:role\nsource_profile = q\n[profile q]\n${ini}` },
    },
  ],
  [
    'a role that an instance takes on',
    { [sts]: fakeSts(fakeSession, region), '169.254.169.254': fakeInstance },
    { env: home, files: { '/h/.aws/config': roleBy('credential_source = Ec2InstanceMetadata') } },
  ],
  ['the identity of a pod', { '169.254.170.23': agent }, { env: pod, files: { '/token': 'jwt' } }],
  [
    'a task of ECS',
    { '169.254.170.2': agent },
    {
      env: { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/v1/credentials', AWS_CONTAINER_AUTHORIZATION_TOKEN: 'jwt' },
    },
  ],
  ['an instance', { '169.254.169.254': fakeInstance }, {}],
  [
    'a program, where programs are run',
    {},
    {
      env: home,
      files: { '/h/.aws/config': '[default]\ncredential_process = "/opt/a tool" get' },
      exec: ({ program, args }) => {
        assert.deepEqual([program, ...args], ['/opt/a tool', 'get']);
        const output = Buffer.from(JSON.stringify({ Version: 1, ...sessionDocument('SessionToken') }));
        return Promise.resolve({ status: 0, output });
      },
    },
  ],
];

for (const [place, apis, rest] of places) {
  test(`credentials are found in ${place}`, async () => {
    assert.equal((await ask({ [api]: fakeEcr(fakeSession, region), ...apis }, rest))?.username, 'AWS');
  });
}

test('it is told why there are no credentials, and no secret with it', async () => {
  const files = (config: string): Rest => ({ env: home, files: { '/h/.aws/config': `[default]\n${config}` } });
  const cases: readonly (readonly [Rest, CloudErrorCode, RegExp])[] = [
    [{}, 'CREDENTIALS_ABSENT', /no credentials were found.*give this process a role/],
    [{ env: { AWS_EC2_METADATA_DISABLED: 'TRUE' } }, 'CREDENTIALS_ABSENT', /no credentials were found/],
    [{ env: web }, 'CREDENTIALS_INVALID', /token is not there/],
    [{ env: web, files: { '/token': '' } }, 'CREDENTIALS_INVALID', /holds no token/],
    [{ env: web, files: { '/token': 'shhh\nx' } }, 'CREDENTIALS_INVALID', /holds no token/],
    [{ env: { ...pod, AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://10.0.0.1/x' } }, 'CREDENTIALS_INVALID', /may not be/],
    [
      { env: { ...pod, AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://169.254.170.23.evil.example/x' } },
      'CREDENTIALS_INVALID',
      /may not be asked/,
    ],
    [{ env: pod, files: { '/token': 'wrong' } }, 'CREDENTIALS_INVALID', /check the role of the container/],
    [files('credential_process = /bin/x'), 'CREDENTIALS_INVALID', /is not run here/],
    [files('sso_session = x'), 'CREDENTIALS_INVALID', /sso_session.*export-credentials/],
    [files('role_arn = arn:role\nmfa_serial = x\nsource_profile = y'), 'CREDENTIALS_INVALID', /mfa_serial/],
    [
      files('role_arn = arn:role\nsource_profile = y'),
      'CREDENTIALS_INVALID',
      /has no credentials; check source_profile/,
    ],
    [
      files('role_arn = arn:role\nsource_profile = y\n[profile y]\nrole_arn = arn:role\nsource_profile = default'),
      'CREDENTIALS_INVALID',
      /builds on itself/,
    ],
    [files('role_arn = arn:role\ncredential_source = constructor'), 'CREDENTIALS_INVALID', /has no credentials/],
    [{ env: { ...env, AWS_SESSION_TOKEN: 'shhh\r\nx' } }, 'CREDENTIALS_INVALID', /characters that none have/],
    [{ env: { ...env, AWS_REGION: 'x/y' } }, 'CREDENTIALS_INVALID', /no region/],
    [{ env: { ...env, AWS_SECRET_ACCESS_KEY: 'shhh' } }, 'SERVICE_REFUSED', /ecr:GetAuthorizationToken.*Unrecognized/],
  ];
  for (const [rest, code, sentence] of cases) {
    const apis = { [api]: fakeEcr(fakeKeys, region), '169.254.170.23': agent };
    const { exec: _exec, ...deps } = await testKeyDeps(apis, rest);
    await using _deps = deps;
    await fails(amazon.open(deps)(host, undefined), code, sentence);
  }
  const denied = { [api]: fakeEcr(fakeSession, region), [sts]: fakeSts(fakeKeys, region) };
  const wrong = { env: web, files: { '/token': 'shhh' } };
  await fails(
    ask(denied, wrong),
    'SERVICE_REFUSED',
    /STS did not give credentials for the role: status 403, AccessDenied/,
  );
});

test('a token for another registry is refused, as is what is none', async () => {
  const changes: readonly (readonly [(data: object) => object, RegExp])[] = [
    [(data) => ({ ...data, proxyEndpoint: `https://999999999999.dkr.ecr.${region}.amazonaws.com` }), /is not for the/],
    [(data) => ({ ...data, proxyEndpoint: 'https://123456789012.dkr.ecr.us-east-1.amazonaws.com' }), /is not for the/],
    [(data) => ({ ...data, proxyEndpoint: `https://${host}.evil.example` }), /is not for the/],
    [(data) => ({ ...data, proxyEndpoint: 5 }), /is not for the/],
    [(data) => ({ ...data, authorizationToken: 5 }), /without authorizationToken/],
    [(data) => ({ ...data, authorizationToken: 'shhh' }), /no usable token/],
    [(data) => ({ ...data, authorizationToken: Buffer.from('shhh').toString('base64') }), /no usable token/],
    [(data) => ({ ...data, authorizationToken: Buffer.from('AWS:sh\r\nhh').toString('base64') }), /no usable token/],
    [(data) => ({ ...data, authorizationToken: 'QQ=='.repeat(cloudLimits.tokenLength) }), /no usable token/],
  ];
  for (const [change, sentence] of changes) {
    await fails(ask({ [api]: fakeEcr(fakeKeys, region, change) }, { env }), 'ANSWER_INVALID', sentence);
  }
  for (const json of [{}, { authorizationData: {} }, { authorizationData: ['shhh'] }, []]) {
    await fails(ask({ [api]: () => ({ json }) }, { env }), 'ANSWER_INVALID', /gave no token|interface does not have/);
  }
  const elsewhere: Api = () => ({ status: 307, headers: { location: 'https://evil.example/' } });
  await fails(ask({ [api]: elsewhere, 'evil.example': fakeEcr(fakeKeys, region) }, { env }), 'SERVICE_REFUSED', /307/);
});

test('an end that is none makes a token count for a moment, and one too far off for twelve hours', async () => {
  for (const [expiresAt, lifetime] of [
    [0, cloudLimits.shortest],
    ['soon', cloudLimits.shortest],
    [1e300, cloudLimits.longest],
  ] as const) {
    const change = (data: object): object => ({ ...data, expiresAt });
    const found = await ask({ [api]: fakeEcr(fakeKeys, region, change) }, { env });
    assert.equal(found?.expiresAt, fakeNow.getTime() + lifetime);
  }
});

test('a token file is read anew each time, and one session serves several registries', async () => {
  const reads: string[] = [];
  const world = { now: fakeNow.getTime() };
  // Signatures of later are not those of the fakes, so that this one takes all.
  const data = (account: string): object => ({
    authorizationToken: Buffer.from('AWS:x').toString('base64'),
    expiresAt: world.now / 1000 + 1200,
    proxyEndpoint: `https://${account}.dkr.ecr.${region}.amazonaws.com`,
  });
  const ecr: Api = ({ body }) => {
    const { registryIds } = JSON.parse(body.toString()) as { readonly registryIds: readonly string[] };
    return { json: { authorizationData: registryIds.map(data) } };
  };
  await using deps = await testKeyDeps(
    { [api]: ecr, [sts]: fakeSts(fakeKeys, region) },
    {
      env: web,
      now: () => new Date(world.now),
      readFile: (path) => {
        reads.push(path);
        return Promise.resolve(Buffer.from('jwt'));
      },
    },
  );
  const find = amazon.open(deps);
  const accounts = ['111111111111', '222222222222', '333333333333'];
  const all = (): Promise<unknown> =>
    Promise.all(accounts.map((account) => find(`${account}.dkr.ecr.${region}.amazonaws.com`, undefined)));
  await Promise.all([all(), all()]);
  const count = (asked: string): number => deps.asked.filter(({ host: one }) => one === asked).length;
  assert.deepEqual([count(api), count(sts), reads.length], [3, 1, 1]);
  world.now += 3_600_000;
  await all();
  assert.deepEqual([count(api), count(sts), reads.length], [6, 2, 2]);
});
