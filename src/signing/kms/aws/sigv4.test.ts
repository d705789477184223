import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signAwsRequest } from './sigv4.ts';

/** Those of AWS's documentation and test suite for Signature Version 4. */
const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const now = new Date('2015-08-30T12:36:00Z');
const form = 'application/x-www-form-urlencoded';

test('signAwsRequest() signs as the test suite of AWS says', () => {
  for (const [name, method, url, headers, body, service, signature] of [
    [
      'get-vanilla',
      'GET',
      'https://example.amazonaws.com/',
      {},
      '',
      'service',
      '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
    ],
    [
      'get-vanilla-query-order-key-case',
      'GET',
      'https://example.amazonaws.com/?Param2=value2&Param1=value1',
      {},
      '',
      'service',
      'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    ],
    [
      'post-vanilla',
      'POST',
      'https://example.amazonaws.com/',
      {},
      '',
      'service',
      '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
    ],
    [
      'post-x-www-form-urlencoded',
      'POST',
      'https://example.amazonaws.com/',
      { 'content-type': form },
      'Param1=value1',
      'service',
      'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
    ],
    [
      'ListUsers of the general reference',
      'GET',
      'https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08',
      { 'content-type': `${form}; charset=utf-8` },
      '',
      'iam',
      '5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
    ],
  ] as const) {
    const request = { method, url: new URL(url), headers, body: Buffer.from(body) };
    const signed = signAwsRequest(request, credentials, { region: 'us-east-1', service, now });
    const names = 'content-type' in headers ? 'content-type;host;x-amz-date' : 'host;x-amz-date';
    assert.equal(
      signed['authorization'],
      `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/${service}/aws4_request, SignedHeaders=${names}, Signature=${signature}`,
      name,
    );
    assert.equal(signed['x-amz-date'], '20150830T123600Z');
  }
});

test('signAwsRequest() signs the session token, and its signature depends on everything', () => {
  const url = new URL('https://kms.eu-west-1.amazonaws.com/');
  const request = { method: 'POST', url, headers: { 'x-amz-target': 'TrentService.Sign' }, body: Buffer.from('{}') };
  const scope = { region: 'eu-west-1', service: 'kms', now };
  const base = signAwsRequest(request, credentials, scope)['authorization'];
  const seen = new Set([
    base,
    signAwsRequest({ ...request, body: Buffer.from('{ }') }, credentials, scope)['authorization'],
    signAwsRequest({ ...request, method: 'PUT' }, credentials, scope)['authorization'],
    signAwsRequest({ ...request, headers: { 'x-amz-target': 'TrentService.Verify' } }, credentials, scope)[
      'authorization'
    ],
    signAwsRequest(request, { ...credentials, secretAccessKey: 'x' }, scope)['authorization'],
    signAwsRequest(request, credentials, { ...scope, region: 'eu-west-2' })['authorization'],
    signAwsRequest(request, credentials, { ...scope, now: new Date('2015-08-31T12:36:00Z') })['authorization'],
  ]);
  assert.equal(seen.size, 7);
  const withToken = signAwsRequest(request, { ...credentials, sessionToken: 'token' }, scope);
  assert.equal(withToken['x-amz-security-token'], 'token');
  assert.match(withToken['authorization'] ?? '', /SignedHeaders=host;x-amz-date;x-amz-security-token;x-amz-target,/);
  assert.ok(!JSON.stringify(withToken).includes(credentials.secretAccessKey));
});
