import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { digestOf } from '../../../testing/store/blob-data.ts';
import type { Digest } from '../../oci/digest.ts';
import type { SqlDatabase, SqlQueries, SqlValue } from '../sql/database.ts';
import { migrate } from '../sql/migrate.ts';
import { openSqliteDatabase } from '../sql/sqlite/open.ts';
import { attachmentRevision } from './attachments.ts';
import { firstAudit, lastBefore, listChains, readAudit, readChain, removeAudit } from './audit.ts';
import { blobsThere, claimBlob, findBlob, findHolders, linkBlob, manifestUsing, renewLease } from './blobs.ts';
import {
  firstLink,
  forgetMarked,
  nextBlobs,
  nextLinks,
  sweepBlobs,
  takeOverMarked,
  unlinkUnused,
  unreferencedBlobs,
  unusedLinks,
  wouldBeUnreferenced,
} from './garbage.ts';
import {
  deleteManifest,
  findManifest,
  findTagged,
  insertManifest,
  linkEverywhere,
  manifestsThere,
} from './manifests.ts';
import { listReferrers } from './referrers.ts';
import { listRepositories } from './repositories.ts';
import { flawsOf, forgetFlaws, knownFlaws, removeFlaws } from './package-flaws.ts';
import { firstManifest, forgottenScans, nextManifests } from './missing-scans.ts';
import {
  firstAttachment,
  hasStrayFlaws,
  nextAttachments,
  nextPackages,
  nextScans,
  removePackage,
  removeScan,
} from './unused-scans.ts';
import { imagesToJudge, packageRecords } from './scan-packages.ts';
import { findScan, isFreshScanDue, isScanDue, lostScans, readEvidence, repositoriesWith } from './scans.ts';
import { migrations } from './schema.ts';
import { listTags, tagsAround, tagsOf } from './tags.ts';
import { manifestsNaming } from './manifests.ts';
import { cameFromUpstream } from './upstream-blobs.ts';
import { spoolUse } from './upstream-spool.ts';
import { leaseHolder } from './upstream-leases.ts';
import { findUpstreamList } from './upstream-lists.ts';
import { findUpstreamTag } from './upstream-tags.ts';
import { imagesWithPackages, latestPulls, packagesNamed, packagesWithFlaw, placesOf, tagsOfImages } from './triage.ts';
import { expireUpload, findUpload, staleUploads, uploadNames } from './uploads.ts';

const digest = digestOf(Buffer.from('x'));
const many: readonly Digest[] = Array.from({ length: 10 }, (_, at) => digestOf(Buffer.from(`${at}`)));
const blobStretch = { after: digest, last: 'z', rows: 1 };
const linkStretch = { after: firstLink, last: { repository: 2, digest }, rows: 1 };
const upload = { id: 'an-upload', repository: 1, name: 'app', owner: '', size: 0, content: null, parts: 0, version: 1 };
const manifest = { digest, mediaType: '', size: 1, artifactType: '', subject: digest, annotations: {} };

