import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { load } from 'js-yaml';
import { defaultGatekeeperSettings } from '../src/admission/manifests/model.ts';
import { chartFiles, chartFolder } from '../tools/chart/chart-files.ts';
import { unknownFlags } from '../tools/chart/serve-settings.ts';
import { valueComments } from '../tools/chart/values.ts';

type Values = Readonly<Record<string, unknown>>;

const valuesText = readFileSync(join(chartFolder, 'values.yaml'), 'utf8');
const values = load(valuesText) as Values;
const schema = JSON.parse(readFileSync(join(chartFolder, 'values.schema.json'), 'utf8')) as Values;
const isValid = new Ajv({ strict: true, allowUnionTypes: true }).compile(schema);

test('the chart says what the program does', () => {
  const old = [...chartFiles()].filter(([path, text]) => now(path) !== text).map(([path]) => relative('.', path));
  assert.deepEqual(old, [], 'write them anew: node tools/chart.ts');
  assert.deepEqual(
    unknownFlags(),
    [],
    'flags that the command does not have any more; take them out of tools/chart/serve-settings.ts',
  );
});

function now(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

test('each value of the chart has a comment and a schema, and there is no other', () => {
  const comments = valueComments(valuesText);
  const paths = pathsOf(values);
  // What is below these are the fields of Kubernetes.
  const own = paths.filter((path) => !/\.resources\./.test(path));
  assert.deepEqual(
    own.filter((path) => (comments.get(path) ?? '') === ''),
    [],
  );
  const described = schemaPaths(schema).filter((path) => !/\.(?:resources|issuerRef)\./.test(path));
  assert.deepEqual(described.filter((path) => path !== 'global').sort(), own.toSorted());
});

const wrong: readonly (readonly [what: string, path: string, value: unknown])[] = [
  ['a value that is none', 'imag', {}],
  ['a value of the webhook that is none', 'admission.replica', 3],
  ['a flag that is none', 'admission.settings.kyvernoExat', true],
  ['a flag of another kind', 'admission.settings.pullSecret', 'a/b'],
  ['one replica', 'admission.replicas', 1],
  ['a digest that is none', 'image.digest', 'sha256:1'],
  ['a digest in the place of a tag', 'image.tag', 'a@sha256:1'],
  ['a pattern of namespaces', 'admission.secrets.namespaces', ['*']],
  ['the port of reviews for Gatekeeper', 'admission.gatekeeper.port', 8443],
  ['a port for Gatekeeper that wants privileges', 'admission.gatekeeper.port', 443],
  ['a pattern of Providers', 'admission.gatekeeper.providers', ['seaworthy-*']],
  ['no time for Gatekeeper', 'admission.gatekeeper.timeoutSeconds', 0],
  ['a budget of none', 'admission.podDisruptionBudget.maxUnavailable', 0],
];
for (const [what, path, value] of wrong) {
  test(`the schema of the chart's values refuses ${what}`, () => {
    assert.ok(isValid(values), JSON.stringify(isValid.errors));
    assert.equal(isValid(changed(values, path.split('.'), value)), false);
  });
}

function changed(value: Values, [name = '', ...rest]: readonly string[], leaf: unknown): Values {
  return { ...value, [name]: rest.length === 0 ? leaf : changed(value[name] as Values, rest, leaf) };
}

/** All values that are no groups of others, and the groups too. */
function pathsOf(value: unknown, path = ''): readonly string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [path];
  const below = Object.entries(value).flatMap(([name, part]) => pathsOf(part, path === '' ? name : `${path}.${name}`));
  return path === '' ? below : [path, ...below];
}

function schemaPaths(part: Values, path = ''): readonly string[] {
  const below = Object.entries((part['properties'] ?? {}) as Readonly<Record<string, Values>>);
  const paths = below.flatMap(([name, each]) => schemaPaths(each, path === '' ? name : `${path}.${name}`));
  return path === '' ? paths : [path, ...paths];
}

test('what the chart takes of Gatekeeper is what the plain manifests take', () => {
  const { gatekeeper } = values['admission'] as { readonly gatekeeper: Values };
  const { port, namespace, providers, verifySeconds, mutateSeconds } = defaultGatekeeperSettings;
  assert.deepEqual(gatekeeper, {
    enabled: false,
    port,
    namespace,
    providers,
    clientCaConfigMap: '',
    timeoutSeconds: verifySeconds,
    mutateTimeoutSeconds: mutateSeconds,
  });
});

test('values of the chart that documents name are values of the chart', () => {
  const text = readFileSync(join(chartFolder, '..', '..', '..', 'docs', 'admission.md'), 'utf8');
  const named = [...text.matchAll(/(?:`|--set '?)((?:image|admission|crds)\.[\w.]+)/g)].map(([, path = '']) => path);
  const paths = new Set(pathsOf(values));
  assert.ok(named.length > 5);
  assert.deepEqual(
    named.filter((path) => !paths.has(path)),
    [],
  );
});
