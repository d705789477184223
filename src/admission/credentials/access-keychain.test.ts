import assert from 'node:assert/strict';
import test from 'node:test';
import type { Credential, Keychain } from '../../oci/client/credential.ts';
import type { PullAccess } from '../image/model.ts';
import { accessKeychain, type CredentialSources } from './access-keychain.ts';
import { cloudKeychain } from './cloud.ts';

function keychainOf(username: string, host = 'ghcr.io'): Keychain {
  const credential: Credential = { kind: 'password', username, password: 'p' };
  return { find: (registry) => Promise.resolve(registry === host ? credential : undefined) };
}

const access: PullAccess = {
  plainHttp: false,
  secrets: ['kyverno/policy'],
  providers: [],
  podSecrets: ['team/pod', 'team/account'],
};

function sourcesOf(
  secrets: Readonly<Record<string, Keychain | Error>>,
  machine = keychainOf('machine'),
): CredentialSources {
  return {
    secret: (name) => {
      const found = secrets[name];
      return found instanceof Error ? Promise.reject(found) : Promise.resolve(found);
    },
    globalSecrets: ['seaworthy/global'],
    globalProviders: [],
    machine,
    environment: {},
  };
}

async function whoFor(sources: CredentialSources, registry = 'ghcr.io'): Promise<string | undefined> {
  const found = await accessKeychain(access, sources).find(registry, 'org/app');
  return found?.kind === 'password' ? found.username : undefined;
}

test('credentials are asked for in order: policy, pod, service account, all, machine', async () => {
  const order = ['kyverno/policy', 'team/pod', 'team/account', 'seaworthy/global'];
  for (const [at, name] of order.entries()) {
    const secrets = Object.fromEntries(order.slice(at).map((each) => [each, keychainOf(each)]));
    assert.equal(await whoFor(sourcesOf(secrets)), name);
  }
  assert.equal(await whoFor(sourcesOf({})), 'machine');
});

test('credentials of one registry are not those of another', async () => {
  assert.equal(await whoFor(sourcesOf({ 'team/pod': keychainOf('pod') }), 'evil.example'), undefined);
});

test('a Secret that cannot be read is told of only where none has what is wanted', async () => {
  const broken = new Error('forbidden');
  assert.equal(await whoFor(sourcesOf({ 'team/pod': broken, 'team/account': keychainOf('account') })), 'account');
  await assert.rejects(whoFor(sourcesOf({ 'team/pod': broken }, keychainOf('x', 'other'))), /forbidden/);
});

const hosts: readonly (readonly [cloud: string, host: string, is: boolean])[] = [
  ['amazon', '123456789012.dkr.ecr.eu-west-1.amazonaws.com', true],
  ['amazon', '123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn', true],
  ['amazon', 'public.ecr.aws', true],
  ['amazon', '123456789012.dkr.ecr.eu-west-1.amazonaws.com.evil.tld', false],
  ['amazon', 'evil-123456789012.dkr.ecr.eu-west-1.amazonaws.com', false],
  ['google', 'eu.gcr.io', true],
  ['google', 'europe-west1-docker.pkg.dev', true],
  ['google', 'gcr.io.evil.tld', false],
  ['google', 'evilgcr.io', false],
  ['azure', 'myteam.azurecr.io', true],
  ['azure', 'x.azurecr.io.evil.tld', false],
  ['azure', 'myteam.azurecr.io.evil.tld', false],
  ['azure', 'myteam-azurecr.io', false],
  ['constructor', 'ghcr.io', false],
];

for (const [cloud, host, is] of hosts) {
  test(`credentials of ${cloud} are ${is ? '' : 'not '}asked for ${host}`, async () => {
    // There is no such program, and only whoever asks for it hears of that.
    const find = (): Promise<unknown> => cloudKeychain(cloud, { PATH: '' }).find(host, 'a');
    if (is) await assert.rejects(find, /cannot be asked/);
    else assert.equal(await find(), undefined);
  });
}
