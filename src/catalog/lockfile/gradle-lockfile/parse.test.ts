import assert from 'node:assert/strict';
import test from 'node:test';
import { assertSurvives } from '../../../../testing/hostile-bytes.ts';
import { linesOfReading } from '../../../../testing/lockfile.ts';
import { parseGradleLockfile } from './parse.ts';

const text = `# This is a Gradle generated file for dependency locking.
com.fasterxml.jackson.core:jackson-databind:2.9.8=compileClasspath,runtimeClasspath
org.slf4j:slf4j-api:1.7.36=runtimeClasspath
no-version=x
empty=annotationProcessor
`;

test('parseGradleLockfile() reads coordinates, and counts what is none', () => {
  const reading = parseGradleLockfile(Buffer.from(text));
  assert.deepEqual(linesOfReading(reading), [
    'com.fasterxml.jackson.core:jackson-databind@2.9.8 2-2',
    'org.slf4j:slf4j-api@1.7.36 3-3',
  ]);
  assert.equal(reading.unusable, 1);
});

test('parseGradleLockfile() survives hostile bytes', () => {
  assertSurvives([text], parseGradleLockfile);
});
