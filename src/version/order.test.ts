import assert from 'node:assert/strict';
import test from 'node:test';
import { distributionVersions } from '../../testing/version/distribution-versions.ts';
import { languageVersions } from '../../testing/version/language-versions.ts';
import type { VersionTable } from '../../testing/version/version-table.ts';
import { VersionError } from './error.ts';
import { schemes } from './list.ts';
import type { VersionScheme } from './scheme.ts';

const tables: Readonly<Record<string, VersionTable>> = { ...distributionVersions, ...languageVersions };

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
  const table = tables[scheme.id] as VersionTable;

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
