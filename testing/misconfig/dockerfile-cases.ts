import assert from 'node:assert/strict';
import test from 'node:test';
import { parseDockerfile } from '../../src/lang/dockerfile/parse-dockerfile.ts';
import type { Check } from '../../src/misconfig/check.ts';
import { makeDocument, type DockerfileDocument } from '../../src/misconfig/dockerfile/document.ts';

/** A file, and the lines on which a check is broken: `2`, `3-4`, or `-` for what has no line. */
export type DockerfileCase = readonly [what: string, source: string, ...breaches: readonly string[]];

/** Tests one check over a table of files, which must have some that keep it and some that break it. */
export function testDockerfileCheck(check: Check<DockerfileDocument>, cases: readonly DockerfileCase[]): void {
  const { info } = check;
  test(`${info.id} has cases that keep it and cases that break it`, () => {
    assert.ok(cases.some(([, , ...breaches]) => breaches.length > 0));
    assert.ok(cases.some(([, , ...breaches]) => breaches.length === 0));
  });
  for (const [what, source, ...breaches] of cases) {
    test(`${info.id} ${breaches.length > 0 ? 'finds' : 'passes'} ${what}`, () => {
      const found = [...check.find(makeDocument(parseDockerfile(source)))].map(({ lines, message }) => {
        assert.match(message, /^[^\n]+[^.\n]$/);
        if (lines === undefined) return '-';
        return lines.start === lines.end ? String(lines.start) : `${lines.start}-${lines.end}`;
      });
      assert.deepEqual(found, breaches);
    });
  }
}
