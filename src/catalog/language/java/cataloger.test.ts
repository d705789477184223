import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { catalogFile } from '../../../../testing/catalog-file.ts';
import { assertSurvives } from '../../../../testing/hostile-bytes.ts';
import { needsSharedData, sharedData } from '../../../../testing/shared-data.ts';
import { buildZip, type ZipPart } from '../../../../testing/zip-builder.ts';
import type { Package } from '../../../package/package.ts';
import type { CatalogResult } from '../../cataloger.ts';
import { CatalogError } from '../../error.ts';
import { parseArchiveName } from './archive-name.ts';
import { javaArchive } from './cataloger.ts';

function sha1(bytes: Buffer): string {
  return `sha1:${createHash('sha1').update(bytes).digest('hex')}`;
}

function properties(group: string, artifact: string, version: string, root = ''): ZipPart {
  return {
    name: `${root}META-INF/maven/${group}/${artifact}/pom.properties`,
    content: `groupId=${group}\nartifactId=${artifact}\nversion=${version}\n`,
    deflate: true,
  };
}

function manifest(text: string): ZipPart {
  return { name: 'META-INF/MANIFEST.MF', content: `Manifest-Version: 1.0\r\n${text}\r\n`, deflate: true };
}

function read(path: string, bytes: Buffer): CatalogResult {
  return javaArchive.read(catalogFile(path, bytes));
}

function packages({ facts }: CatalogResult): Package[] {
  return facts.map((fact) => (fact.kind === 'package' ? fact.package : assert.fail('no package')));
}

/** `name@version`, and where in the archive. */
function summary(result: CatalogResult): string[] {
  return packages(result).map(({ name, version, innerPath }) => `${name}@${version} ${innerPath ?? '.'}`);
}

const inner = buildZip([properties('org.inner', 'inner', '2.0')]);
const middle = buildZip([
  properties('org.middle', 'middle', '1.5'),
  { name: 'lib/inner-2.0.jar', content: inner, deflate: true },
]);
const application = buildZip([
  manifest('Implementation-Title: app'),
  properties('org.app', 'app', '1.0'),
  properties('org.shaded', 'shaded', '3.0'),
  { name: 'BOOT-INF/lib/middle-1.5.jar', content: middle },
  { name: 'App.class', content: 'cafe' },
]);

test('javaArchive lists an archive, what was merged into it, and the archives inside it', () => {
  const base = { type: 'maven', licenses: [], cataloger: 'java-archive' } as const;
  const result = read('srv/app.jar', application);
  assert.deepEqual(packages(result), [
    { ...base, name: 'org.app:app', version: '1.0', digest: sha1(application) },
    {
      ...base,
      name: 'org.shaded:shaded',
      version: '3.0',
      innerPath: 'META-INF/maven/org.shaded/shaded/pom.properties',
    },
    {
      ...base,
      name: 'org.middle:middle',
      version: '1.5',
      digest: sha1(middle),
      innerPath: 'BOOT-INF/lib/middle-1.5.jar',
    },
    {
      ...base,
      name: 'org.inner:inner',
      version: '2.0',
      digest: sha1(inner),
      innerPath: 'BOOT-INF/lib/middle-1.5.jar!/lib/inner-2.0.jar',
    },
  ]);
  assert.deepEqual(result.problems, []);
});

test('javaArchive reads an archive that a shell can run', () => {
  const bytes = Buffer.concat([Buffer.from('#!/bin/bash\nexec java -jar "$0"\n'), application]);
  assert.equal(packages(read('srv/app.jar', bytes)).length, 4);
});

test('javaArchive lists a merged package once', () => {
  const bytes = buildZip([
    properties('g', 'a', '1'),
    properties('g', 'b', '2'),
    { ...properties('g', 'b', '2'), name: 'META-INF/versions/9/META-INF/maven/g/b/pom.properties' },
    {
      name: 'META-INF/maven/g/c/pom.xml',
      content: '<project><groupId>g</groupId><artifactId>c</artifactId><version>3</version></project>',
    },
  ]);
  assert.deepEqual(summary(read('a-1.jar', bytes)), [
    'g:a@1 .',
    'g:b@2 META-INF/maven/g/b/pom.properties',
    'g:c@3 META-INF/maven/g/c/pom.xml',
  ]);
});

