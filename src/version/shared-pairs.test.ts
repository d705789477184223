import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { needsSharedData, sharedData } from '../../testing/shared-data.ts';
import { schemes } from './list.ts';
import type { VersionScheme } from './scheme.ts';

/** Scheme by the first word of the file's name. */
const schemeByFile: Readonly<Record<string, string>> = {
  alpine: 'apk',
  cran: 'cran',
  debian: 'deb',
  hackage: 'hackage',
  maven: 'maven',
  nuget: 'nuget',
  packagist: 'composer',
  pub: 'pub',
  pypi: 'pep440',
  redhat: 'rpm',
  rubygems: 'gem',
  semver: 'semver',
};

const signs: Readonly<Record<string, number>> = { '<': -1, '=': 0, '>': 1 };

function wrongPairs(scheme: VersionScheme, lines: readonly string[]): string[] {
  return lines.filter((line) => {
    const [a, sign, b] = line.split(' ') as [string, string, string];
    const wanted = signs[sign] as number;
    return Math.sign(scheme.compare(a, b)) !== wanted || Math.sign(scheme.compare(b, a)) !== 0 - wanted;
  });
}

test('every scheme orders the pairs that the native tools made', needsSharedData('versions'), (context) => {
  const folder = sharedData('versions') as string;
  let total = 0;
  for (const file of readdirSync(folder).sort()) {
    const id = schemeByFile[file.split('-')[0] as string];
    const scheme = schemes.find((scheme) => scheme.id === id) as VersionScheme;
    const lines = readFileSync(join(folder, file), 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !/^(?:#|\/\/)/.test(line));
    assert.ok(
      lines.every((line) => /^\S+ [<=>] \S+$/.test(line)),
      `${file} has lines of another form`,
    );
    assert.deepEqual(wrongPairs(scheme, lines), [], file);
    context.diagnostic(`${file}: ${lines.length} pairs`);
    total += lines.length;
  }
  assert.ok(total >= 71_000, `only ${total} pairs were read`);
});
