import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { collectGarbage } from '../../src/registry/garbage/collect.ts';
import { importContent } from '../../src/registry/import/import-content.ts';
import { openImportSource } from '../../src/registry/import/open-source.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { digestOfText, type OwnRegistry, startOwnRegistry } from '../../testing/registry/own-registry.ts';
import { storedRows } from '../../testing/registry/stored-rows.ts';

const indexType = 'application/vnd.oci.image.index.v1+json';
const imageType = 'application/vnd.oci.image.manifest.v1+json';
const levels = 60;

/** Two indexes at each level, each of which lists both of the level below: 2^60 ways down, and 120 documents. */
function ladder(lowest: readonly string[]): readonly string[] {
  const documents: string[] = [];
  let below = lowest;
  for (let level = 0; level < levels; level += 1) {
    const mediaType = level === 0 ? imageType : indexType;
    const manifests = below.map((text) => ({ mediaType, digest: digestOfText(text), size: text.length }));
    below = ['left', 'right'].map((side) =>
      JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests, annotations: { side, level: `${level}` } }),
    );
    documents.push(...below);
  }
  return documents;
}

async function images(own: OwnRegistry): Promise<readonly string[]> {
  const config = { mediaType: 'application/vnd.oci.image.config.v1+json', ...(await own.pushBlob('deep', '{}')) };
  return ['left', 'right'].map((side) =>
    JSON.stringify({ schemaVersion: 2, mediaType: imageType, config, layers: [], annotations: { side } }),
  );
}

test('indexes within indexes are pushed, listed, collected and deleted in as many steps as there are documents', async () => {
  await using own = await startOwnRegistry();
  const lowest = await images(own);
  const documents = [...lowest, ...ladder(lowest)];
  for (const [at, body] of documents.entries()) {
    const headers = { 'content-type': at < 2 ? imageType : indexType };
    assert.equal((await own.ask('PUT', `deep/manifests/t${at}`, { body, headers })).status, 201);
  }
  assert.equal((await storedRows(own))['manifests'], documents.length);
  const top = documents.at(-1) as string;
  assert.equal((await own.ask('GET', `deep/manifests/${digestOfText(top)}`)).body.toString(), top);
  const report = await collectGarbage(own.registry.content, { grace: 0 });
  assert.equal(report.finished, true);
  assert.equal((await storedRows(own))['manifests'], documents.length);
  for (const body of documents.toReversed()) {
    assert.equal((await own.ask('DELETE', `deep/manifests/${digestOfText(body)}`)).status, 202);
  }
  assert.equal((await storedRows(own))['manifests'], 0);
});

function writeLayout(folder: TemporaryDirectory, documents: readonly string[], top: string): string {
  mkdirSync(join(folder.path, 'blobs/sha256'), { recursive: true });
  folder.write('oci-layout', '{"imageLayoutVersion":"1.0.0"}');
  for (const text of documents) folder.write(`blobs/sha256/${digestOfText(text).slice(7)}`, text);
  const entry = { mediaType: indexType, digest: digestOfText(top), size: top.length };
  folder.write('index.json', JSON.stringify({ schemaVersion: 2, manifests: [entry] }));
  return folder.path;
}

test('indexes within indexes are not taken over without end', async () => {
  await using own = await startOwnRegistry();
  using folder = temporaryDirectory();
  const lowest = await images(own);
  const documents = [...lowest, ...ladder(lowest)];
  const path = writeLayout(folder, documents, documents.at(-1) as string);
  const before = await storedRows(own);
  const source = await openImportSource(path, 'copied');
  const report = await importContent(own.registry.content, source, { journal: () => Promise.resolve() });
  assert.deepEqual(
    report.problems.map(({ code }) => code),
    ['LIMIT_EXCEEDED'],
  );
  assert.deepEqual(await storedRows(own), before, 'all of it or nothing');
});

test('an index cannot list itself, since it would have to name its own digest', async () => {
  await using own = await startOwnRegistry({ sparse: 'none' });
  const body = JSON.stringify({
    schemaVersion: 2,
    mediaType: indexType,
    manifests: [{ mediaType: indexType, digest: digestOfText('itself'), size: 1 }],
  });
  const answer = await own.ask('PUT', 'deep/manifests/a', { body, headers: { 'content-type': indexType } });
  assert.equal(answer.status, 404);
});
