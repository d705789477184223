import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { load } from 'js-yaml';
import { mistakesOf } from '../../../testing/registry-config.ts';
import { listSettings } from './list-settings.ts';
import { sectionNames } from './names.ts';
import { configJsonSchema } from './schema.ts';

const page = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'registry.md'), 'utf8');
const examples = [...page.matchAll(/^```yaml\n([\s\S]+?)^```$/gm)].map(([, text]) => text as string);
const validate = new Ajv2020({ allowUnionTypes: true }).compile(configJsonSchema());

test('docs/registry.md has examples of settings files', () => {
  assert.ok(examples.length >= 3);
  assert.ok(examples.every((text) => /^registry:$/m.test(text)));
});

for (const [index, text] of examples.entries()) {
  test(`example ${index + 1} of docs/registry.md is right, but for the files that it names`, async () => {
    const wrong = (await mistakesOf(text)).filter((line) => !/is not there$|cannot be read \(ENOENT\)/.test(line));
    assert.deepEqual(wrong, []);
  });

  test(`configJsonSchema() takes example ${index + 1} of docs/registry.md`, () => {
    assert.ok(validate(load(text)), JSON.stringify(validate.errors));
  });
}

for (const [wrong, path] of [
  ['registry: {workers: -1}', '/registry/workers'],
  ['registry: {delete: {enabled: perhaps}}', '/registry/delete/enabled'],
  ['registry: {tls: {cert: a}}', '/registry/tls'],
  ['registry: {tls: {cert: a, key: b, kye: c}}', '/registry/tls'],
  ['registry: {uploads: {maxBytes: ten}}', '/registry/uploads/maxBytes'],
  [
    'registry: {permissions: [{repositories: [a], actions: [pul], to: [authenticated]}]}',
    '/registry/permissions/0/actions/0',
  ],
  ['registry: {database: {postgres: {url: "postgres://u:p@h/d"}}}', '/registry/database/postgres/url'],
] as const) {
  test(`configJsonSchema() refuses ${wrong}`, () => {
    assert.ok(!validate(load(wrong)));
    assert.equal(validate.errors?.[0]?.instancePath, path);
  });
}

test('configJsonSchema() knows every setting', () => {
  const known = Object.keys(configJsonSchema().properties?.['registry']?.properties ?? {});
  assert.deepEqual(known, [...sectionNames]);
});

test('docs/registry.md lists every setting with its default, and when a change of it counts', () => {
  const row = /^\| `([a-zA-Z0-9.[\]]+)` *\| (?:`([^`]+)`|(required))? *\| (.+?) *\| (at once|restart) *\|$/gm;
  const rows = [...page.matchAll(row)].map(([, path, usual, required, help, reload]) => [
    path,
    usual,
    required,
    help,
    reload,
  ]);
  const expected = listSettings().map(({ path, usual, required, help, reload }) => [
    path,
    usual,
    required && usual === undefined ? 'required' : undefined,
    help,
    reload === 'live' ? 'at once' : 'restart',
  ]);
  assert.deepEqual(rows, expected);
});
