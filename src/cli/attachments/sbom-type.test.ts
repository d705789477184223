import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError } from '../config/error.ts';
import { sbomMediaType } from './sbom-type.ts';

const json = '{"bomFormat":"CycloneDX","specVersion":"1.5"}';
const xml = '<?xml version="1.0"?>\n<bom xmlns="http://cyclonedx.org/schema/bom/1.5"></bom>';
const spdx = 'SPDXVersion: SPDX-2.3\n';
const syft =
  '{"artifacts":[],"schema":{"version":"16.0.0","url":"https://raw.githubusercontent.com/anchore/syft/x.json"}}';

/** What cosign 2.5 and 3.1 attach, where the user says as much as they ask for. */
const cases: readonly (readonly [text: string, kind: string | undefined, form: string | undefined, type: string])[] = [
  [json, 'cyclonedx', 'json', 'application/vnd.cyclonedx+json'],
  [json, 'cyclonedx', undefined, 'application/vnd.cyclonedx+json'],
  [json, undefined, undefined, 'application/vnd.cyclonedx+json'],
  [xml, 'cyclonedx', 'xml', 'application/vnd.cyclonedx+xml'],
  [xml, undefined, undefined, 'application/vnd.cyclonedx+xml'],
  ['anything', 'cyclonedx', undefined, 'application/vnd.cyclonedx+xml'],
  [spdx, 'spdx', 'text', 'text/spdx'],
  [spdx, undefined, undefined, 'text/spdx'],
  [' \n{"spdxVersion":"SPDX-2.3"}', undefined, undefined, 'text/spdx+json'],
  ['{}', 'spdx', 'json', 'text/spdx+json'],
  ['{}', 'spdx', undefined, 'text/spdx+json'],
  [syft, undefined, undefined, 'application/vnd.syft+json'],
  ['anything', 'syft', undefined, 'application/vnd.syft+json'],
];

test('sbomMediaType() takes the word of the user, and else looks', () => {
  for (const [text, kind, form, type] of cases) {
    assert.equal(sbomMediaType(Buffer.from(text), kind, form), type, `${text} ${kind} ${form}`);
  }
});

test('sbomMediaType() says what can be written', () => {
  for (const [kind, form, saying] of [
    [undefined, undefined, /--type, one of spdx, cyclonedx, syft/],
    ['toString', undefined, /--type is "toString"/],
    ['cyclonedx', 'text', /--input-format of cyclonedx is "text"; write one of xml, json/],
    ['spdx', 'xml', /one of text, json/],
    ['syft', 'constructor', /one of json/],
  ] as const) {
    assert.throws(
      () => sbomMediaType(Buffer.from('{"a":1}'), kind, form),
      (error) => error instanceof ConfigError && saying.test(error.message),
    );
  }
});
