import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertSurvives } from '../../../testing/hostile-bytes.ts';
import { parseSigningConfig, selectServices, type Service } from './signing-config.ts';

const document = {
  mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
  caUrls: [{ url: 'https://ca', majorApiVersion: 1, validFor: { start: '2023-01-01T00:00:00Z' }, operator: 'a' }],
  oidcUrls: [{ url: 'https://oidc', majorApiVersion: 1, validFor: { start: '2023-01-01T00:00:00Z' }, operator: 'a' }],
  rekorTlogUrls: [
    {
      url: 'https://log',
      majorApiVersion: 2,
      validFor: { start: '2025-01-01T00:00:00Z', end: '2026-01-01T00:00:00Z' },
    },
  ],
  rekorTlogConfig: { selector: 'EXACT', count: 2 },
  tsaUrls: [],
  tsaConfig: { selector: 'ALL' },
};

test('parseSigningConfig() reads services and selectors', () => {
  const config = parseSigningConfig(Buffer.from(JSON.stringify({ ...document, future: 1 })), 'f');
  assert.deepEqual(config, {
    authorities: [{ url: 'https://ca', apiVersion: 1, operator: 'a', window: { start: new Date('2023-01-01') } }],
    issuers: [{ url: 'https://oidc', apiVersion: 1, operator: 'a', window: { start: new Date('2023-01-01') } }],
    logs: {
      services: [
        {
          url: 'https://log',
          apiVersion: 2,
          operator: '',
          window: { start: new Date('2025-01-01'), end: new Date('2026-01-01') },
        },
      ],
      selector: 2,
    },
    timestampAuthorities: { services: [], selector: 'all' },
  });
});

test('parseSigningConfig() refuses other documents', () => {
  for (const changed of [
    { mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.1+json' },
    { caUrls: 'https://ca' },
    { rekorTlogConfig: { selector: 'SOME' } },
    { caUrls: [{ url: 'https://ca', validFor: { start: 'yesterday' } }] },
  ]) {
    const bytes = Buffer.from(JSON.stringify({ ...document, ...changed }));
    assert.throws(() => parseSigningConfig(bytes, 'f'), { code: 'SIGNING_CONFIG_INVALID' }, JSON.stringify(changed));
  }
  assertSurvives([JSON.stringify(document)], (bytes) => parseSigningConfig(bytes, 'f'));
});

const now = new Date('2026-06-01');
const service = (url: string, apiVersion: number, operator: string, start: string, end?: string): Service => ({
  url,
  apiVersion,
  operator,
  window: { start: new Date(start), ...(end === undefined ? {} : { end: new Date(end) }) },
});

test('selectServices() takes the newest of each operator, in its highest version', () => {
  const services = [
    service('old', 1, 'a', '2020-01-01'),
    service('new', 2, 'a', '2026-01-01'),
    service('newer', 2, 'b', '2026-05-01'),
    service('ended', 2, 'c', '2020-01-01', '2026-01-01'),
    service('future', 2, 'd', '2027-01-01'),
    service('unknown', 9, 'e', '2026-01-01'),
    { ...service('never', 2, 'f', '2026-01-01'), window: {} },
  ];
  const urls = (selector: 'any' | 'all' | number, versions: readonly number[] = [1, 2]): string[] =>
    selectServices({ services, selector }, versions, now, 'log').map(({ url }) => url);
  assert.deepEqual(urls('any'), ['newer']);
  assert.deepEqual(urls('all'), ['newer', 'new']);
  assert.deepEqual(urls(2), ['newer', 'new']);
  assert.deepEqual(urls('any', [1]), ['old']);
  assert.throws(() => urls(3), { code: 'SIGNING_CONFIG_INVALID' });
  assert.throws(() => urls('all', [7]), { code: 'SIGNING_CONFIG_INVALID' });
});
