import assert from 'node:assert/strict';
import { test } from 'node:test';
import { azureRegistry } from './registry-host.ts';

test('azureRegistry() knows the registries of every cloud of Azure, and who gives tokens there', () => {
  for (const [host, authority] of [
    ['myteam.azurecr.io', 'https://login.microsoftonline.com'],
    ['myteam-a1b2c3d4e5.azurecr.io', 'https://login.microsoftonline.com'],
    ['myteam.eastus.geo.azurecr.io', 'https://login.microsoftonline.com'],
    ['myteam.azurecr.cn', 'https://login.chinacloudapi.cn'],
    ['myteam.chinaeast2.geo.azurecr.cn', 'https://login.chinacloudapi.cn'],
    ['myteam.azurecr.us', 'https://login.microsoftonline.us'],
  ] as const) {
    assert.deepEqual(azureRegistry(host), { host, authority });
  }
});

test('azureRegistry() takes nothing for a registry of Azure that is none, nor takes tokens', () => {
  for (const host of [
    'x.azurecr.io.evil.tld',
    'myteam.azurecr.io.evil.tld',
    'myteam.azurecr.io:443',
    'myteam.azurecr.io.',
    'myteam.azurecr.com',
    // Closed, so that its domain may be anybody's.
    'myteam.azurecr.de',
    'myteam-azurecr.io',
    'myteam.eastus.evil.azurecr.io',
    'evil.example.myteam.azurecr.io',
    'azurecr.io',
    'abc.azurecr.io',
    // They are shown addresses that are signed, and no tokens.
    'myteam.eastus.data.azurecr.io',
    'myteam.blob.core.windows.net',
    '',
  ]) {
    assert.equal(azureRegistry(host), undefined, host);
  }
});