test('javaArchive takes licences from the pom, else from the manifest', () => {
  const pom = '<project><licenses><license><name>MIT</name></license></licenses></project>';
  const bytes = buildZip([
    properties('g', 'a', '1'),
    { name: 'META-INF/maven/g/a/pom.xml', content: pom },
    manifest('Bundle-License: Apache-2.0'),
  ]);
  assert.deepEqual(packages(read('a-1.jar', bytes))[0]?.licenses, ['MIT']);
  assert.deepEqual(packages(read('b-1.jar', buildZip([manifest('Bundle-License: Apache-2.0')])))[0]?.licenses, [
    'Apache-2.0',
  ]);
});

test('javaArchive leaves instrumentation modules out, but not what they hold', () => {
  const bytes = buildZip([manifest('Weave-Classes: a.B'), { name: 'lib/inner-2.0.jar', content: inner }]);
  assert.deepEqual(summary(read('spring-web-5.0.jar', bytes)), ['org.inner:inner@2.0 lib/inner-2.0.jar']);
});

const quiet: readonly (readonly [path: string, bytes: Buffer])[] = [
  ['a-1.0-sources.jar', inner],
  ['a-1.0-javadoc.jar', inner],
  ['empty.jar', Buffer.alloc(0)],
  ['photos.rar', Buffer.from('Rar!\u001a\u0007\u0001\u0000')],
  ['.jar', inner],
  ['a.aar', inner],
];

for (const [path, bytes] of quiet) {
  test(`javaArchive makes nothing of ${path}`, () => assert.deepEqual(read(path, bytes).facts, []));
}

test('javaArchive leaves sources inside an archive out', () => {
  const bytes = buildZip([{ name: 'lib/inner-2.0-sources.jar', content: inner }, { name: 'lib/marker.jar' }]);
  assert.deepEqual(read('app.war', bytes), { facts: [], problems: [] });
});

test('javaArchive rejects a file that is no archive', () => {
  assert.throws(
    () => read('a.jar', Buffer.from('version https://git-lfs.example/spec/v1\n')),
    (error) => error instanceof CatalogError && error.code === 'MALFORMED',
  );
});

test('javaArchive reports what it cannot read and lists the rest', () => {
  const bytes = buildZip([
    properties('g', 'a', '1'),
    { name: 'lib/locked.jar', content: 'x', flags: 1 },
    { name: 'lib/wrong.jar', content: 'no archive' },
    { name: 'lib/damaged.jar', content: inner.subarray(0, -4) },
    { name: 'lib/inner.jar', content: inner },
  ]);
  const result = read('srv/a.jar', bytes);
  assert.deepEqual(summary(result), ['g:a@1 .', 'org.inner:inner@2.0 lib/inner.jar']);
  assert.deepEqual(
    result.problems?.map(({ code, subject }) => [code, subject]),
    ['locked', 'wrong', 'damaged'].map((name) => ['ARCHIVE_UNREADABLE', `srv/a.jar!/lib/${name}.jar`]),
  );
});

test('javaArchive reads what stands before damage in the directory', () => {
  const bytes = buildZip([properties('g', 'a', '1'), { name: 'last.txt' }]);
  bytes.fill(0, bytes.lastIndexOf('PK\u0001\u0002'), bytes.lastIndexOf('PK\u0001\u0002') + 4);
  const result = read('a.jar', bytes);
  assert.deepEqual(summary(result), ['g:a@1 .']);
  assert.equal(result.problems?.length, 1);
});

test('javaArchive goes 16 archives deep and reports what is deeper', () => {
  let bytes = inner;
  for (let depth = 0; depth < 20; depth++) bytes = buildZip([{ name: 'a.jar', content: bytes, deflate: true }]);
  const result = read('a.jar', bytes);
  assert.deepEqual(result.facts, []);
  assert.deepEqual(
    result.problems?.map(({ subject }) => subject),
    [`a.jar${'!/a.jar'.repeat(17)}`],
  );
});

