import assert from 'node:assert/strict';
import test from 'node:test';
import { looksLikeJavaHome } from './java-home.ts';

const paths: readonly (readonly [string, boolean])[] = [
  ['usr/lib/jvm/java-17-openjdk-amd64/release', true],
  ['opt/java/openjdk/release', true],
  ['usr/local/openjdk-11/release', true],
  ['opt/jdk-17.0.2/release', true],
  ['jre/release', true],
  ['layers/paketo-buildpacks_bellsoft-liberica/jre/release', true],
  ['opt/graalvm-ce/release', true],
  ['usr/lib/zulu-21/release', true],
  ['release', false],
  ['etc/release', false],
  ['usr/src/app/release', false],
];

for (const [path, expected] of paths) {
  test(`looksLikeJavaHome() ${expected ? 'takes' : 'leaves'} ${path}`, () => {
    assert.equal(looksLikeJavaHome(path), expected);
  });
}
