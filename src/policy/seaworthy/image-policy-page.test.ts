import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { JsonSchema } from '../../codec/yaml/json-schema.ts';
import { formatMistake } from '../../codec/yaml/mistake.ts';
import { compilePolicy } from '../compile.ts';
import { imagePolicyJsonSchema } from './image-policy/schema.ts';
import { readPolicy } from './read-policy.ts';

const page = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'image-policy.md'), 'utf8');
const examples = [...page.matchAll(/^```yaml\n([\s\S]+?)^```$/gm)].map(([, text]) => text as string);

test('docs/image-policy.md has examples of whole policies', () => assert.ok(examples.length >= 3));

for (const [index, text] of examples.entries()) {
  test(`example ${index + 1} of docs/image-policy.md is right`, async () => {
    const { policy, mistakes = [] } = await readPolicy([{ file: 'p', text }]);
    assert.deepEqual(
      mistakes.map((mistake) => formatMistake(mistake.file, mistake)),
      [],
    );
    assert.ok(policy !== undefined && compilePolicy(policy).rules.length > 0);
  });
}

/** What every requirement has is told once. */
const common =
  /^(?:signatures|attestations|sbom|vulnerabilities|sources|digest|age|endOfLife|config|rules|objects)(?:\[\])?\.(name|enforcement|unknown|help)$/;

/** Paths below `spec`, with what is said of them. */
function listUnder(path: string, node: JsonSchema): string[][] {
  const { properties, items, additionalProperties, description = '', default: usual } = node;
  if (items?.properties !== undefined) return listUnder(`${path}[]`, items);
  if (typeof additionalProperties === 'object' && additionalProperties.properties !== undefined) {
    return listUnder(`${path}.NAME`, additionalProperties);
  }
  if (properties !== undefined) {
    return Object.entries(properties).flatMap(([name, member]) =>
      listUnder(path === '' ? name : `${path}.${name}`, member),
    );
  }
  const help = typeof usual === 'string' ? `${description} (default: \`${usual}\`)` : description;
  return [[path.replace(common, 'REQUIREMENT.$1'), help]];
}

test('docs/image-policy.md lists every setting, with what it means', () => {
  const rows = [...page.matchAll(/^\| `([a-zA-Z.[\]]+)` +\| (.+?) +\|$/gm)].map(([, path, help]) => [path, help]);
  const all = listUnder('', imagePolicyJsonSchema().properties?.['spec'] ?? {});
  const expected = [...new Map(all.map((row) => [row[0], row])).values()];
  const byPath = (a: readonly unknown[], b: readonly unknown[]): number => (String(a[0]) < String(b[0]) ? -1 : 1);
  assert.deepEqual(rows.toSorted(byPath), expected.toSorted(byPath));
});
