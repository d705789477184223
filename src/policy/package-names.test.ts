import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PatternSpec } from '../base/name-pattern.ts';
import type { PackageType } from '../package/package.ts';
import { compilePackageNames } from './package-names.ts';

const cases: readonly (readonly [spec: PatternSpec, type: PackageType, name: string, isNamed: boolean])[] = [
  ['django', 'pypi', 'Django', true],
  ['Django', 'pypi', 'django', true],
  ['Flask_Cors', 'pypi', 'flask-cors', true],
  ['flask.*', 'pypi', 'Flask_Cors', true],
  [{ wildcard: 'FLASK_*' }, 'pypi', 'Flask-Cors', true],
  [{ regex: 'flask-.*' }, 'pypi', 'Flask_Cors', true],
  [{ regex: 'Flask_.*' }, 'pypi', 'Flask_Cors', true],
  ['[A-_]x', 'pypi', 'Bx', true],
  ['djang', 'pypi', 'Django', false],
  ['newtonsoft.json', 'nuget', 'Newtonsoft.Json', true],
  ['newtonsoft-json', 'nuget', 'Newtonsoft.Json', false],
  ['Guzzlehttp/*', 'composer', 'guzzlehttp/guzzle', true],
  ['Redis', 'bitnami', 'redis', true],
  ['OpenSSL', 'deb', 'openssl', false],
  ['Lodash', 'npm', 'lodash', false],
];

for (const [spec, type, name, isNamed] of cases) {
  test(`${JSON.stringify(spec)} is ${isNamed ? 'a' : 'no'} name of ${name} of ${type}`, () => {
    assert.equal(compilePackageNames([spec])({ type, name }), isNamed);
  });
}
