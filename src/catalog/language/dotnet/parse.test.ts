import assert from 'node:assert/strict';
import test from 'node:test';
import { assertSurvives } from '../../../../testing/hostile-bytes.ts';
import { CatalogError } from '../../error.ts';
import { parseDepsJson, type DependencyPackages } from './parse.ts';

const hash = Buffer.alloc(64, 0xab);
const framework = '.NETCoreApp,Version=v8.0';
const target = `${framework}/linux-x64`;

const application = {
  runtimeTarget: { name: target, signature: '' },
  targets: {
    [framework]: { 'Only.Portable/1.0.0': { runtime: { 'a.dll': {} } } },
    [target]: {
      'App/1.0.0': {
        dependencies: { 'Newtonsoft.Json': '13.0.1', 'runtimepack.Microsoft.NETCore.App.Runtime.linux-x64': '8.0.1' },
        runtime: { 'App.dll': {} },
      },
      'Newtonsoft.Json/13.0.1': {
        runtime: { 'lib/netstandard2.0/Newtonsoft.Json.dll': { assemblyVersion: '13.0.0.0' } },
      },
      'Serilog.Sinks/2.0.0': {
        dependencies: { 'Newtonsoft.Json': '13.0.1', 'System.Text.Json': '4.7.0' },
        runtime: { 'a.dll': {} },
      },
      'System.Text.Json/4.7.0': { dependencies: { 'Newtonsoft.Json': '13.0.1' } },
      'Compile.Only/1.0.0': { compile: { 'a.dll': {} } },
      'SQLite.Native/3.0.0': { native: { 'runtimes/linux-x64/native/libe_sqlite3.so': {} } },
      'Many.Platforms/3.0.0': { runtimeTargets: { 'runtimes/win/a.dll': { rid: 'win' } } },
      'Only.Resources/3.0.0': { resources: { 'lib/de/a.resources.dll': { locale: 'de' } } },
      'runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/8.0.1': { runtime: { 'System.Runtime.dll': {} } },
      'Library/2.0.0': { runtime: { 'Library.dll': {} } },
    },
  },
  libraries: {
    'App/1.0.0': { type: 'project', serviceable: false, sha512: '' },
    'Newtonsoft.Json/13.0.1': { type: 'package', serviceable: true, sha512: `sha512-${hash.toString('base64')}` },
    'Serilog.Sinks/2.0.0': { type: 'package', sha512: 'sha512-short' },
    'System.Text.Json/4.7.0': { type: 'package' },
    'Compile.Only/1.0.0': { type: 'package' },
    'SQLite.Native/3.0.0': { type: 'package' },
    'Many.Platforms/3.0.0': { type: 'package' },
    'Only.Resources/3.0.0': { type: 'package' },
    'Only.Portable/1.0.0': { type: 'package' },
    'runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/8.0.1': { type: 'runtimepack', sha512: '' },
    'Library/2.0.0': { type: 'project' },
    'Reference/1.0.0.0': { type: 'reference' },
  },
};

function parse(document: unknown): DependencyPackages {
  return parseDepsJson(Buffer.from(JSON.stringify(document)));
}

function names(document: unknown): string[] {
  return parse(document).packages.map(({ name, version }) => `${name}/${version}`);
}

test('parseDepsJson() lists packages and runtime packs that bring files for the runtime target', () => {
  const nuget = { type: 'nuget', licenses: [], cataloger: 'dotnet-deps' };
  assert.deepEqual(parse(application), {
    unusable: 0,
    packages: [
      { ...nuget, name: 'Newtonsoft.Json', version: '13.0.1', digest: `sha512:${hash.toString('hex')}` },
      { ...nuget, name: 'Serilog.Sinks', version: '2.0.0', dependsOn: ['Newtonsoft.Json'] },
      { ...nuget, name: 'SQLite.Native', version: '3.0.0' },
      { ...nuget, name: 'Many.Platforms', version: '3.0.0' },
      { ...nuget, name: 'Only.Resources', version: '3.0.0' },
      { ...nuget, name: 'Microsoft.NETCore.App.Runtime.linux-x64', version: '8.0.1' },
    ],
  });
});

const libraries = { 'A/1.0.0': { type: 'package' }, 'B/1.0.0': { type: 'package' } };
const targets: readonly (readonly [string, object, readonly string[]])[] = [
  [
    'a target named by text',
    { runtimeTarget: 't', targets: { t: { 'A/1.0.0': { runtime: { 'a.dll': {} } } } } },
    ['A/1.0.0'],
  ],
  ['no runtime target', { targets: { t: {} } }, ['A/1.0.0', 'B/1.0.0']],
  ['a runtime target that is missing', { runtimeTarget: { name: 'x' }, targets: { t: {} } }, ['A/1.0.0', 'B/1.0.0']],
  [
    'a runtime target named like a prototype',
    { runtimeTarget: { name: 'constructor' }, targets: {} },
    ['A/1.0.0', 'B/1.0.0'],
  ],
  ['an empty runtime target', { runtimeTarget: { name: 't' }, targets: { t: {} } }, []],
];

for (const [what, fields, expected] of targets) {
  test(`parseDepsJson() reads a document with ${what}`, () => {
    assert.deepEqual(names({ ...fields, libraries }), expected);
  });
}

test('parseDepsJson() counts keys that are no name and version', () => {
  const entry = { type: 'package' };
  assert.deepEqual(
    parse({ libraries: { 'A/1.0.0': entry, B: entry, '/1.0.0': entry, 'C/': entry, 'D\u0007/1': entry } }),
    {
      unusable: 4,
      packages: [{ type: 'nuget', name: 'A', version: '1.0.0', licenses: [], cataloger: 'dotnet-deps' }],
    },
  );
});

test('parseDepsJson() finds nothing in a document without libraries', () => {
  for (const document of [{}, { libraries: [] }, { libraries: { 'A/1.0.0': 'package' } }])
    assert.deepEqual(names(document), []);
});

test('parseDepsJson() refuses what is no object', () => {
  assert.throws(
    () => parse([]),
    (error) => error instanceof CatalogError && error.code === 'MALFORMED',
  );
});

test('parseDepsJson() survives hostile bytes', () => {
  assertSurvives([JSON.stringify(application)], parseDepsJson, ({ packages }) => {
    for (const { name, version } of packages) assert.ok(name !== '' && version !== '');
  });
});
