import assert from 'node:assert/strict';
import test from 'node:test';
import { VersionError } from './error.ts';
import { schemes } from './list.ts';
import type { VersionScheme } from './scheme.ts';

interface Table {
  /** Lowest first; those of one row, with spaces between, are the same version. */
  readonly ascending: readonly string[];
  /** Texts that are no versions. */
  readonly invalid: readonly string[];
  /** Texts outside the grammar that the ecosystem's tool orders, as pairs, the lower one first. */
  readonly beyond?: readonly (readonly [string, string])[];
}

const tables: Readonly<Record<string, Table>> = {
  apk: {
    ascending: [
      '0.9',
      '1_alpha_pre2',
      '1_alpha',
      '1_alpha1',
      '1_beta',
      '1_pre20240101',
      '1_rc2',
      '1_rc10',
      '1',
      '1-r0 01-r0',
      '1-r9',
      '1-r10 1-r010',
      '1~0a',
      '1~0b',
      '1_cvs',
      '1_svn',
      '1_git20240101',
      '1_git20240101-r1',
      '1_hg',
      '1_p1',
      '1_p1-r2',
      '1a',
      '1b',
      '1b-r1',
      '1b_p1',
      '1p2',
      '1p10-r1',
      '1.0',
      '1.00',
      '1.02',
      '1.09',
      '1.1',
      '1.9',
      '1.10',
      '1.10.1',
      '9',
      '10',
    ],
    invalid: [
      '',
      '1.',
      '.1',
      'a',
      '1..2',
      '1.2_blah',
      '1-ruff',
      '1_rc1.2',
      '1-1',
      '1 ',
      ' 1',
      '1A',
      '1-r',
      '1~',
      '1.2é',
    ],
    beyond: [
      ['1.2_blah', '1.2'],
      ['1-ruff', '1'],
      ['1.2_rc1', '1.2_blah'],
      ['a', 'b'],
      ['z', '0'],
      ['1..1', '1.0'],
    ],
  },
  bitnami: {
    ascending: ['1.2.3-rc.1', '1.2.3 1.2.3-0', '1.2.3-1', '1.2.3-9', '1.2.3-10', '1.2.4-rc.1-2', '1.2.4'],
    invalid: ['', 'latest', '1.2.3-', '1.2.3_1'],
  },
  composer: {
    ascending: [
      'dev-main dev-other',
      'dev-1',
      '1.0-foo 1.0-qux',
      '1.0-dev',
      '1.0-alpha1 1.0a1 1.0.a.1 1.0_alpha+1',
      '1.0-alpha2',
      '1.0-beta1 v1.0b1',
      '1.0-RC1 1.0rc1',
      '1.0 V1.0',
      '1.0.0',
      '1.0.9',
      '1.0.10',
      '1.0.10-p1',
      '1.0.x-dev',
      '1.0-pl1 1.0-patch1',
      '1.2',
    ],
    invalid: ['', 'foo', '^1.0', '1.2.3.#', '1.0 beta', '1,0'],
    beyond: [
      ['dev-main', '0'],
      ['1.2.3.#.beta', '1.2.3'],
      ['1.2.3', '1.2.3.#.1'],
    ],
  },
  cran: {
    ascending: ['0.1', '0.1.0 0.1-0 0.01-0', '0.1-1', '0.9', '0.75', '1.0', '1.0-0', '1.0-0.1', '2'],
    invalid: ['', '1.', '1.0a', '1--0', 'v1.0', '1.0 '],
  },
  deb: {
    ascending: [
      '1~~',
      '1~~a',
      '1~',
      '1~rc1-1',
      '1 0:1 1-0 1-00 01',
      '1-0ubuntu1',
      '1-1~deb12u1',
      '1-1',
      '1-1+b1',
      '1-1.1',
      '1-2',
      '1-10',
      '1a',
      '1a1',
      '1b',
      '1z',
      '1+dfsg-1',
      '1.0-1',
      '1.0-1-1',
      '1.2.3',
      '1.2.10',
      '2',
      '1:0.1',
      '1:0.1-1',
      '2:0',
    ],
    invalid: ['', ':1', '1:', 'a:1', '1-', '-1', '1_2', '1 2', '9999999999:1', '1.0é'],
  },
  gem: {
    ascending: [
      '0.9',
      '1.0.a1 1.0.a.1 1.a1',
      '1.0.a9',
      '1.0.a10 1.0.0.a10',
      '1.0.b1',
      '1.0-1 1.0.pre.1',
      '1.0.rc',
      '1.0.rc1',
      '1 1.0 1.0.0 01',
      '1.0.1.pre',
      '1.0.1',
      '1.2',
      '1.10',
    ],
    invalid: ['', '1.', '.1', 'a', '1beta', '1.0_1', '1.0+1', '1..2'],
    beyond: [
      ['1beta', '1'],
      ['1alpha', '1beta'],
    ],
  },
  generic: {
    ascending: [
      '1.0-dev',
      '1.0-alpha',
      '1.0-alpha1',
      '1.0-beta2',
      '1.0-beta10',
      '1-rc1 1.0rc1 1.0.0-RC1',
      '1 1.0 1.0.0 v1 01.00',
      '1.0k',
      '1.0.1',
      '1.0.2 1.0-2 1_0_2',
      '1.0.2a',
      '1.0.2k',
      '1.0.2zb',
      '1.0.2.1',
      '1.8.0_392-b08',
      '1.8.0_392-b9',
      '2.0',
    ],
    invalid: ['', 'latest', '(devel)', '1.0 beta', '-1', '${version}1'],
  },
  go: {
    ascending: [
      'v0.0.0-20191109021931-daa7c04131f5',
      'v0.0.0-20201109021931-000000000000',
      'v0.0.1',
      'v1.0.0-0',
      'v1.0.0-rc1',
      'v1.0.0',
      'v1.0.1-0.20200101000000-abcdefabcdef',
      '1.0.1 v1.0.1 v1.0.1+incompatible',
      '1.20.0-0',
      'go1.20beta1',
      'go1.20rc2 1.20.0-rc.2',
      'go1.20rc10',
      '1.20.0 go1.20 go1.20.0 1.20',
      'go1.20.3 go1.20.3-bigcorp',
      'go1.21.0',
      'v2.0.0+incompatible',
    ],
    invalid: ['', 'v', '(devel)', 'devel go1.22-abc', '1.2.3.4', 'gone', 'go1.21rc', 'go1.21x', 'V1.0.0', 'v1.0.0-'],
  },
  hackage: {
    ascending: ['0', '0.1', '0.1.0', '0.1.0.1', '0.9', '0.10', '1'],
    invalid: ['', '1.', '1-0', '1.a', 'v1'],
  },
  maven: {
    ascending: [
      '1-alpha-1 1a1 1.0-ALPHA-1',
      '1-alpha-2',
      '1-beta',
      '1-b2 1-beta-2',
      '1-milestone-3 1m3',
      '1-rc 1-cr',
      '1-rc1',
      '1-SNAPSHOT',
      '1 1.0 1-ga 1.0.0-Final 1-release 01 1. 1-',
      '1-sp',
      '1-sp-1',
      '1-abc',
      '1-abc-1 1abc1',
      '1-xyz',
      '1-1 1.0-1',
      '1-2',
      '1.0.1-SNAPSHOT',
      '1.0.1',
      '1.0.1-jre',
      '1.2',
      '1.10',
      '12345678901234567890',
    ],
    invalid: ['', '${project.version}', '[1.0,2.0)', '1.0 beta', '1/2', '1,2'],
  },
  nuget: {
    ascending: [
      '1.0-alpha 1.0.0-ALPHA',
      '1.0.0-alpha.1',
      '1.0.0-Beta.2+meta 1.0.0-beta.2',
      '1.0.0-beta.11',
      '1.0.0-beta.x',
      '1 1.0 1.0.0.0 1.0.0+x v1.0',
      '1.0.0.1-a',
      '1.0.0.1',
      '1.0.01.1',
    ],
    invalid: ['', '1.2.3.4.5', '1.0.', '1.0-', '1.0.0-a_b', 'a.b'],
  },
  packagist: {
    ascending: [
      'dev-main dev-other',
      '7.65-dev',
      '7.65-alpha1 7.65.0a1 7.65.0.0-alpha1',
      '7.65-RC1 v7.65.0-RC1',
      '7.65 7.65.0 v7.65.0.0',
      '7.65.0.1',
      '7.65.1',
      '7.65.x-dev',
      '8 8.0 8.0.0.0',
      '8-p1 8.0.0-p1',
      '8.x-dev',
      '20190101',
    ],
    invalid: ['', 'foo', '^1.0', '1,0'],
    // Beyond four numbers nothing is filled up.
    beyond: [['1.0.0.0', '1.0.0.0.0']],
  },
  pep440: {
    ascending: [
      '0.9',
      '1.0.dev0 1.dev 1.0-DEV0',
      '1.0a1.dev1',
      '1.0a1 1.0.alpha-1 1.0ALPHA1 1.0_a_1',
      '1.0a1.post1',
      '1.0b2 1.0-beta.2',
      '1.0rc1.dev2',
      '1.0rc1 1.0c1 1.0pre1 1.0-preview1',
      '1.0 1 v1.0.0 0!1 01.0',
      '1.0+abc',
      '1.0+abc.5 1.0+abc-5 1.0+ABC_5',
      '1.0+abc.7',
      '1.0+5',
      '1.0.post0.dev1',
      '1.0.post0 1.0-0 1.0.post 1.0-r',
      '1.0.post2 1.0-2 1.0.rev2 1.0post2',
      '1.0.1.dev1',
      '1.0.1',
      '1.10',
      '2024.1',
      '1!0.1',
    ],
    invalid: ['', '1.0-bulbasaur', 'a1', '1.0+', '1.0..1', '1.0 beta', '1.0+a..b', '2004d', '1.0.dev1.post1'],
    beyond: [
      ['0.1-bulbasaur', '0.1-charmander'],
      ['9.9-final-draft', '0'],
      ['2004d', '2004g'],
      ['1.0-x', '1.1-x'],
    ],
  },
  pub: {
    ascending: [
      '1.0.0-a',
      '1.0.0-a+1',
      '1.0.0 v1.0.0',
      '1.0.0+1',
      '1.0.0+2',
      '1.0.0+10',
      '1.0.0+a',
      '1.0.0+a.1',
      '1.0.1',
    ],
    invalid: ['', '1.0.0+', '^1.0.0', 'any'],
  },
  rpm: {
    ascending: [
      '1.0~rc1',
      '1.0~rc1-1',
      '1.0~rc2-1',
      '1.0 0:1.0 1_0 1.00',
      '1.0-',
      '1.0-0',
      '1.0-1~beta',
      '1.0-1 0:1.0-1 1.0-01',
      '1.0-1.el9',
      '1.0-1.1',
      '1.0-10.el9',
      '1.0^git1',
      '1.0^git1-1',
      '1.0^git2',
      '1.0^20240101',
      '1.0a-1',
      '1.0b-1',
      '1.0.1-1 1.0+1-1',
      '1.2-1',
      '1.10-1',
      '10.0-1',
      '1:0.1-1 01:0.1-1',
      '2:0-1',
    ],
    invalid: ['', '1:', '-1', '1:-1', '1 2', '1\n', '99999999999:1'],
  },
  semver: {
    ascending: [
      '1.0.0-0',
      '1.0.0-1',
      '1.0.0-10',
      '1.0.0-Alpha',
      '1.0.0-alpha',
      '1.0.0-alpha.1',
      '1.0.0-alpha.beta',
      '1.0.0-alpha-1',
      '1.0.0-rc.2',
      '1.0.0-rc.10',
      '1.0.0-rc1',
      '1.0.0 v1.0.0 =1.0.0 1 1.0 1.0.0+build.5',
      '1.0.0.1',
      '1.0.1',
      '1.2.0',
      '1.10.0',
      '99999999999999999999999999999.0.0',
      '100000000000000000000000000000.0.0',
    ],
    invalid: ['', 'latest', '1.', '.1', '1.0.0-', '1.0.0+', '1.0.0-a..b', '^1.0.0', '1.x', '1.0.0 ', '1.0.0_1'],
  },
};

