import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { advisoriesFolder, advisoryFeed } from '../examples/first-scan/advisory-feed.ts';
import { pinnedPackages, type HeldPackage } from '../examples/first-scan/pinned-packages.ts';
import { recordsOfArchive } from '../src/advisory/osv/archive.ts';
import { parseOsv } from '../src/advisory/osv/parse.ts';
import { rangesOfEvents } from '../src/advisory/osv/ranges.ts';
import { osvRecord, type OsvRecord } from '../src/advisory/osv/schema.ts';
import { loadCvssRater } from '../src/advisory/rate-cvss.ts';
import { openZip } from '../src/codec/zip/archive.ts';
import type { Advisory } from '../src/finding/advisory.ts';
import { schemeOf } from '../src/version/list.ts';
import { isInRange } from '../src/version/range.ts';
import { needsSharedData, sharedData } from '../testing/shared-data.ts';

const ecosystems = ['Go', 'Maven', 'npm'] as const;
const held = pinnedPackages.flatMap(({ holds }) => holds);

const records = ecosystems.flatMap((ecosystem) =>
  readdirSync(join(advisoriesFolder, ecosystem)).map((file) => {
    const json: unknown = JSON.parse(readFileSync(join(advisoriesFolder, ecosystem, file), 'utf8'));
    return { ecosystem, file, json, record: osvRecord.parse(json) };
  }),
);

/** True when one of the record's ranges for the package holds this version. */
function speaksOf(record: OsvRecord, { ecosystem, name }: HeldPackage, version: string): boolean {
  const scheme = schemeOf(ecosystem);
  assert.ok(scheme);
  return (record.affected ?? [])
    .filter((entry) => entry.package?.ecosystem === ecosystem && entry.package.name === name)
    .flatMap(({ ranges }) => (ranges ?? []).flatMap((range) => rangesOfEvents(range, scheme) ?? []))
    .some((range) => isInRange(scheme, version, range));
}

test('advisories are valid OSV', needsSharedData('schemas', 'osv'), () => {
  const ajv = new Ajv2020({ strict: false });
  addFormats.default(ajv);
  const schema = readFileSync(sharedData('schemas', 'osv', 'osv.schema.json') as string, 'utf8');
  const validate = ajv.compile(JSON.parse(schema) as Record<string, unknown>);
  for (const { file, json } of records) assert.ok(validate(json), `${file}: ${JSON.stringify(validate.errors)}`);
});

test('advisories are named after their ids and speak of their ecosystem only', () => {
  assert.ok(records.length >= 10);
  for (const { ecosystem, file, record } of records) {
    assert.equal(file, `${record.id}.json`);
    assert.ok(
      record.affected?.every((entry) => entry.package?.ecosystem === ecosystem),
      file,
    );
    assert.ok(
      record.aliases?.some((id) => id.startsWith('CVE-')),
      file,
    );
  }
});

test('every advisory is about a package of the image, and every such package has one', () => {
  for (const { file, record } of records) {
    assert.ok(
      held.some((pkg) => speaksOf(record, pkg, pkg.version)),
      `${file} is about nothing in the image`,
    );
  }
  for (const pkg of held) {
    const about = records.filter(({ record }) => speaksOf(record, pkg, pkg.version));
    assert.notEqual(about.length, 0, `nothing is known about ${pkg.name}`);
  }
});

test('no advisory speaks of the versions that fix it', () => {
  for (const { file, record } of records) {
    for (const { package: pkg, ranges } of record.affected ?? []) {
      const fixes = (ranges ?? []).flatMap(({ events }) => (events ?? []).flatMap(({ fixed }) => fixed ?? []));
      assert.notEqual(fixes.length, 0, file);
      for (const fixed of fixes) assert.ok(!speaksOf(record, pkg as HeldPackage, fixed), `${file} ${fixed}`);
    }
  }
});

test('advisoryFeed() packs the advisories so that none is dropped and each has a rating', async () => {
  const feed = await advisoryFeed();
  const rate = await loadCvssRater();
  const read: Advisory[] = [];
  for (const ecosystem of ecosystems) {
    for (const document of recordsOfArchive(ecosystem, feed.get(`${ecosystem}/all.zip`) as Buffer)) {
      const { items, dropped } = parseOsv(document, ecosystem, rate);
      assert.deepEqual(dropped, []);
      read.push(...items);
    }
  }
  assert.deepEqual(read.map(({ id }) => id).toSorted(), records.map(({ record }) => record.id).toSorted());
  for (const { id, cvss, severity, cwes } of read) {
    assert.ok(cvss.length === 1 && severity !== undefined && cwes.length > 0, id);
  }
});

test('the extract of the exploited flaws names flaws of the advisories', () => {
  const path = join(advisoriesFolder, 'known_exploited_vulnerabilities.json');
  const extract = JSON.parse(readFileSync(path, 'utf8')) as { vulnerabilities: { cveID: string }[]; count: number };
  const known = new Set(records.flatMap(({ record }) => record.aliases ?? []));
  assert.equal(extract.vulnerabilities.length, extract.count);
  for (const { cveID } of extract.vulnerabilities) assert.ok(known.has(cveID), cveID);
});

test('the facts of the exploited flaws are those of the catalogue', needsSharedData('feeds', 'kev'), () => {
  const facts = (path: string): Map<unknown, string> => {
    const { vulnerabilities } = JSON.parse(readFileSync(path, 'utf8')) as {
      vulnerabilities: Record<string, unknown>[];
    };
    return new Map(
      vulnerabilities.map(({ cveID, dateAdded, dueDate, knownRansomwareCampaignUse, cwes, product }) => [
        cveID,
        JSON.stringify([dateAdded, dueDate, knownRansomwareCampaignUse, cwes, product]),
      ]),
    );
  };
  const name = 'known_exploited_vulnerabilities.json';
  const all = facts(sharedData('feeds', 'kev', name) as string);
  for (const [id, fact] of facts(join(advisoriesFolder, name))) assert.equal(all.get(id), fact);
});

test("the Go advisories have the ids, aliases and ranges of Go's own", needsSharedData('osv', 'Go'), () => {
  const archive = openZip(readFileSync(sharedData('osv', 'Go', 'all.zip') as string));
  const entries = new Map([...archive.entries()].map((entry) => [entry.name, entry]));
  const facts = ({ id, aliases, published, affected }: OsvRecord): unknown => ({
    id,
    aliases,
    published,
    affected: affected?.map(({ package: pkg, ranges }) => ({ name: pkg?.name, ranges })),
  });
  for (const { ecosystem, file, record } of records) {
    if (ecosystem !== 'Go') continue;
    const entry = entries.get(file);
    assert.ok(entry, file);
    const original = osvRecord.parse(JSON.parse(Buffer.from(archive.read(entry, 1 << 20)).toString()));
    assert.deepEqual(facts(record), facts(original), file);
  }
});
