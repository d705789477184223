import assert from 'node:assert/strict';
import test from 'node:test';
import { noClouds } from '../../../testing/no-clouds.ts';
import type { Credential, Keychain } from '../../oci/client/credential.ts';
import { accessKeychain, type CredentialSources } from './access-keychain.ts';
import type { PullAccess } from './pull-access.ts';

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
    clouds: noClouds,
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

test('clouds come before the machine, for their own registries, and never without TLS', async () => {
  const asked: string[] = [];
  const clouds: CredentialSources['clouds'] = {
    of(name) {
      asked.push(name);
      return keychainOf(name, name === 'google' ? 'gcr.io' : 'myteam.azurecr.io');
    },
  };
  const sources = { ...sourcesOf({}, keychainOf('machine', 'gcr.io')), clouds, globalProviders: ['google'] };
  const who = async (registry: string, more: Partial<PullAccess>): Promise<string | undefined> => {
    const found = await accessKeychain({ ...access, ...more }, sources).find(registry, 'org/app');
    return found?.kind === 'password' ? found.username : undefined;
  };
  assert.equal(await who('gcr.io', {}), 'google');
  assert.equal(await who('myteam.azurecr.io', {}), undefined);
  assert.equal(await who('myteam.azurecr.io', { providers: ['azure'] }), 'azure');
  asked.length = 0;
  assert.equal(await who('gcr.io', { plainHttp: true, providers: ['google'] }), 'machine');
  assert.deepEqual(asked, []);
});

test('credentials of a cloud that cannot be had are told of only where the machine has none', async () => {
  const broken: Keychain = { find: () => Promise.reject(new Error('no role')) };
  const at = (host: string): CredentialSources => ({
    ...sourcesOf({}, keychainOf('machine', host)),
    globalProviders: ['amazon'],
    clouds: { of: () => broken },
  });
  assert.equal(await whoFor(at('ghcr.io')), 'machine');
  await assert.rejects(whoFor(at('other')), /no role/);
});
