import assert from 'node:assert/strict';
import test from 'node:test';
import { parseIgnoreFile } from './parse-ignore-file.ts';

for (const [name, id, scope] of [
  ['.trivyignore', 'vulnerabilities:', 'any'],
  ['ignore.txt', 'vulnerabilities:', 'any'],
  ['.trivyignore.yaml', 'CVE-1', 'vulnerability'],
  ['a/b.yml', 'CVE-1', 'vulnerability'],
] as const) {
  test(`parseIgnoreFile() reads ${name} in the format that its name tells`, async () => {
    const { rules, source } = await parseIgnoreFile('vulnerabilities: [{id: CVE-1}]', name);
    assert.deepEqual([source, rules[0]?.id, rules[0]?.scope], [name, id, scope]);
  });
}