test('javaArchive stops archives that share their bytes to become more', () => {
  let bytes = buildZip([{ name: 'big.jar', content: Buffer.alloc(3_000_000), deflate: true }]);
  for (let depth = 0; depth < 4; depth++) {
    const copies = Array.from({ length: 30 }, (_, index): ZipPart => ({ name: `${index}.jar`, shares: 0 }));
    bytes = buildZip([
      { name: 'a.jar', content: bytes, deflate: true },
      ...copies.map((part) => ({ ...part, size: bytes.length })),
    ]);
  }
  const result = read('bomb.jar', bytes);
  assert.deepEqual(result.facts, []);
  assert.ok((result.problems?.length ?? 0) <= 51);
});

test('javaArchive unpacks no further archives once it has read more descriptors than real ones have', () => {
  const descriptors = Array.from({ length: 20_001 }, (_, index): ZipPart => {
    return {
      name: `META-INF/maven/g/a${index}/pom.properties`,
      content: `groupId=g\nartifactId=a${index}\nversion=1\n`,
    };
  });
  const nested = buildZip([
    { name: 'META-INF/MANIFEST.MF', content: 'Implementation-Title: late\nImplementation-Version: 1\n' },
  ]);
  const result = read('bomb.jar', buildZip([...descriptors, { name: 'late-1.jar', content: nested }]));
  assert.equal(result.facts.length, 20_000);
  assert.deepEqual(
    result.problems?.map(({ subject }) => subject),
    ['bomb.jar!/META-INF/maven/g/a20000/pom.properties', 'bomb.jar!/late-1.jar'],
  );
});

const suffixes: readonly (readonly [path: string, stem: string | undefined])[] = [
  ['opt/A-1.JAR', 'A-1'],
  ['x.lpkg', 'x'],
  ['deep/x.hpi', 'x'],
  ['x.jarx', undefined],
  ['jar', undefined],
  ['folder.jar/file', undefined],
  ['lib/.jar', undefined],
];

for (const [path, stem] of suffixes) {
  test(`parseArchiveName() reads ${path}`, () => assert.equal(parseArchiveName(path)?.stem, stem));
}

test('javaArchive survives hostile archives', () => {
  assertSurvives([application, middle, inner], (bytes) => read('app.jar', bytes));
});

test('javaArchive reads a real web application', needsSharedData('jars', 'gradle.war'), () => {
  const result = read('gradle.war', readFileSync(sharedData('jars', 'gradle.war') as string));
  assert.deepEqual(summary(result), [
    'commons-dbcp:commons-dbcp@1.4 WEB-INF/lib/commons-dbcp-1.4.jar',
    'commons-pool:commons-pool@1.6 WEB-INF/lib/commons-pool-1.6.jar',
    'log4j:log4j@1.2.17 WEB-INF/lib/log4j-1.2.17.jar',
    'org.apache.commons:commons-compress@1.19 WEB-INF/lib/commons-compress-1.19.jar',
  ]);
  assert.equal(packages(result)[2]?.digest, 'sha1:5af35056b4d257e4b64b9e8069c0746e8b08629f');
});

test('javaArchive follows no path of absurd length, which every package behind it would repeat', () => {
  const inner = buildZip([{ name: 'META-INF/MANIFEST.MF', content: 'Implementation-Version: 1\n' }]);
  const nest = (folder: string): Buffer => buildZip([{ name: `${folder}/b-1.jar`, content: inner, deflate: true }]);
  assert.deepEqual(summary(read('a.jar', nest('d'.repeat(2000)))), [`b@1 ${'d'.repeat(2000)}/b-1.jar`]);
  const { facts, problems } = read('a.jar', nest('d'.repeat(2048)));
  assert.deepEqual(facts, []);
  assert.match(problems?.[0]?.message ?? '', /nested too deep/);
});

test('javaArchive reads a real archive in an archive in an archive', needsSharedData('jars', 'nested.jar'), () => {
  assert.deepEqual(summary(read('nested.jar', readFileSync(sharedData('jars', 'nested.jar') as string))), [
    'test:nested@0.0.1 .',
    'test:nested2@0.0.2 META-INF/jars/nested2.jar',
    'test:nested3@0.0.3 META-INF/jars/nested2.jar!/META-INF/jars/nested3.jar',
  ]);
});
