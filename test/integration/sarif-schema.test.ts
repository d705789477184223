import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { gunzipSync } from 'node:zlib';
import { Ajv, type AnySchemaObject } from 'ajv';
import addFormats from 'ajv-formats';
import { integrityOf } from '../../examples/first-scan/integrity.ts';
import { npmPack } from '../../examples/first-scan/npm-pack.ts';
import { defaultTarLimits } from '../../src/codec/tar/limits.ts';
import { TarReader } from '../../src/codec/tar/reader.ts';
import type { ScanReport } from '../../src/finding/scan-report.ts';
import { sarifReport } from '../../src/report/sarif/render.ts';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { sampleFinding, samplePackage, sampleReport } from '../../testing/scan-report.ts';

/** A package that carries OASIS's schema; none of its code runs. */
const carrier = '@microsoft/jest-sarif@1.0.0-beta.0';
const integrity = 'sha512-A1fOhPd6Ic5iDk4F9YPw1qNB4XF+7+IviR7xl8r2F6QzQkx5cpY9LsGk2rExiFIEcBbjpVnSmwWGBukASkiQ9A==';

const awkward = samplePackage('npm', '@a/b c', '1.0 "x"', 'a b/ü%20:#?[1]/package.json');
const reports: readonly (readonly ScanReport[])[] = [
  [],
  [sampleReport()],
  [sampleReport(), sampleReport({ findings: [], problems: [] })],
  [
    sampleReport({
      findings: [sampleFinding(awkward, 'CVE-2024-0001', { title: 'control \u0007 and [link](x) {0}' })],
    }),
  ],
  [sampleReport({ problems: [{ code: 'LAYER_MISSING', subject: 'sha256:x', message: 'gone', incomplete: true }] })],
];

test('the SARIF report is valid under the schema of SARIF 2.1.0', async () => {
  using folder = temporaryDirectory();
  await npmPack([carrier], folder.path, { cwd: process.cwd(), npmCli: process.env['npm_execpath'] });
  const [name] = readdirSync(folder.path);
  const tarball = readFileSync(join(folder.path, name ?? ''));
  assert.equal(integrityOf(tarball), integrity);
  const schema = schemaIn(gunzipSync(tarball));
  // Draft 4 spells two keywords differently; the schema uses nothing else that later drafts changed.
  delete schema['$schema'];
  delete schema['id'];
  const ajv = new Ajv({ strict: false, unicodeRegExp: false });
  addFormats.default(ajv);
  const validate = ajv.compile(schema);
  for (const some of reports) {
    const log = JSON.parse(
      sarifReport.render(some, { version: '1.2.3', width: 80, colour: false, listAllPackages: false }),
    );
    assert.ok(validate(log), JSON.stringify(validate.errors?.slice(0, 3)));
  }
});

function schemaIn(tar: Buffer): AnySchemaObject {
  const chunks: Buffer[] = [];
  const reader = new TarReader(({ path }) => {
    if (!path.endsWith('/sarif-2.1.0-rtm.5.json')) return undefined;
    return { data: (chunk) => chunks.push(Buffer.from(chunk)) > 0, end: () => undefined };
  }, defaultTarLimits);
  reader.write(tar);
  reader.end();
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as AnySchemaObject;
}