function assertAscending(scheme: VersionScheme, rows: readonly string[]): void {
  const versions = rows.flatMap((row, index) => row.split(' ').map((text) => ({ text, index })));
  for (const a of versions) {
    for (const b of versions) {
      const order = Math.sign(scheme.compare(a.text, b.text));
      assert.equal(order, Math.sign(a.index - b.index), `${scheme.id}: ${a.text} against ${b.text}`);
    }
  }
}

for (const scheme of schemes) {
  const table = tables[scheme.id] as Table;

  test(`${scheme.id} orders its table, each version against each`, () => {
    assertAscending(scheme, table.ascending);
  });

  test(`${scheme.id} knows what is a version`, () => {
    for (const text of table.ascending.flatMap((row) => row.split(' '))) {
      assert.equal(scheme.isValid(text), true, text);
    }
    for (const text of table.invalid) assert.equal(scheme.isValid(text), false, text);
    for (const [lower, higher] of table.beyond ?? []) {
      assert.ok(scheme.compare(lower, higher) < 0, `${lower} < ${higher}`);
      assert.ok(scheme.compare(higher, lower) > 0, `${higher} > ${lower}`);
    }
  });

  test(`${scheme.id} refuses what nothing orders`, () => {
    const valid = (table.ascending[0] as string).split(' ')[0] as string;
    const unreadable = ['', ' ', '1 2', '1\u0000', '1\n', '1'.repeat(1001), `${'1.'.repeat(500)}1`];
    const orders = table.beyond === undefined ? table.invalid : [];
    for (const text of [...unreadable, ...orders]) {
      const error = { name: 'VersionError', code: 'VERSION_INVALID' };
      assert.equal(scheme.isValid(text), false, JSON.stringify(text));
      assert.throws(() => scheme.compare(text, valid), error, JSON.stringify(text));
      assert.throws(() => scheme.compare(valid, text), error, JSON.stringify(text));
    }
  });
}

test('maven answers as Maven does where its order goes in circles', () => {
  const maven = schemes.find((scheme) => scheme.id === 'maven') as VersionScheme;
  for (const circle of [
    ['2.9.0', '2.9.0-1', '2.9.0.RC1', '2.9.0'],
    ['1.x', '1-rc', '1', '1.x'],
  ]) {
    for (let index = 1; index < circle.length; index += 1) {
      const [lower, higher] = circle.slice(index - 1) as [string, string];
      assert.ok(maven.compare(lower, higher) < 0, `${lower} < ${higher}`);
    }
  }
});

test('VersionError names the text without its control characters', () => {
  const semver = schemes.find((scheme) => scheme.id === 'semver') as VersionScheme;
  assert.throws(
    () => semver.compare('\u001b[31m1', '1'),
    (error) => error instanceof VersionError && error.message.includes(String.raw`"\u001b[31m1"`),
  );
});
