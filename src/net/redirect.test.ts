import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRedirect, redirectHeaders, redirectTarget } from './redirect.ts';

const from = new URL('https://registry.example/v2/a/blobs/x');

test('redirectTarget() resolves where a redirect leads, without user information', () => {
  for (const [location, target] of [
    ['/other?q=1', 'https://registry.example/other?q=1'],
    ['//cdn.example/x', 'https://cdn.example/x'],
    ['https://u:p@cdn.example/x', 'https://cdn.example/x'],
    ['https://registry.example:8443/', 'https://registry.example:8443/'],
  ] as const) {
    assert.equal(redirectTarget(from, location).href, target);
  }
  assert.equal(redirectTarget(new URL('http://127.0.0.1:1/'), 'http://127.0.0.1:2/').port, '2');
});

test('redirectTarget() refuses downgrades, other schemes and ways into this machine', () => {
  for (const location of [
    'http://registry.example/x',
    'http://cdn.example/x?X-Amz-Signature=hidden',
    'file:///etc/passwd',
    'data:text/plain,x',
    'https://',
    'https://127.0.0.1/x',
    'https://localhost/x',
    'https://[::1]/x',
    'https://0x7f000001/x',
    'https://localhost./x',
    'https://0/x',
    'https://[::]/x',
    'https://[::ffff:169.254.169.254]/x',
    'https://169.254.169.254/latest/meta-data',
  ]) {
    assert.throws(
      () => redirectTarget(from, location),
      (error: Error) => (error as { code?: string }).code === 'REDIRECT' && !error.message.includes('hidden'),
      location,
    );
  }
});

test('redirectHeaders() drops credentials when scheme, host or port differs', () => {
  const headers = {
    accept: 'a',
    Authorization: 'Basic x',
    cookie: 'c',
    'x-registry-auth': 'r',
    'proxy-authorization': 'p',
    range: 'bytes=1-',
  };
  const kept = { accept: 'a', range: 'bytes=1-' };
  for (const [to, expected] of [
    ['https://registry.example/elsewhere', headers],
    ['https://registry.example:8443/x', kept],
    ['http://registry.example/x', kept],
    ['https://sub.registry.example/x', kept],
    ['https://cdn.example/x', kept],
  ] as const) {
    assert.deepEqual(redirectHeaders(headers, from, new URL(to)), expected, to);
  }
});

test('isRedirect() is about requests that may be sent elsewhere', () => {
  assert.deepEqual(
    [
      isRedirect(307, 'GET'),
      isRedirect(302, 'HEAD'),
      isRedirect(307, 'POST'),
      isRedirect(308, 'PUT'),
      isRedirect(304, 'GET'),
    ],
    [true, true, false, false, false],
  );
});
