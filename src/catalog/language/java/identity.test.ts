import assert from 'node:assert/strict';
import test from 'node:test';
import { formatName } from './coordinates.ts';
import type { Descriptor } from './descriptor.ts';
import { parseFileName } from './file-name.ts';
import { identify } from './identity.ts';

const names: readonly (readonly [stem: string, artifact: string, version?: string])[] = [
  ['commons-io-2.11.0', 'commons-io', '2.11.0'],
  ['log4j-1.2.17', 'log4j', '1.2.17'],
  ['log4j-1.2-api-2.14.1', 'log4j-1.2-api', '2.14.1'],
  ['guava-31.1-jre', 'guava', '31.1-jre'],
  ['guava-19.0-rc2', 'guava', '19.0-rc2'],
  ['spring-core-5.3.9.RELEASE', 'spring-core', '5.3.9.RELEASE'],
  ['jetty-io-9.4.57.v20241219', 'jetty-io', '9.4.57.v20241219'],
  ['bcprov-jdk15on-1.70', 'bcprov-jdk15on', '1.70'],
  ['netty-transport-native-epoll-4.1.100.Final-linux-x86_64', 'netty-transport-native-epoll', '4.1.100.Final'],
  ['app-1.0-20230101.120000-1', 'app', '1.0-20230101.120000-1'],
  ['app-1.0-SNAPSHOT', 'app', '1.0-SNAPSHOT'],
  ['app-1.0.0-beta-2', 'app', '1.0.0-beta-2'],
  ['app-1.0.0-jar-with-dependencies', 'app', '1.0.0'],
  ['emulator-0.8.20-all', 'emulator', '0.8.20'],
  ['error_prone_annotations-2.18.0', 'error_prone_annotations', '2.18.0'],
  ['geronimo-annotation-1.3-spec-1.3', 'geronimo-annotation-1.3-spec', '1.3'],
  ['library-1.2.3-custom', 'library', '1.2.3-custom'],
  ['maven-core-3.x', 'maven-core'],
  ['plain', 'plain'],
  ['with-words-only', 'with-words-only'],
  ['-1.0', '-1.0'],
  ['', ''],
  [`${'a-1-'.repeat(100)}b`, `${'a-1-'.repeat(100)}b`],
];

for (const [stem, artifact, version] of names) {
  test(`parseFileName() splits ${stem.slice(0, 60)}`, () => {
    assert.deepEqual(parseFileName(stem), version === undefined ? { artifact } : { artifact, version });
  });
}

function descriptor(text: string): Descriptor {
  const [group = '', artifact = '', version = ''] = text.split(':');
  return { group, artifact, version, licenses: [], entry: `META-INF/maven/${group}/${artifact}/pom.properties` };
}

interface Case {
  readonly title: string;
  readonly stem: string;
  readonly manifest?: Readonly<Record<string, string>>;
  readonly descriptors?: readonly string[];
  readonly expected: string | undefined;
}

