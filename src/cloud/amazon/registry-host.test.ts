import assert from 'node:assert/strict';
import { test } from 'node:test';
import { amazonRegistry } from './registry-host.ts';

const account = '123456789012';

const registries: readonly (readonly [host: string, region: string, api: string])[] = [
  ['dkr.ecr.eu-west-1.amazonaws.com', 'eu-west-1', 'api.ecr.eu-west-1.amazonaws.com'],
  ['dkr.ecr.us-gov-west-1.amazonaws.com', 'us-gov-west-1', 'api.ecr.us-gov-west-1.amazonaws.com'],
  ['dkr.ecr-fips.us-east-1.amazonaws.com', 'us-east-1', 'ecr-fips.us-east-1.amazonaws.com'],
  ['dkr-ecr.us-west-2.on.aws', 'us-west-2', 'ecr.us-west-2.api.aws'],
  ['dkr-ecr-fips.us-west-2.on.aws', 'us-west-2', 'ecr-fips.us-west-2.api.aws'],
  ['dkr.ecr.cn-north-1.amazonaws.com.cn', 'cn-north-1', 'api.ecr.cn-north-1.amazonaws.com.cn'],
  ['dkr-ecr.cn-north-1.on.amazonwebservices.com.cn', 'cn-north-1', 'ecr.cn-north-1.api.amazonwebservices.com.cn'],
  ['dkr.ecr.eusc-de-east-1.amazonaws.eu', 'eusc-de-east-1', 'api.ecr.eusc-de-east-1.amazonaws.eu'],
  ['dkr.ecr.us-iso-east-1.c2s.ic.gov', 'us-iso-east-1', 'api.ecr.us-iso-east-1.c2s.ic.gov'],
  ['dkr.ecr.us-isob-east-1.sc2s.sgov.gov', 'us-isob-east-1', 'api.ecr.us-isob-east-1.sc2s.sgov.gov'],
  ['dkr.ecr.eu-isoe-west-1.cloud.adc-e.uk', 'eu-isoe-west-1', 'api.ecr.eu-isoe-west-1.cloud.adc-e.uk'],
  ['dkr.ecr.us-isof-south-1.csp.hci.ic.gov', 'us-isof-south-1', 'api.ecr.us-isof-south-1.csp.hci.ic.gov'],
];

test('amazonRegistry() knows the registries of every part of AWS, and where their tokens are got', () => {
  for (const [host, region, api] of registries) {
    assert.deepEqual(amazonRegistry(`${account}.${host}`), { kind: 'private', account, region, api }, host);
  }
  assert.deepEqual(amazonRegistry('public.ecr.aws'), { kind: 'public' });
  assert.deepEqual(amazonRegistry('ecr-public.aws.com'), { kind: 'public' });
});

test('amazonRegistry() takes nothing for a registry of Amazon that only looks like one', () => {
  const real = `${account}.dkr.ecr.us-east-1.amazonaws.com`;
  for (const host of [
    `${real}.evil.example`,
    `${real}:443`,
    `${real}.`,
    `${real}\n`,
    `evil-${real}`,
    `evil.${real}`,
    real.toUpperCase(),
    `12345678901.dkr.ecr.us-east-1.amazonaws.com`,
    `1234567890123.dkr.ecr.us-east-1.amazonaws.com`,
    `${account}.dkr.ecr.us-east-1.amazonaws.com.cn`,
    `${account}.dkr.ecr.cn-north-1.amazonaws.com`,
    `${account}.dkr.ecr.us-east-1.amazonaws.co`,
    `${account}.dkr.ecr.us-east-1.on.aws`,
    `${account}.dkr-ecr.us-east-1.amazonaws.com`,
    `${account}.dkr.ecr.us-east-1.x.amazonaws.com`,
    `${account}.dkr.ecr.evil.amazonaws.com`,
    `${account}.dkr.ecr-evil.us-east-1.amazonaws.com`,
    `${account}xdkr.ecr.us-east-1.amazonaws.com`,
    `${account}.dkr.ecr.us-east-1xamazonaws.com`,
    'ecr.us-east-1.amazonaws.com',
    'xpublic.ecr.aws',
    'public.ecr.aws.evil.example',
    'public.ecr.aws:80',
    '',
  ]) {
    assert.equal(amazonRegistry(host), undefined, host);
  }
});
