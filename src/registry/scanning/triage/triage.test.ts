import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { temporaryDirectory } from '../../../../testing/image/temporary-directory.ts';
import { keepTestScan, scannedPackage } from '../../../../testing/store/metadata-scans.ts';
import { openTestContent } from '../../../../testing/registry/test-content.ts';
import { insertManifest } from '../../../store/metadata/manifests.ts';
import { storeContent } from '../../../store/metadata/blobs.ts';
import { ensureRepository } from '../../../store/metadata/repositories.ts';
import { setTag } from '../../../store/metadata/tags.ts';
import type { SqlDatabase } from '../../../store/sql/database.ts';
import { schemeOf } from '../../../version/list.ts';
import type { VersionScheme } from '../../../version/scheme.ts';
import type { Digest } from '../../../oci/digest.ts';
import { TriageError } from './error.ts';
import { findImages } from './find-images.ts';
import { findPackages } from './find-packages.ts';
import { parseQuestion } from './parse-question.ts';
import { holdsVersion, parseVersionSet } from './version-set.ts';

const semver = schemeOf('npm') as VersionScheme;

test('parseQuestion() reads ids, names and purls', () => {
  const versions = [[{ operator: '<', version: '2.0' }]];
  for (const [text, expected] of [
    ['cve-2021-44228', { kind: 'flaw', id: 'CVE-2021-44228' }],
    ['GHSA-jfh8-c2jp-5v3q', { kind: 'flaw', id: 'GHSA-jfh8-c2jp-5v3q' }],
    ['openSUSE-SU-2021:0001-1', { kind: 'flaw', id: 'openSUSE-SU-2021:0001-1' }],
    ['HTTP-Message@<2.0', { kind: 'package', name: 'HTTP-Message', versions }],
    ['go-2021@<2.0', { kind: 'package', name: 'go-2021', versions }],
    ['lodash@<2.0', { kind: 'package', name: 'lodash', versions }],
    [' lodash @<2.0', { kind: 'package', name: 'lodash', versions }],
    ['@scope/name@< 2.0', { kind: 'package', name: '@scope/name', versions }],
    [
      'pkg:npm/%40scope/name@<2.0',
      { kind: 'package', name: '@scope/name', type: 'npm', namespace: '@scope', versions },
    ],
    ['pkg:maven/org.a/b@<2.0', { kind: 'package', name: 'org.a:b', type: 'maven', namespace: 'org.a', versions }],
    ['pkg:deb/debian/openssl@<2.0', { kind: 'package', name: 'openssl', type: 'deb', namespace: 'debian', versions }],
  ] as const) {
    assert.deepEqual(parseQuestion(text), expected, text);
  }
  for (const text of [
    '',
    '@',
    'a b',
    'lodash@',
    'lodash@<',
    'lodash@<<2',
    'lodash@^4',
    'lodash@~4.1 || 1',
    'lodash',
    'node-fetch',
    'pkg:npm/lodash',
    'go-2021-0113',
    'CVE-2021',
    'cve-2021-4422x',
    'CVE-2021-44228-1',
    'pkg:npm@<1',
    'CVE-2021-44906@1',
    'cve-2021-44906@<2',
    'GHSA-jfh8-c2jp-5v3q@*',
    'RHSA-2021:0001@1',
    'RUSTSEC-2021-0001@1',
    'x'.repeat(501),
    `a@${'<1 '.repeat(30)}`,
    'two words@<1',
    'a\u001B[31m@<1',
    ' @<1',
  ]) {
    assert.throws(() => parseQuestion(text), TriageError, text);
  }
});

test('parseQuestion() says that a flaw has no versions', () => {
  assert.throws(
    () => parseQuestion('CVE-2021-44906@1'),
    /"CVE-2021-44906" is the id of a flaw, which has no versions; /,
  );
});

test('holdsVersion() compares by the scheme, and says when it cannot', () => {
  for (const [range, version, expected] of [
    ['<1.10.0', '1.9.0', true],
    ['<1.10.0', '1.10.0', false],
    ['<=1.10.0', '1.10.0', true],
    ['>=1.0.0 <2.0.0', '1.5.0', true],
    ['>=1.0.0,<2.0.0', '2.0.0', false],
    ['<1.0.0 || >=3.0.0', '3.1.0', true],
    ['1.0.0', '1.0.0', true],
    ['=1.0.0', '1.0.1', false],
    ['>1.0.0', '1.0.0', false],
    ['*', 'whatever', true],
    ['<1.0.0', 'no version', undefined],
    ['no-version', 'no-version', true],
    ['<1.0.0 || *', 'no version', true],
  ] as const) {
    assert.equal(holdsVersion(parseVersionSet(range), semver, version), expected, `${version} in ${range}`);
  }
});

async function place(
  database: SqlDatabase,
  repository: string,
  digest: Digest,
  tags: readonly string[],
): Promise<void> {
  await database.transaction(async (queries) => {
    const id = await ensureRepository(queries, repository, 1);
    await storeContent(queries, digest, Buffer.from('x'), 1);
    const manifest = { digest, mediaType: 'm', size: 1, artifactType: undefined, subject: undefined, annotations: {} };
    await insertManifest(queries, id, { ...manifest, links: [] }, 1);
    for (const tag of tags) await setTag(queries, id, tag, digest, 1);
  });
}

