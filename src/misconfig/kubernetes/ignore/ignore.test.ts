import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kubernetesFormat } from '../format.ts';

const now = Date.parse('2026-06-15T12:00:00Z');
const head = 'apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: n}\nspec:\n  containers:\n';

/** What is set aside of what a file has, as `KSV-0013 6`, with the line of the breach. */
function aside(text: string, ids: readonly string[]): string[] {
  const file = kubernetesFormat.check('a.yaml', Buffer.from(text), { skipped: new Set(), now });
  assert.ok(file !== undefined);
  assert.deepEqual(file.problems, []);
  assert.deepEqual(
    file.passed.filter(({ id }) => file.ignored.some(({ failure }) => failure.check.id === id)),
    [],
  );
  return file.ignored
    .map(({ failure }) => `${failure.check.id} ${failure.lines?.start}`)
    .filter((each) => ids.some((id) => each.startsWith(id)));
}

const cases: readonly (readonly [what: string, text: string, ...aside: readonly string[]])[] = [
  [
    'beside a field',
    `${head}    - name: a\n      image: nginx # trivy:ignore:KSV-0013\n    - image: nginx\n`,
    'KSV-0013 7',
  ],
  [
    'above a field',
    `${head}    - name: a\n      # trivy:ignore:KSV-0013\n      image: nginx\n    - image: nginx\n`,
    'KSV-0013 8',
  ],
  [
    'above a container',
    `${head}    # seaworthy:ignore:KSV-0013 a base image\n    - name: a\n      image: nginx\n    - image: nginx\n`,
    'KSV-0013 8',
  ],
  [
    'beside the first name of a container',
    `${head}    - name: a # trivy:ignore:KSV-0013\n      image: nginx\n    - image: nginx\n`,
    'KSV-0013 7',
  ],
  [
    'above the list of containers',
    `${head.replace('  containers', '  # trivy:ignore:KSV-0013\n  containers')}    - image: nginx\n    - image: nginx\n`,
    'KSV-0013 7',
    'KSV-0013 8',
  ],
  [
    'above the object',
    `# trivy:ignore:KSV-0013\n${head}    - image: nginx\n    - image: nginx\n`,
    'KSV-0013 7',
    'KSV-0013 8',
  ],
  ['above the dashes of the object', `# trivy:ignore:KSV-0013\n---\n${head}    - image: nginx\n`, 'KSV-0013 8'],
  ['in another document', `a: 1\n# trivy:ignore:KSV-0013\n---\n${head}    - image: nginx\n`],
  [
    'above another comment and a blank line',
    `${head}    # trivy:ignore:KSV-0013\n\n    # base\n    - image: nginx\n`,
    'KSV-0013 9',
  ],
  [
    'beside a line at which nothing begins',
    `${head}    - command: [a,\n        b\n      ] # trivy:ignore:KSV-0013\n      image: nginx\n`,
  ],
  [
    'in a text',
    `${head}    - env: [{name: a, value: "# trivy:ignore:KSV-0013"}]\n      args:\n        - |\n          # trivy:ignore:*\n      image: nginx\n`,
  ],
  ['behind a quote that is no comment', `${head}    - name: 'a#trivy:ignore:KSV-0013'\n      image: nginx\n`],
  ['with another name of the check', `${head}    - image: nginx # trivy:ignore:avd-ksv-0013\n`, 'KSV-0013 6'],
  ['with the short name of the check', `${head}    - image: nginx # trivy:ignore:use-specific-tags\n`, 'KSV-0013 6'],
  ['with a wildcard', `${head}    - image: nginx # trivy:ignore:ksv-001*\n`, 'KSV-0011 6', 'KSV-0012 6', 'KSV-0013 6'],
  ['with another id', `${head}    - image: nginx # trivy:ignore:KSV-001\n`],
  [
    'several times in a line',
    `${head}    - image: nginx # trivy:ignore:KSV-0013, seaworthy:ignore:KSV-0011 since\n`,
    'KSV-0011 6',
    'KSV-0013 6',
  ],
  ['with two ids', `${head}    - image: nginx # seaworthy:ignore:KSV-0013,KSV-0011\n`, 'KSV-0011 6', 'KSV-0013 6'],
  ['until a day to come', `${head}    - image: nginx # trivy:ignore:KSV-0013:exp:2026-06-16\n`, 'KSV-0013 6'],
  ['until a day that is over', `${head}    - image: nginx # trivy:ignore:KSV-0013:exp:2026-06-15\n`],
  ['until a day that is none', `${head}    - image: nginx # trivy:ignore:KSV-0013:exp:soon\n`],
  ['for a workspace, of which there is none here', `${head}    - image: nginx # trivy:ignore:KSV-0013:ws:prod\n`],
  ['without a comment', `${head}    - image: nginx trivy:ignore:KSV-0013\n`],
  [
    'in a file with Windows line ends',
    `${head}    - name: a\n      image: nginx # trivy:ignore:KSV-0013\n`.replaceAll('\n', '\r\n'),
    'KSV-0013 7',
  ],
];

for (const [what, text, ...expected] of cases) {
  test(`a comment ${what} sets ${expected.length === 0 ? 'nothing' : 'something'} aside`, () => {
    assert.deepEqual(aside(text, ['KSV-0011', 'KSV-0012', 'KSV-0013']), expected);
  });
}

test('what is missing can be set aside too, and it is said where that was', () => {
  const text = `${head}    - name: a # seaworthy:ignore:KSV-0014 it writes logs\n      image: x:1\n`;
  const file = kubernetesFormat.check('a.yaml', Buffer.from(text), { skipped: new Set(), now });
  assert.deepEqual(
    file?.ignored.map(({ failure, by }) => [failure.check.id, by]),
    [['KSV-0014', 'a.yaml:6: seaworthy:ignore:KSV-0014 (it writes logs)']],
  );
  assert.ok(file?.failures.every(({ check }) => check.id !== 'KSV-0014'));
});

test('an object without a namespace is set aside above it, and JSON has no comments', () => {
  const pod = 'apiVersion: v1\nkind: Pod\nspec: {containers: []}\n';
  assert.deepEqual(aside(`# trivy:ignore:KSV-0110\n${pod}`, ['KSV-0110']), ['KSV-0110 2']);
  assert.deepEqual(
    aside('{"apiVersion":"v1","kind":"Pod","//":"# trivy:ignore:*","spec":{"containers":[]}}', ['KSV']),
    [],
  );
});
