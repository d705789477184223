import assert from 'node:assert/strict';
import { test } from 'node:test';
import { presignAwsUrl, signAwsRequest } from './sigv4.ts';

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

/** Those of Amazon S3's API reference, "Examples: Signature Calculations" and "Using Query Parameters". */
const s3 = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' };
const s3Scope = { region: 'us-east-1', service: 's3', now: new Date('2013-05-24T00:00:00Z') };

test('signAwsRequest() signs as the documentation of Amazon S3 says', () => {
  const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
  for (const [path, headers, signature] of [
    ['test.txt', { range: 'bytes=0-9' }, 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41'],
    ['?lifecycle', {}, 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543'],
    ['?max-keys=2&prefix=J', {}, '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7'],
  ] as const) {
    const url = new URL(`https://examplebucket.s3.amazonaws.com/${path}`);
    const all = { ...headers, 'x-amz-content-sha256': empty };
    for (const body of [{ sha256: empty }, Buffer.alloc(0)]) {
      const signed = signAwsRequest({ method: 'GET', url, headers: all, body }, s3, s3Scope);
      assert.ok(signed['authorization']?.endsWith(`Signature=${signature}`), path);
    }
  }
});

test('presignAwsUrl() signs as the documentation of Amazon S3 says', () => {
  const url = presignAwsUrl(new URL('https://examplebucket.s3.amazonaws.com/test.txt'), 86_400, s3, s3Scope);
  assert.equal(
    url.href,
    'https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
  );
  const withToken = presignAwsUrl(url, 60, { ...s3, sessionToken: 'a+b' }, s3Scope);
  assert.equal(withToken.searchParams.get('X-Amz-Security-Token'), 'a+b');
});
