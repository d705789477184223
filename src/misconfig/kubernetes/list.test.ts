import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { needsSharedData, sharedData } from '../../../testing/shared-data.ts';
import { kubernetesFormat } from './format.ts';
import { kubernetesChecks } from './list.ts';

/** Trivy's checks that are not done, each with the reason. */
const notDone: Readonly<Record<string, string>> = {
  'KSV-0032': 'deprecated for KSV-0125',
  'KSV-0033': 'deprecated for KSV-0125',
  'KSV-0034': 'deprecated for KSV-0125',
  'KSV-0035': 'deprecated for KSV-0125',
  'KSV-01011': 'it speaks of clusters of Google alone, and a file does not say where it goes',
};

test('kubernetesChecks stand in the order of their ids, and no two share a name', () => {
  const numbers = kubernetesChecks.map(({ info }) => Number(info.id.slice('KSV-'.length)));
  assert.deepEqual(
    numbers,
    numbers.toSorted((a, b) => a - b),
  );
  const names = kubernetesChecks.flatMap(({ info }) => [info.id, ...info.aliases].map((each) => each.toLowerCase()));
  assert.equal(new Set(names).size, names.length);
});

test('kubernetesChecks holds every check that there is', () => {
  const folder = join(import.meta.dirname, 'check');
  const declared = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .flatMap((path) => readFileSync(join(folder, path), 'utf8').match(/^export const \w+: Check<Manifest>/gm) ?? []);
  assert.equal(kubernetesChecks.length, declared.length);
});

test('kubernetesChecks tell what is wrong, what can come of it, and what to do', () => {
  for (const { info } of kubernetesChecks) {
    assert.doesNotMatch(info.title, /\.$/);
    assert.match(info.description, /\.$/);
    assert.match(info.resolution, /\.$/);
  }
});

test('kubernetesChecks have the severities and names of Trivy', needsSharedData('misconfig-checks.tsv'), () => {
  const rows = readFileSync(sharedData('misconfig-checks.tsv') as string, 'utf8')
    .split('\n')
    .map((line) => line.split('\t'))
    .filter(([id]) => id?.startsWith('KSV-'));
  const done = new Map(kubernetesChecks.map(({ info }) => [info.id, info]));
  for (const [id = '', long = '', aliases = '', severity = '', , , , deprecated = ''] of rows) {
    const info = done.get(id);
    if (info === undefined) {
      assert.ok(notDone[id] !== undefined, id);
      assert.equal(notDone[id].startsWith('deprecated'), deprecated === 'yes');
      continue;
    }
    assert.equal(info.severity, severity, id);
    const names = new Set([id, ...info.aliases].map((each) => each.toLowerCase()));
    for (const alias of [long, ...aliases.split(',')]) assert.ok(names.has(alias.toLowerCase()), `${id} ${alias}`);
  }
  assert.equal(rows.length, kubernetesChecks.length + Object.keys(notDone).length);
});

test('kubernetesFormat judges the examples of checks as they are meant', needsSharedData('misconfig-examples'), () => {
  const top = sharedData('misconfig-examples') as string;
  let count = 0;
  for (const id of readdirSync(top).filter((each) => each.startsWith('KSV-'))) {
    const folder = join(top, id, 'kubernetes');
    for (const name of readdirSync(folder)) {
      const checked = kubernetesFormat.check(name, readFileSync(join(folder, name)), { skipped: new Set(), now: 0 });
      assert.deepEqual(checked?.problems, []);
      const isBroken = checked.failures.some(({ check }) => check.id === id);
      assert.equal(isBroken, name.startsWith('bad'), `${id} ${name}`);
      count += 1;
    }
  }
  assert.ok(count > 0);
});
