import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NetError } from './error.ts';
import { errorCode, netErrorOf } from './failure.ts';

test('netErrorOf() names what Node.js and OpenSSL report', () => {
  for (const [code, expected] of [
    ['ENOTFOUND', 'UNRESOLVED'],
    ['EAI_AGAIN', 'UNRESOLVED'],
    ['ECONNREFUSED', 'REFUSED'],
    ['ENOENT', 'REFUSED'],
    ['EACCES', 'DENIED'],
    ['EHOSTUNREACH', 'UNREACHABLE'],
    ['ETIMEDOUT', 'TIMEOUT'],
    ['ECONNRESET', 'RESET'],
    ['EPIPE', 'RESET'],
    ['HPE_HEADER_OVERFLOW', 'TOO_LARGE'],
    ['HPE_INVALID_CONSTANT', 'PROTOCOL'],
    ['EPROTO', 'NOT_TLS'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'NOT_TLS'],
    ['CERT_HAS_EXPIRED', 'TLS'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'TLS'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'TLS'],
    ['EWHATEVER', 'PROTOCOL'],
    ['', 'PROTOCOL'],
  ] as const) {
    const cause = Object.assign(new Error('raw'), code === '' ? {} : { code });
    const error = netErrorOf(cause, 'registry.example');
    assert.equal(error.code, expected, code);
    assert.match(error.message, /registry\.example/);
    assert.equal(error.cause, cause);
  }
});

test('netErrorOf() passes our own errors, and takes anything else', () => {
  const own = new NetError('OFFLINE', 'h', 'm');
  assert.equal(netErrorOf(own, 'other'), own);
  for (const thrown of [undefined, null, 'text', 1, {}, { code: 7 }])
    assert.equal(netErrorOf(thrown, 'h').code, 'PROTOCOL');
});

test('errorCode() looks into an error of several tries', () => {
  const refused = Object.assign(new Error('x'), { code: 'ECONNREFUSED' });
  assert.equal(errorCode(new AggregateError([refused])), 'ECONNREFUSED');
  assert.equal(errorCode(new AggregateError([])), '');
});
