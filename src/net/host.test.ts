import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLinkLocal, isLoopback, listsHost } from './host.ts';

test('isLoopback() knows this machine and nobody who sounds like it', () => {
  for (const name of ['localhost', 'LOCALHOST', 'a.localhost', '127.0.0.1', '127.9.9.9', '::1', '[::1]']) {
    assert.equal(isLoopback(name), true, name);
  }
  for (const name of [
    'localhost.example.com',
    'notlocalhost',
    '128.0.0.1',
    '127.0.0.1.example.com',
    '0.0.0.0',
    '::2',
    '',
  ]) {
    assert.equal(isLoopback(name), false, name);
  }
});

test('isLinkLocal() knows the addresses of one link', () => {
  assert.deepEqual(['169.254.169.254', '[fe80::1]', '169.255.0.1', 'example.com'].map(isLinkLocal), [
    true,
    true,
    false,
    false,
  ]);
});

test('listsHost() compares host and port', () => {
  const url = new URL('https://Registry.Example:5000/');
  for (const [entry, listed] of [
    ['registry.example', true],
    ['REGISTRY.example:5000', true],
    ['registry.example:443', false],
    ['example', false],
    ['*', false],
  ] as const) {
    assert.equal(listsHost([entry], url), listed, entry);
  }
  assert.equal(listsHost(['h:443'], new URL('https://h/')), true);
  assert.equal(listsHost(['::2'], new URL('https://[::2]:1/')), true);
});
