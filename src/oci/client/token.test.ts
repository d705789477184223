import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openNetwork } from '../../net/open-network.ts';
import { checkRealm } from './token.ts';

const far = 'https://registry.example';
const near = 'http://127.0.0.1:5000';

const cases: readonly (readonly [registry: string, realm: string, taken: string | undefined])[] = [
  [far, 'https://auth.example/token', 'https://auth.example/token'],
  [far, 'https://user:secret@auth.example/token', 'https://auth.example/token'],
  [far, 'http://auth.example/token', undefined],
  [far, 'http://asked.example/token', 'http://asked.example/token'],
  [far, 'http://127.0.0.1/token', undefined],
  [far, 'https://localhost/token', undefined],
  [far, 'https://169.254.169.254/latest', undefined],
  [far, 'https://[fe80::1]/', undefined],
  [far, 'https://localhost./', undefined],
  [far, 'https://0.0.0.0/', undefined],
  [far, 'ftp://auth.example/', undefined],
  [far, '/token', undefined],
  [far, '', undefined],
  [near, 'http://127.0.0.1:5001/token', 'http://127.0.0.1:5001/token'],
  [near, 'http://localhost/token', 'http://localhost/token'],
  [near, 'https://auth.example/token', 'https://auth.example/token'],
  [near, 'http://auth.example/token', undefined],
];

test('checkRealm() lets credentials go only where they are safe', () => {
  const network = openNetwork({ plainHttpHosts: ['asked.example'] });
  for (const [registry, realm, taken] of cases) {
    const check = (): string => checkRealm(network, new URL(registry), realm).href;
    if (taken === undefined) assert.throws(check, { name: 'OciError', code: 'REGISTRY_PROTOCOL' }, realm);
    else assert.equal(check(), taken);
  }
});
