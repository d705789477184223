import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NetError } from './error.ts';
import { proxyAuthorization, proxyChooser } from './proxy.ts';

const cases: readonly (readonly [no: string, url: string, proxied: boolean])[] = [
  ['', 'https://example.com/', true],
  ['*', 'https://example.com/', false],
  ['example.com', 'https://example.com/', false],
  ['example.com', 'https://EXAMPLE.com./', false],
  ['example.com', 'https://a.example.com/', false],
  ['example.com', 'https://notexample.com/', true],
  ['.example.com', 'https://a.example.com/', false],
  ['.example.com', 'https://example.com/', true],
  ['*.example.com', 'https://a.b.example.com/', false],
  ['example.com:8443', 'https://example.com:8443/', false],
  ['example.com:8443', 'https://example.com/', true],
  ['example.com:443', 'https://example.com/', false],
  ['other.org, example.com', 'https://example.com/', false],
  ['10.0.0.0/8', 'https://10.1.2.3/', false],
  ['10.0.0.0/8', 'https://11.1.2.3/', true],
  ['10.0.0.0/99', 'https://10.1.2.3/', true],
  ['10.1.2.3', 'https://10.1.2.3/', false],
  ['fd00::/8', 'https://[fd00::1]/', false],
  ['fd00::1', 'https://[fd00::1]/', false],
  ['[fd00::1]:8443', 'https://[fd00::1]:8443/', false],
  ['[fd00::1]:8443', 'https://[fd00::1]/', true],
  ['', 'https://localhost/', false],
  ['', 'https://127.0.0.1:5000/', false],
  ['', 'https://[::1]/', false],
];

test('proxyChooser() leaves out the hosts that are not to be proxied', () => {
  for (const [no, url, proxied] of cases) {
    const choose = proxyChooser({ https: 'http://proxy:3128', no });
    assert.equal(choose(new URL(url)) !== undefined, proxied, `${no} ${url}`);
  }
});

test('proxyChooser() takes the proxy of the scheme', () => {
  const choose = proxyChooser({ http: 'plain:80', https: 'https://secure:8080' });
  assert.equal(choose(new URL('http://example.com/'))?.href, 'http://plain/');
  assert.equal(choose(new URL('https://example.com/'))?.href, 'https://secure:8080/');
  assert.equal(proxyChooser({ http: ' ' })(new URL('http://example.com/')), undefined);
});

test('proxyChooser() refuses what is no proxy, without its password', () => {
  for (const https of ['socks5://user:hunter2@h:1080', 'http://']) {
    assert.throws(
      () => proxyChooser({ https }),
      (error) => error instanceof NetError && error.code === 'PROXY' && !error.message.includes('hunter2'),
    );
  }
});

test('proxyAuthorization() is Basic of the user information', () => {
  assert.equal(
    proxyAuthorization(new URL('http://us%40er:p%3Ass@h')),
    `Basic ${Buffer.from('us@er:p:ss').toString('base64')}`,
  );
  assert.equal(proxyAuthorization(new URL('http://h')), undefined);
});