/** What is asked often, or of tables that hold millions of rows. */
const questions: Readonly<Record<string, (queries: SqlQueries) => Promise<unknown>>> = {
  findManifest: (queries) => findManifest(queries, 'app', digest),
  findTagged: (queries) => findTagged(queries, 'app', 'v1'),
  manifestsThere: (queries) => manifestsThere(queries, 1, many),
  insertManifest: (queries) =>
    insertManifest(queries, 1, { ...manifest, links: [{ target: digest, kind: 'blob' }] }, 1),
  linkEverywhere: (queries) => linkEverywhere(queries, digest, [digest]),
  deleteManifest: (queries) => deleteManifest(queries, 1, digest),
  attachmentRevision: (queries) => attachmentRevision(queries, 'app'),
  listTags: (queries) => listTags(queries, 1, 'v1', 100),
  tagsOf: (queries) => tagsOf(queries, 1, digest),
  tagsAround: (queries) => tagsAround(queries, 1, digest, 4),
  listReferrers: (queries) =>
    listReferrers(queries, 1, { subject: digest, artifactType: undefined, after: digest, limit: 100 }),
  'listReferrers, filtered': (queries) =>
    listReferrers(queries, 1, { subject: digest, artifactType: 'application/sbom', after: digest, limit: 100 }),
  listRepositories: (queries) => listRepositories(queries, 'app', 100),
  findBlob: (queries) => findBlob(queries, 'app', digest),
  findHolders: (queries) => findHolders(queries, digest, 32),
  claimBlob: (queries) => claimBlob(queries, digest, 1, 1),
  linkBlob: (queries) => linkBlob(queries, 1, digest, 1),
  renewLease: (queries) => renewLease(queries, 'app', digest, 1),
  blobsThere: (queries) => blobsThere(queries, 1, many),
  manifestUsing: (queries) => manifestUsing(queries, 1, digest),
  findUpload: (queries) => findUpload(queries, 'app', 'an-upload'),
  staleUploads: (queries) => staleUploads(queries, 1, 50),
  expireUpload: (queries) => expireUpload(queries, upload),
  uploadNames: (queries) => uploadNames(queries, 'a', 100),
  findUpstreamTag: (queries) => findUpstreamTag(queries, 'app', 'v1'),
  manifestsNaming: (queries) => manifestsNaming(queries, 'app', digest, 'blob', 8),
  cameFromUpstream: (queries) => cameFromUpstream(queries, 'u', digest, 1),
  spoolUse: (queries) => spoolUse(queries, { place: 'here', upstream: 'u' }, 1),
  leaseHolder: (queries) => leaseHolder(queries, 'x', 1),
  findUpstreamList: (queries) => findUpstreamList(queries, 'app', digest),
  nextLinks: (queries) => nextLinks(queries, linkStretch.last, 1000),
  unusedLinks: (queries) => unusedLinks(queries, linkStretch, 1),
  unlinkUnused: (queries) => unlinkUnused(queries, 1, many, 1),
  nextBlobs: (queries) => nextBlobs(queries, digest, 1000),
  unreferencedBlobs: (queries) => unreferencedBlobs(queries, blobStretch, 1),
  wouldBeUnreferenced: (queries) => wouldBeUnreferenced(queries, blobStretch, 1),
  sweepBlobs: (queries) => sweepBlobs(queries, many, 1, 1),
  takeOverMarked: (queries) => takeOverMarked(queries, 1, 100, 2),
  readAudit: (queries) => readAudit(queries, { since: 1, until: 2, after: { time: 1, id: 1 }, limit: 100 }),
  readChain: (queries) => readChain(queries, 'a', 1, 100),
  listChains: (queries) => listChains(queries, 'a', 1),
  firstAudit: (queries) => firstAudit(queries, 'a'),
  lastBefore: (queries) => lastBefore(queries, 'a', 1),
  removeAudit: (queries) => removeAudit(queries, 'a', 5),
  forgetMarked: (queries) => forgetMarked(queries, many, 1),
  findScan: (queries) => findScan(queries, digest),
  readEvidence: (queries) => readEvidence(queries, digest),
  isScanDue: (queries) => isScanDue(queries, digest, 1),
  isFreshScanDue: (queries) => isFreshScanDue(queries, digest, 1),
  lostScans: (queries) => lostScans(queries, 1, 10),
  repositoriesWith: (queries) => repositoriesWith(queries, digest, 'app'),
  packagesWithFlaw: (queries) => packagesWithFlaw(queries, 'CVE-1'),
  packagesNamed: (queries) => packagesNamed(queries, 'openssl'),
  imagesWithPackages: (queries) => imagesWithPackages(queries, [1, 2]),
  placesOf: (queries) => placesOf(queries, [1, 2]),
  tagsOfImages: (queries) => tagsOfImages(queries, [1, 2]),
  latestPulls: (queries) => latestPulls(queries, 'app', 1, 100),
  flawsOf: (queries) => flawsOf(queries, 1, 100),
  removeFlaws: (queries) => removeFlaws(queries, [{ flaw: 'CVE-1', package: 1 }], 1),
  forgetFlaws: (queries) => forgetFlaws(queries, 1, 100),
  nextManifests: (queries) => nextManifests(queries, firstManifest, ['a', 'b'], 1, 100),
  forgottenScans: (queries) => forgottenScans(queries, 1, 1, 100),
  nextAttachments: (queries) => nextAttachments(queries, firstAttachment, 100),
  nextScans: (queries) => nextScans(queries, 1, 1, 100),
  removeScan: (queries) => removeScan(queries, 1, 1),
  nextPackages: (queries) => nextPackages(queries, 1, 100),
  removePackage: (queries) => removePackage(queries, 1),
  hasStrayFlaws: (queries) => hasStrayFlaws(queries, 1, 100),
  knownFlaws: (queries) => knownFlaws(queries, [1, 2]),
  packageRecords: (queries) => packageRecords(queries, 1, 100),
  imagesToJudge: (queries) => imagesToJudge(queries, 1, 1, 100),
};

