import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import fc from 'fast-check';
import { needsSharedData, sharedData } from '../../../testing/shared-data.ts';
import { dockerfileFormat } from './format.ts';
import { dockerfileChecks } from './list.ts';

const options = { skipped: new Set<string>(), now: 0 };

test('every check stands in the list once, in order, and is one file', () => {
  const ids = dockerfileChecks.map(({ info }) => info.id);
  assert.deepEqual(ids, [...new Set(ids)].sort());
  const files = readdirSync(join(import.meta.dirname, 'check')).filter((name) => !name.endsWith('.test.ts'));
  assert.equal(files.length, ids.length);
  const names = dockerfileChecks.flatMap(({ info }) => [info.id, ...info.aliases]);
  assert.equal(new Set(names).size, names.length);
});

test('every check has words for people', () => {
  for (const { info } of dockerfileChecks) {
    assert.match(info.title, /^[A-Z'].*[^.]$/, info.id);
    assert.match(info.description, /^[A-Z].*[.)]$/i, info.id);
    assert.match(info.resolution, /^[A-Z].*\.$/, info.id);
  }
});

test('docs/config.md lists every check with its severity', () => {
  const page = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'config.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `(DS-\d{4})` \| (\w+) +\| (.*?) +\|$/gm)].map(([, ...cells]) => cells);
  assert.deepEqual(
    rows,
    dockerfileChecks.map(({ info }) => [info.id, info.severity, info.title]),
  );
});

test('ids, severities and other names are those that users know', needsSharedData('misconfig-checks.tsv'), () => {
  const rows = readFileSync(sharedData('misconfig-checks.tsv') as string, 'utf8').split('\n');
  const known = rows
    .map((row) => row.split('\t'))
    .filter(([id = '', , , , , , , deprecated]) => id.startsWith('DS-') && deprecated === '')
    .map(([id, long, aliases = '', severity]) => [id, severity, [long ?? '', ...aliases.split(',')].sort()]);
  assert.deepEqual(
    dockerfileChecks.map(({ info }) => [info.id, info.severity, info.aliases.toSorted()]),
    known,
  );
});

test('examples of good and bad files are judged as their authors do', needsSharedData('misconfig-examples'), (t) => {
  const root = sharedData('misconfig-examples') as string;
  let count = 0;
  for (const { info } of dockerfileChecks) {
    const folder = join(root, info.id, 'dockerfile');
    for (const name of readdirSync(root).includes(info.id) ? readdirSync(folder) : []) {
      const file = dockerfileFormat.check(name, readFileSync(join(folder, name)), options);
      assert.deepEqual(file?.problems, []);
      const isBad = file?.failures.some(({ check }) => check.id === info.id);
      assert.equal(isBad, name.startsWith('bad'), join(info.id, name));
      count += 1;
    }
  }
  t.diagnostic(`${count} examples`);
  assert.ok(count > 30);
});

test('a file ends in findings or a problem, whatever it holds', () => {
  const words =
    'FROM a:1\n|FROM a AS b\n|RUN |apt-get |install |-y |sudo |cd x|&&|COPY a b |ADD |USER |EXPOSE |22|${A|:-|}|"|\\\n|<<E|\nE\n|ENV A_TOKEN=|HEALTHCHECK |ONBUILD |# trivy:ignore:*\n|\0|[|]';
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...words.split('|')), { maxLength: 80 }), (pieces) => {
      const bytes = Buffer.from(`FROM a\n${pieces.join('')}`);
      const file = dockerfileFormat.check('Dockerfile', bytes, options);
      assert.ok(file !== undefined && file.problems.length + file.passed.length > 0);
      for (const { lines } of file.failures) assert.ok(lines === undefined || lines.start <= lines.end);
    }),
    { numRuns: 1000 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      assert.equal(dockerfileFormat.check('Dockerfile', bytes, options)?.problems.length, 1);
    }),
  );
});
