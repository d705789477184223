import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { type Api, fails, testKeyDeps } from '../../../testing/key-deps.ts';
import { encryptPrivateKey } from './encrypted-key.ts';
import { writeKeyVariables } from './gitlab-variables.ts';
import { parseKeyReference } from './key-reference.ts';
import { loadSigner, loadVerificationKeys } from './load-key.ts';
import { verifySignature } from './verify-signature.ts';

const message = Buffer.from('a message');
const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const pair = {
  publicKey: String(publicKey.export({ type: 'spki', format: 'pem' })),
  privateKey: await encryptPrivateKey(privateKey, Buffer.from('')),
  password: Buffer.from(''),
};
const env = { GITLAB_TOKEN: 'glpat-shhh' };

/** GitLab with the variables of one project or group. */
function gitlab(owner: string, variables: Map<string, string>): Api {
  return ({ method, path, headers, body }) => {
    if (headers['authorization'] !== 'Bearer glpat-shhh') return { status: 401, json: { message: '401 Unauthorized' } };
    if (path === `/api/v4/${owner}` && method === 'GET') return { json: { id: 1 } };
    if (path === `/api/v4/${owner}/variables` && method === 'POST') {
      const { key = '', value = '', ...rest } = JSON.parse(body.toString()) as Record<string, string>;
      assert.deepEqual(rest, { variable_type: 'env_var', protected: false, masked: false });
      if (variables.has(key)) return { status: 400, json: { message: { key: ['has already been taken'] } } };
      variables.set(key, value);
      return { status: 201, json: { key, value } };
    }
    const name = path.startsWith(`/api/v4/${owner}/variables/`) ? path.slice(path.lastIndexOf('/') + 1) : '';
    const value = variables.get(name);
    return value === undefined ? { status: 404, json: { message: '404 Not Found' } } : { json: { key: name, value } };
  };
}

test('gitlab:// keeps a pair and loads it again, of a project and of a group', async () => {
  for (const [text, owner, host, more] of [
    ['gitlab://owner/project', 'projects/owner%2Fproject', 'gitlab.com', {}],
    ['gitlab://42', 'projects/42', 'git.example', { GITLAB_HOST: 'git.example' }],
    ['gitlab://team', 'groups/team', 'git.example:8443', { GITLAB_HOST: 'https://git.example:8443/api/v4/' }],
  ] as const) {
    const variables = new Map<string, string>();
    await using deps = await testKeyDeps({ [host]: gitlab(owner, variables) }, { env: { ...env, ...more } });
    const reference = parseKeyReference(text);
    assert.ok(reference.kind === 'gitlab');
    await writeKeyVariables(reference, pair, deps);
    assert.deepEqual([...variables.keys()], ['COSIGN_PASSWORD', 'COSIGN_PRIVATE_KEY', 'COSIGN_PUBLIC_KEY']);
    const [key] = await loadVerificationKeys(reference, deps);
    assert.deepEqual(key.spki, publicKey.export({ type: 'spki', format: 'der' }));
    if (owner === 'groups/team') {
      const signer = await loadSigner(reference, deps);
      assert.ok(verifySignature(key, message, await signer.sign(message)));
    }
    await fails(writeKeyVariables(reference, pair, deps), /COSIGN_PASSWORD: it is there already/);
  }
});

test('gitlab:// says what is wrong, and no token', async () => {
  const reference = parseKeyReference('gitlab://owner/project');
  assert.ok(reference.kind === 'gitlab');
  const variables = new Map([['COSIGN_PUBLIC_KEY', '']]);
  for (const [more, sentence] of [
    [{}, /has no variable COSIGN_PUBLIC_KEY for owner\/project/],
    [{ GITLAB_TOKEN: undefined }, /set GITLAB_TOKEN/],
    [{ GITLAB_TOKEN: 'a\r\nb' }, /set GITLAB_TOKEN/],
    [{ GITLAB_TOKEN: 'wrong' }, /status 401; check the credentials/],
    [{ GITLAB_HOST: 'https://' }, /no address/],
  ] as const) {
    await using deps = await testKeyDeps(
      { 'gitlab.com': gitlab('projects/owner%2Fproject', variables) },
      { env: { ...env, ...more } },
    );
    await fails(loadVerificationKeys(reference, deps), sentence);
  }
  await using nowhere = await testKeyDeps({ 'gitlab.com': gitlab('projects/other', variables) }, { env });
  await fails(writeKeyVariables(reference, pair, nowhere), /no project or group owner\/project/);
});
