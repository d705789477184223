import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Digest } from '../../oci/digest.ts';
import { compareReports } from './compare-reports.ts';
import type { Flaw, ReportedImage } from './model.ts';
import { renderJson } from './render-json.ts';
import { readEarlierReport } from './schema.ts';

function flaw(id: string): Flaw {
  return { id, package: 'musl', version: '1', fixed: '', severity: 'HIGH' };
}

function image(number: number, ids: readonly string[] | 'failed'): ReportedImage {
  const digest = `sha256:${String(number).repeat(64)}` as Digest;
  const running = { digest, images: [`app-${number}`], pods: 1, platforms: [], users: [] };
  const told = { image: running, name: `app-${number}`, digest };
  if (ids === 'failed') {
    return { ...told, state: 'failed', platforms: [], failure: { code: 'DENIED', message: 'no' } };
  }
  const report = { flaws: ids.map(flaw), packages: 1, problems: [], status: 0 };
  return {
    ...told,
    state: 'scanned',
    platforms: [{ state: 'scanned', report, manifest: digest, platform: 'linux/amd64' }],
  };
}

type Compared = Parameters<typeof compareReports>[1];

function compared(images: readonly ReportedImage[], more: Partial<Compared> = {}): Compared {
  const inventory = { cluster: 'a', listedAt: '', nodes: [], namespaces: [], workloads: [], counts: [], gaps: [] };
  return { inventory, images, part: [], ...more };
}

/** As it is read again: whatever is compared went through a file. */
async function earlier(
  images: readonly ReportedImage[],
  more: Partial<Compared> = {},
): Promise<NonNullable<ReturnType<typeof readEarlierReport>>> {
  const report = { ...compared(images, more), createdAt: '2026-01-01T00:00:00Z' };
  let text = '';
  for await (const piece of renderJson(report, 'summary')) text += piece.toString();
  const read = readEarlierReport(JSON.parse(text));
  assert.ok(read !== undefined);
  return read;
}

test('compareReports() tells what appeared, went and changed, by digest and by flaw', async () => {
  const before = await earlier([image(1, ['a', 'b']), image(2, ['c'])]);
  const changes = compareReports(before, compared([image(1, ['b', 'd']), image(3, ['e'])]));
  assert.equal(changes.since, '2026-01-01T00:00:00Z');
  assert.deepEqual(
    changes.appeared.map((name) => name.slice(0, 6)),
    ['app-3@'],
  );
  assert.deepEqual(
    changes.gone.map((name) => name.slice(0, 6)),
    ['app-2@'],
  );
  assert.deepEqual(
    changes.found.map(({ id, image: name }) => `${name} ${id}`),
    ['app-1 d', 'app-3 e'],
  );
  assert.deepEqual(
    changes.ended.map(({ id, image: name }) => `${name} ${id}`),
    ['app-1 a', 'app-2 c'],
  );
  assert.deepEqual(changes.unknown, []);
  const same = compareReports(before, compared([image(1, ['a', 'b']), image(2, ['c'])]));
  assert.deepEqual([same.appeared, same.gone, same.found, same.ended, same.unknown], [[], [], [], [], []]);
});

test('compareReports() says nothing of what either report could not look at', async () => {
  const lost = compareReports(await earlier([image(1, ['a'])]), compared([image(1, 'failed')]));
  assert.deepEqual([lost.found, lost.ended, lost.unknown.length], [[], [], 1]);
  const back = compareReports(await earlier([image(1, 'failed')]), compared([image(1, ['a'])]));
  assert.deepEqual([back.found, back.ended, back.unknown.length], [[], [], 1]);
});

test('readEarlierReport() takes nothing else for a report', () => {
  for (const value of [null, [], {}, { ClusterName: 'a', Seaworthy: { CreatedAt: '', Images: [{}] } }]) {
    assert.equal(readEarlierReport(value), undefined);
  }
});

test('compareReports() notes that reports are of different clusters, or of different parts of one', async () => {
  const images = [image(1, ['a'])];
  const { inventory } = compared(images);
  const other = { inventory: { ...inventory, cluster: 'b' } };
  const part = ['--include-namespaces shop', '--ignore-unfixed'];
  const notes = async (before: Partial<Compared>, now: Partial<Compared>): Promise<readonly string[]> =>
    compareReports(await earlier(images, before), compared(images, now)).notes;
  assert.deepEqual(await notes({}, {}), []);
  assert.deepEqual(await notes({ part }, { part: part.toReversed() }), []);
  assert.deepEqual(await notes(other, {}), ['the earlier report is of the cluster b, and this one of a']);
  assert.match(
    (await notes({}, { part }))[0] ?? '',
    /made of everything, and this one with --include-namespaces shop --ignore-unfixed;/,
  );
  assert.match((await notes({ part }, {}))[0] ?? '', /made with --include-.* and this one of everything;/);
});
