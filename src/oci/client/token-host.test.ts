import assert from 'node:assert/strict';
import { test } from 'node:test';
import { belongsTogether } from './token-host.ts';

const cases: readonly (readonly [registry: string, realm: string, together: boolean, named?: readonly string[]])[] = [
  ['https://registry-1.docker.io/', 'https://auth.docker.io/token', true],
  ['https://ghcr.io/', 'https://ghcr.io/token', true],
  ['https://registry.gitlab.com/', 'https://gitlab.com/jwt/auth', true],
  ['https://ghcr.io/', 'https://ghcr.io.example.org/token', false],
  ['https://ghcr.io/', 'https://notghcr.io/token', false],
  ['https://ghcr.io/', 'http://ghcr.io/token', false],
  ['https://r.example.co.uk/', 'https://evil.co.uk/token', false],
  ['https://one.azurecr.io/', 'https://two.azurecr.io/token', false],
  ['https://one.azurecr.io/', 'https://one.azurecr.io/oauth2/token', true],
  ['https://r.example.org/', 'https://auth.example.org:8443/token', false],
  ['https://r.example.org/', 'https://auth.example.org:8443/token', true, ['auth.example.org:8443']],
  ['https://r.example.org/', 'https://login.example.net/token', true, ['login.example.net']],
  ['https://r.example.org/', 'http://login.example.net/token', false, ['login.example.net']],
  ['http://127.0.0.1:5000/', 'http://127.0.0.1:5000/token', true],
  ['http://127.0.0.1:5000/', 'http://127.0.0.1:5001/token', false],
  ['https://10.0.0.1/', 'https://10.0.0.2/token', false],
];

for (const [registry, realm, together, named = []] of cases) {
  test(`belongsTogether() ${together ? 'takes' : 'refuses'} ${realm} for ${registry}`, () => {
    assert.equal(belongsTogether(new URL(registry), new URL(realm), named), together);
  });
}