const cases: readonly Case[] = [
  { title: 'the descriptor that the file name names', stem: 'b-2', descriptors: ['g:a:1', 'g:b:2'], expected: 'g:b@2' },
  { title: 'it without a version in the name', stem: 'b', descriptors: ['g:a:1', 'g:b:2'], expected: 'g:b@2' },
  { title: 'it against another version in the name', stem: 'b-2-patched', descriptors: ['g:b:1'], expected: 'g:b@1' },
  { title: 'it with a variant behind', stem: 'b-2-exec', descriptors: ['g:a:1', 'g:b:2'], expected: 'g:b@2' },
  { title: 'it behind its group', stem: 'org.g.b-2', descriptors: ['x:y:1', 'org.g:b:2'], expected: 'org.g:b@2' },
  { title: 'the exact one of several', stem: 'b-2', descriptors: ['g:b:1', 'h:b:2'], expected: 'h:b@2' },
  {
    title: 'the descriptor that the manifest names',
    stem: 'app',
    manifest: { 'implementation-title': 'b' },
    descriptors: ['g:a:1', 'g:b:2'],
    expected: 'g:b@2',
  },
  {
    title: 'the descriptor that the bundle names',
    stem: 'app',
    manifest: { 'bundle-symbolicname': 'org.g.b;singleton:=true' },
    descriptors: ['g:a:1', 'org.g:b:2'],
    expected: 'org.g:b@2',
  },
  { title: 'the only descriptor of a renamed archive', stem: 'app', descriptors: ['g:b:2'], expected: 'g:b@2' },
  { title: 'no descriptor of many', stem: 'app', descriptors: ['g:a:1', 'g:b:2'], expected: undefined },
  {
    title: 'the manifest against the only merged descriptor',
    stem: 'app',
    manifest: { 'implementation-version': '7.1' },
    descriptors: ['g:b:2'],
    expected: 'app@7.1',
  },
  { title: 'the file name against the only descriptor', stem: 'app-3.0', descriptors: ['g:b:2'], expected: 'app@3.0' },
  {
    title: 'a well-known file name',
    stem: 'log4j-core-2.14.1',
    expected: 'org.apache.logging.log4j:log4j-core@2.14.1',
  },
  { title: 'an unknown file name without a group', stem: 'thing-1.0', expected: 'thing@1.0' },
  {
    title: 'the vendor id as group',
    stem: 'thing-1.0',
    manifest: { 'implementation-vendor-id': 'org.example.things' },
    expected: 'org.example.things:thing@1.0',
  },
  {
    title: 'no vendor that is no group',
    stem: 'thing-1.0',
    manifest: { 'implementation-vendor-id': 'Example Inc.' },
    expected: 'thing@1.0',
  },
  {
    title: 'a vendor id of one word that the artifact repeats',
    stem: 'commons-thing-1.0',
    manifest: { 'implementation-vendor-id': 'commons-thing' },
    expected: 'commons-thing:commons-thing@1.0',
  },
  {
    title: 'the bundle name as group and artifact',
    stem: 'big-thing-1.0',
    manifest: { 'bundle-symbolicname': 'org.example.big-thing' },
    expected: 'org.example:big-thing@1.0',
  },
  {
    title: 'the bundle name as group alone',
    stem: 'thing-1.0',
    manifest: { 'bundle-symbolicname': 'org.thing' },
    expected: 'org.thing:thing@1.0',
  },
  {
    title: 'the bundle name that folds the group into the artifact',
    stem: 'things-api-1.0',
    manifest: { 'bundle-symbolicname': 'org.example.things.api' },
    expected: 'org.example.things:things-api@1.0',
  },
  {
    title: 'the module name as group and artifact',
    stem: 'thing-1.0',
    manifest: { 'automatic-module-name': 'com.example.thing' },
    expected: 'com.example:thing@1.0',
  },
  {
    title: 'the manifest of a Jenkins plugin',
    stem: 'git',
    manifest: {
      'group-id': 'org.jenkins-ci.plugins',
      'short-name': 'git',
      'plugin-version': '5.2.0',
      'implementation-version': '5',
    },
    expected: 'org.jenkins-ci.plugins:git@5.2.0',
  },
  {
    title: 'the title and the first word of the version',
    stem: 'renamed',
    manifest: { 'implementation-title': 'thing', 'implementation-version': '1.2 (build 3)' },
    expected: 'thing@1.2',
  },
  {
    title: 'the file name before a title for people',
    stem: 'thing',
    manifest: { 'implementation-title': 'The Thing', 'bundle-version': '1.2' },
    expected: 'thing@1.2',
  },
  {
    title: 'the next version for a placeholder',
    stem: 'thing',
    manifest: { 'implementation-version': '${project.version}', 'specification-version': '2.0' },
    expected: 'thing@2.0',
  },
  {
    title: 'nothing without a version',
    stem: 'thing',
    manifest: { 'implementation-title': 'thing' },
    expected: undefined,
  },
];

for (const { title, stem, manifest = {}, descriptors = [], expected } of cases) {
  test(`identify() takes ${title}`, () => {
    const found = identify(stem, new Map(Object.entries(manifest)), descriptors.map(descriptor));
    assert.equal(found && `${formatName(found)}@${found.version}`, expected);
  });
}