const names = ['a', 'b', 'c'];
const versions = ['1.0.0', '1.2.0', '2.0.0', 'broken'];
const flaws = ['CVE-2026-1', 'CVE-2026-2', 'GHSA-1'];
const anyPackage = fc.record({ name: fc.constantFrom(...names), version: fc.constantFrom(...versions) });
const anyImage = fc.record({
  packages: fc.array(anyPackage, { maxLength: 4 }),
  repositories: fc.uniqueArray(fc.constantFrom('one', 'two', 'hidden'), { maxLength: 3 }),
});
const anyQuestion = fc.oneof(
  fc.constantFrom(...flaws),
  fc
    .tuple(fc.constantFrom(...names), fc.constantFrom('<1.2.0', '>=1.2.0', '*', '1.0.0', '<1.0.0 || >1.2.0'))
    .map((parts) => parts.join('@')),
);

test('findImages() finds what looking through all that is known of each image would find', async () => {
  using folder = temporaryDirectory();
  await using world = await openTestContent({ folder: folder.path, clock: { now: 1 } });
  const { database } = world.content;
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyImage, { maxLength: 6 }),
      fc.dictionary(
        fc.constantFrom(...names.flatMap((name) => versions.map((version) => `${name} ${version}`))),
        fc.subarray(flaws),
      ),
      fc.array(anyQuestion, { minLength: 1, maxLength: 4 }),
      async (images, known, questions) => {
        for (const table of [
          'scans',
          'packages',
          'image_packages',
          'package_flaws',
          'manifests',
          'tags',
          'scan_inventories',
        ]) {
          await database.run(`DELETE FROM ${table}`);
        }
        const flawsOf = (name: string, version: string): readonly string[] =>
          Object.hasOwn(known, `${name} ${version}`) ? (known[`${name} ${version}`] ?? []) : [];
        const told: {
          digest: Digest;
          packages: { name: string; version: string }[];
          repositories: readonly string[];
        }[] = [];
        for (const [at, { packages, repositories }] of images.entries()) {
          const distinct = [...new Map(packages.map((one) => [`${one.name} ${one.version}`, one])).values()];
          const digest = await keepTestScan(
            database,
            `image ${at}`,
            distinct.map(({ name, version }) => scannedPackage(name, version, flawsOf(name, version))),
          );
          for (const repository of repositories) await place(database, repository, digest, [`v${at}`]);
          told.push({ digest, packages: distinct, repositories });
        }
        for (const text of questions) {
          const question = parseQuestion(text);
          const { images: found } = await findImages(database, question, (repository) => repository !== 'hidden');
          const expected = told.flatMap(({ digest, packages, repositories }, at) => {
            const hits = packages.filter(({ name, version }) =>
              question.kind === 'flaw'
                ? flawsOf(name, version).includes(question.id)
                : name === question.name && holdsVersion(question.versions, semver, version) === true,
            );
            if (hits.length === 0) return [];
            return repositories
              .filter((repository) => repository !== 'hidden')
              .map(
                (repository) =>
                  `${repository}:v${at} ${digest} ${hits
                    .map(({ name, version }) => `${name} ${version}`)
                    .sort()
                    .join()}`,
              );
          });
          const seen = found.map(
            ({ repository, digest, tags, packages }) =>
              `${repository}:${tags.join()} ${digest} ${packages
                .map(({ name, version }) => `${name} ${version}`)
                .sort()
                .join()}`,
          );
          assert.deepEqual(seen.sort(), expected.sort(), text);
        }
      },
    ),
    { numRuns: 12 },
  );
});

test('findPackages() takes spellings for one name where their ecosystem does, and artifacts of Maven without a group', async () => {
  using folder = temporaryDirectory();
  await using world = await openTestContent({ folder: folder.path, clock: { now: 1 } });
  const { database } = world.content;
  const packages = (
    [
      ['pypi', 'Django', 'django'],
      ['pypi', 'zope.Interface_x', 'zope.interface-x'],
      ['npm', 'JSONStream', 'JSONStream'],
      ['nuget', 'Newtonsoft.Json', 'Newtonsoft.Json'],
      ['nuget', 'Newtonsoft-Json', 'Newtonsoft-Json'],
      ['composer', 'Monolog/Monolog', 'monolog/monolog'],
      ['gem', 'RedCloth', 'RedCloth'],
      ['maven', 'org.a:log4j-core', 'org.a/log4j-core'],
      ['maven', 'org.b:log4j-core', 'org.b/log4j-core'],
      ['maven', 'org.b:core', 'org.b/core'],
    ] as const
  ).map(([type, name, named]) => {
    const purl = `pkg:${type}/${named}@1.0.0`;
    return { ...scannedPackage(name, '1.0.0'), key: purl, type, purl };
  });
  await keepTestScan(database, 'image', packages);
  for (const [text, ...expected] of [
    ['django@<2', 'Django'],
    ['DJANGO@<2', 'Django'],
    ['pkg:pypi/Django@<2', 'Django'],
    ['pkg:npm/django@<2'],
    ['zope-interface-x@*', 'zope.Interface_x'],
    ['zope_interface.X@*', 'zope.Interface_x'],
    ['jsonstream@*'],
    ['newtonsoft.json@<2', 'Newtonsoft.Json'],
    ['pkg:nuget/newtonsoft.json@<2', 'Newtonsoft.Json'],
    ['pkg:composer/monolog/monolog@1.0.0', 'Monolog/Monolog'],
    ['redcloth@*'],
    ['RedCloth@*', 'RedCloth'],
    ['log4j-core@<2', 'org.a:log4j-core', 'org.b:log4j-core'],
    ['org.a:log4j-core@<2', 'org.a:log4j-core'],
    ['pkg:maven/org.b/log4j-core@<2', 'org.b:log4j-core'],
    ['core@<2', 'org.b:core'],
    [':core@<2'],
    ['org.a@<2'],
    ['django@<1'],
  ] as const) {
    const found = await findPackages(database, parseQuestion(text));
    assert.deepEqual([found.packages.map(({ name }) => name).toSorted(), found.unreadable], [expected, []], text);
  }
});