/** Each statement that a question asks, and how SQLite would look for its rows. */
async function plansOf(database: SqlDatabase, ask: (queries: SqlQueries) => Promise<unknown>): Promise<string[]> {
  const plans: string[] = [];
  await database.transaction(async (queries) => {
    const explain = async (sql: string, parameters: readonly SqlValue[]): Promise<void> => {
      const steps = await queries.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, ...parameters);
      plans.push(...steps.map(({ detail }) => detail));
    };
    const explaining: SqlQueries = {
      async all(sql, ...parameters) {
        await explain(sql, parameters);
        return queries.all(sql, ...parameters);
      },
      async get(sql, ...parameters) {
        await explain(sql, parameters);
        return queries.get(sql, ...parameters);
      },
      async run(sql, ...parameters) {
        await explain(sql, parameters);
        return queries.run(sql, ...parameters);
      },
    };
    await ask(explaining);
  });
  return plans;
}

async function inDatabase(run: (database: SqlDatabase) => Promise<void>): Promise<void> {
  using folder = temporaryDirectory();
  await using database = await openSqliteDatabase({ path: join(folder.path, 'registry.db') });
  await migrate(database, migrations);
  await run(database);
}

test('no statement that is asked often, or of large tables, goes through all rows', () =>
  inDatabase(async (database) => {
    for (const [name, ask] of Object.entries(questions)) {
      const plans = await plansOf(database, ask);
      // A plain INSERT looks for nothing.
      assert.ok(plans.length > 0 || name === 'insertManifest', name);
      const scans = plans.filter(
        (plan) => plan.startsWith('SCAN') && !/^SCAN (stretch|around|\(subquery-\d+\)|(\d+ )?CONSTANT ROW)/.test(plan),
      );
      assert.deepEqual(scans, [], name);
    }
  }));

test('pages are read in the order of an index, without sorting', () =>
  inDatabase(async (database) => {
    for (const name of [
      'listTags',
      'listReferrers',
      'listReferrers, filtered',
      'listRepositories',
      'tagsOf',
      'staleUploads',
      'uploadNames',
      'findHolders',
      'readAudit',
      'readChain',
      'firstAudit',
      'lastBefore',
    ]) {
      const plans = await plansOf(database, questions[name] as (queries: SqlQueries) => Promise<unknown>);
      assert.deepEqual(
        plans.filter((plan) => plan.includes('TEMP B-TREE')),
        [],
        name,
      );
    }
  }));

test('stretches of garbage collection begin and end by whole keys', () =>
  inDatabase(async (database) => {
    const key = { links: /\(repository,digest\)[<>]/, blobs: /\(?digest>\?/ };
    for (const [name, pattern] of [
      ['nextLinks', key.links],
      ['unusedLinks', key.links],
      ['nextBlobs', key.blobs],
      ['unreferencedBlobs', /digest>\? AND digest<\?/],
      ['wouldBeUnreferenced', /digest>\? AND digest<\?/],
    ] as const) {
      const plans = await plansOf(database, questions[name] as (queries: SqlQueries) => Promise<unknown>);
      assert.ok(
        plans.some((plan) => pattern.test(plan)),
        `${name}: ${plans.join('; ')}`,
      );
    }
  }));

test('manifests that name a digest are found by it, and not among all that a repository names', () =>
  inDatabase(async (database) => {
    const plans = await plansOf(database, questions['manifestsNaming'] as (queries: SqlQueries) => Promise<unknown>);
    const links = plans.find((plan) => plan.startsWith('SEARCH l '));
    assert.match(links ?? '', /manifest_links_named \(repository=\? AND target=\? AND kind=\?\)/);
  }));
