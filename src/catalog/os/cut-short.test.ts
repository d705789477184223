import assert from 'node:assert/strict';
import test from 'node:test';
import { catalogFile } from '../../../testing/catalog-file.ts';
import type { Cataloger } from '../cataloger.ts';
import { apk } from './apk/cataloger.ts';
import { dpkg } from './dpkg/cataloger.ts';

const dpkgStanza = 'Package: a\nStatus: install ok installed\nVersion: 1.2.4\n';

const cases: readonly (readonly [Cataloger, string, string, readonly string[]])[] = [
  [apk, 'lib/apk/db/installed', 'P:a\nV:1.2.4\n\n', []],
  [apk, 'lib/apk/db/installed', 'P:a\nV:1.2.4\n', []],
  [apk, 'lib/apk/db/installed', 'P:a\nV:1.2.4', ['FILE_TRUNCATED']],
  [dpkg, 'var/lib/dpkg/status', dpkgStanza, []],
  [dpkg, 'var/lib/dpkg/status', dpkgStanza.trimEnd(), ['FILE_TRUNCATED']],
  // Builders of minimal images write these by hand, some without the last line's end.
  [dpkg, 'var/lib/dpkg/status.d/a', dpkgStanza.trimEnd(), []],
];

for (const [cataloger, path, text, codes] of cases) {
  test(`${cataloger.id} ${codes.length === 0 ? 'takes' : 'calls cut'} ${JSON.stringify(text.slice(-8))} at the end of ${path}`, () => {
    const { facts, problems = [] } = cataloger.read(catalogFile(path, text));
    assert.ok(facts.some((fact) => fact.kind === 'package'));
    assert.deepEqual(
      problems.map(({ code }) => code),
      codes,
    );
    assert.ok(problems.every(({ incomplete }) => incomplete === true));
  });
}
