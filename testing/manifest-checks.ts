import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Check } from '../src/misconfig/check.ts';
import type { Manifest } from '../src/misconfig/kubernetes/manifest.ts';
import { readManifests } from '../src/misconfig/kubernetes/read-manifests.ts';

/** What a text is put into: a whole object, the spec of a Pod from line 5 on, or a container from line 7 on. */
type Setting = 'object' | 'pod' | 'container';

/** A case: what it is, its text, and the lines of what breaks the rule, as `7-8`, or `7` for one line. */
type Case = readonly [what: string, text: string, ...breaches: readonly string[]];

const pod = 'apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: n}\nspec:\n';

/** The text of a file in which a text stands in its setting. */
function manifestOf(setting: Setting, text: string): string {
  if (setting === 'object') return text;
  if (setting === 'pod') return pod + indent(text, 2);
  return `${pod}  containers:\n    - name: a\n${indent(text, 6)}`;
}

/** Registers a test for each case of a check. */
export function testCheck(check: Check<Manifest>, setting: Setting, cases: readonly Case[]): void {
  for (const [what, text, ...breaches] of cases) {
    test(`${check.info.id} ${breaches.length === 0 ? 'is kept' : 'is broken'} by ${what}`, () => {
      assert.deepEqual(breachesOf(check, manifestOf(setting, text)), breaches);
    });
  }
}

/** The lines of what breaks a rule in a file that can be read, in the order in which it is told. */
function breachesOf(check: Check<Manifest>, text: string): string[] {
  const file = readManifests(text);
  assert.ok(file !== undefined, 'it holds no object');
  assert.deepEqual(file.problems, []);
  return file.manifests.flatMap((manifest) =>
    [...check.find(manifest)].map(({ lines, message, resource }) => {
      assert.ok(message !== '' && resource !== undefined);
      assert.ok(lines !== undefined && lines.start >= 1 && lines.end <= text.split('\n').length);
      return lines.start === lines.end ? `${lines.start}` : `${lines.start}-${lines.end}`;
    }),
  );
}

function indent(text: string, by: number): string {
  return text.replaceAll(/^(?=.)/gm, ' '.repeat(by));
}
