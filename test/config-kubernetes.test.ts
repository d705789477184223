import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { kubernetesFormat } from '../src/misconfig/kubernetes/format.ts';
import { kubernetesChecks } from '../src/misconfig/kubernetes/list.ts';

const page = readFileSync(join(import.meta.dirname, '..', 'docs', 'config-kubernetes.md'), 'utf8');

test('docs/config-kubernetes.md lists the checks that there are', () => {
  const rows = page
    .split('\n')
    .filter((line) => line.startsWith('| `KSV-'))
    .map((line) =>
      line
        .split('|')
        .map((cell) => cell.trim())
        .slice(1, 4),
    );
  const expected = kubernetesChecks.map(({ info: { id, severity, title } }) => [`\`${id}\``, severity, title]);
  assert.deepEqual(rows, expected);
});

test('docs/config-kubernetes.md speaks of no check that there is not, but of those that are not done', () => {
  const [done = '', notDone = ''] = page.split('\nNot done:\n');
  const ids = new Set(kubernetesChecks.map(({ info }) => info.id));
  for (const id of done.match(/KSV-\d+/g) ?? []) assert.ok(ids.has(id), id);
  // What took the place of another is done.
  for (const id of notDone.replace('`KSV-0125` took', '').match(/KSV-\d+/g) ?? []) assert.ok(!ids.has(id), id);
});

test('the example of docs/config-kubernetes.md sets aside what it says', () => {
  const example = /```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
  const now = Date.parse('2026-12-01T00:00:00Z');
  const file = kubernetesFormat.check('a.yaml', Buffer.from(example), { skipped: new Set(), now });
  assert.deepEqual(file?.problems, []);
  assert.deepEqual(
    file.ignored.map(({ failure, by }) => `${failure.check.id} ${by}`),
    ['KSV-0013 a.yaml:10: trivy:ignore:KSV-0013', 'KSV-0014 a.yaml:8: seaworthy:ignore:KSV-0014 (writes its cache)'],
  );
});
