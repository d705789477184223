import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { NetworkResponse } from '../../net/network.ts';
import { nextPage } from './next-page.ts';

const path = '/v2/team/app/referrers/sha256:00';

function answer(link: string | undefined): NetworkResponse {
  const headers = new Map(link === undefined ? [] : [['link', link]]);
  const url = new URL(`https://registry.example:5000${path}?n=1`);
  return { headers, url } as unknown as NetworkResponse;
}

test('nextPage() finds the next page as registries name it', () => {
  const here = 'https://registry.example:5000';
  for (const [link, next] of [
    [undefined, undefined],
    ['', undefined],
    [`<${path}?last=a>; rel="next"`, `${here}${path}?last=a`],
    [`<${path}?last=a>;rel=next`, `${here}${path}?last=a`],
    [`<?last=a>; title="a, b"; rel="prev next"`, `${here}${path}?last=a`],
    [`<?last=a>; REL=NEXT`, `${here}${path}?last=a`],
    [`</x>; rel="first", <?last=a>; rel="next"`, `${here}${path}?last=a`],
    [`<?last=a>; rel="previous"`, undefined],
    [`<?last=a>; rel="nextish"`, undefined],
    // Behind a proxy that ends TLS.
    [`<http://registry.example${path}?last=a>; rel="next"`, `${here}${path}?last=a`],
    ['</api/docker/v2/app/tags/list?n=1>; rel="next"', `${here}/api/docker/v2/app/tags/list?n=1`],
    ['?last=a; rel="next"', undefined],
  ] as const) {
    assert.equal(nextPage(answer(link))?.href, next, link);
  }
});

test('nextPage() asks no other host, and reads no endless header', () => {
  for (const link of [
    '<https://evil.example/x>; rel="next"',
    '<//evil.example/x>; rel="next"',
    '<http://[>; rel="next"',
    `<?${'a'.repeat(9000)}>; rel="next"`,
  ]) {
    assert.throws(() => nextPage(answer(link)), { code: 'REGISTRY_PROTOCOL' }, link.slice(0, 50));
  }
});

test('nextPage() stays with the host whatever the header says', () => {
  const piece = fc.constantFrom(
    '<',
    '>',
    '"',
    ';',
    ',',
    'rel',
    '=',
    'next',
    ' ',
    '//',
    'evil.example',
    '?',
    '\\',
    '@',
    ':',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      try {
        const next = nextPage(answer(pieces.join('')));
        assert.ok(next === undefined || next.host === 'registry.example:5000', next?.href);
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'REGISTRY_PROTOCOL');
      }
    }),
  );
});
