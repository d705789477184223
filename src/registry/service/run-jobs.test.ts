import assert from 'node:assert/strict';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryDirectory } from '../../../testing/image/temporary-directory.ts';
import { startReceiver } from '../../../testing/registry/event-receiver.ts';
import { digestOfText } from '../../../testing/registry/own-registry.ts';
import {
  askService,
  hastyClock,
  pushImage,
  serviceConfig,
  startOwnService,
} from '../../../testing/registry/own-service.ts';
import type { Logger } from '../../base/logger.ts';
import { openSqliteDatabase } from '../../store/sql/sqlite/open.ts';
import { wholeTrail } from '../audit/read-trail.ts';
import { verifyTrail } from '../audit/verify-trail.ts';

const settings = (url: string): string => `
registry:
  listen: 127.0.0.1:0
  metrics: {listen: 127.0.0.1:0}
  audit: {keepFor: 2d}
  retention:
    rules:
      - {name: old, kind: delete, tags: [old*], olderThan: 3d}
      - {name: leftovers, kind: delete-untagged, olderThan: 1d}
  webhooks:
    - name: all
      url: ${url}
      events: [image.deleted, tag.deleted, retention.ran, gc.ran]
      secretFile: secret
      allowPrivate: true
`;

const day = 86_400_000;

interface Line {
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

test('scheduled work is done, told, counted and written down', async () => {
  await using receiver = await startReceiver();
  using folder = temporaryDirectory();
  folder.write('secret', `whsec_${Buffer.alloc(32, 1).toString('base64')}`);
  const clock = hastyClock();
  const lines: Line[] = [];
  const say = (message: string, fields: Line['fields'] = {}): void => void lines.push({ message, fields });
  const logger: Logger = { debug: say, info: say, warn: say, error: say };
  const config = await serviceConfig(folder, settings(receiver.url));
  const untilSaid = async (message: string): Promise<Line> => {
    for (let look = 0; look < 1000; look += 1) {
      const line = lines.find((each) => each.message === message);
      if (line !== undefined) return line;
      await sleep(10);
    }
    throw new Error(`It was not said: ${message}`);
  };
  {
    await using service = await startOwnService(config, { clock, logger });
    const { url } = service;
    for (const tag of ['old1', 'old2', 'v1']) assert.equal(await pushImage(url, 'app', tag, tag), 201);
    const body = 'x'.repeat(100_000);
    await askService(url, 'POST', `/v2/app/blobs/uploads/?digest=${digestOfText(body)}`, { body });
    // Entries get their places in the chain within some tenths of a second; those without are let go another time.
    const placed = async (): Promise<number> => {
      const answer = await askService(url, 'GET', '/api/v1/audit');
      return ((await answer.json()) as { items: unknown[] }).items.length;
    };
    for (let look = 0; look < 500 && (await placed()) < 7; look += 1) await sleep(10);
    // Past every schedule at once. The scrub may come before or after what else runs.
    clock.ahead += 8 * day;
    for (const message of ['Retention was carried out', 'Garbage was collected', 'Content was scrubbed']) {
      await untilSaid(message);
    }
    assert.deepEqual((await untilSaid('Old audit entries were let go')).fields['before'] !== undefined, true);
    const told = async (count: number): Promise<readonly { type: string; data: Record<string, unknown> }[]> =>
      (await receiver.until(count)).map(({ body: text }) => JSON.parse(text) as never);
    const events = await told(6);
    const of = (name: string): readonly Record<string, unknown>[] =>
      events.filter(({ type }) => type.endsWith(name)).map(({ data }) => data);
    assert.deepEqual(
      of('tag.deleted')
        .map(({ tag, actor }) => `${String(tag)} ${String(actor)}`)
        .sort(),
      ['old1 registry', 'old2 registry'],
    );
    assert.deepEqual(of('retention.ran'), [{ actor: 'registry', deletedTags: 2, deletedManifests: 2 }]);
    assert.equal(of('image.deleted').length, 2);
    assert.equal(of('gc.ran').length, 1);

    const metrics = await (await fetch(`${service.metricsUrl}/metrics`)).text();
    for (const line of [
      'retention_deletes_total{what="tag"} 2',
      'retention_deletes_total{what="manifest"} 2',
      'jobs{queue="scrub",state="failed"} 0',
      'jobs{queue="audit-expiry",state="waiting"} 0',
    ]) {
      assert.ok(metrics.includes(`seaworthy_registry_${line}\n`), `${line} in ${metrics}`);
    }
    // More than that where it came after retention.
    assert.match(metrics, /seaworthy_registry_gc_removed_blobs_total [1-9]/);
    assert.match(metrics, /seaworthy_registry_gc_freed_bytes_total 1\d{5}\n/);
    assert.match(metrics, /seaworthy_registry_audit_expired_entries_total [1-9]/);
    assert.match(metrics, /seaworthy_registry_scrub_read_bytes_total [1-9]/);
  }
  await using database = await openSqliteDatabase({ path: join(folder.path, 'data', 'registry.db') });
  const verdict = await verifyTrail(database);
  assert.ok(verdict.whole && verdict.letGoBefore !== undefined);
  const actions: string[] = [];
  for await (const { entry } of wholeTrail(database)) actions.push(`${entry.action} ${entry.reference ?? ''}`);
  assert.ok(actions.includes('audit-expiry ') && actions.includes('retention old1'), actions.join('\n'));
});

test('a scheduled scrub counts and logs what is wrong, and changes nothing', async () => {
  using folder = temporaryDirectory();
  const clock = hastyClock();
  const found: Line[] = [];
  const ignore = (): void => undefined;
  const logger: Logger = {
    debug: ignore,
    info: ignore,
    error: ignore,
    warn: (message, fields = {}) => void found.push({ message, fields }),
  };
  const text =
    'registry: {listen: "127.0.0.1:0", metrics: {listen: "127.0.0.1:0"}, gc: {enabled: false}, scrub: {schedule: "* * * * *"}}';
  await using service = await startOwnService(await serviceConfig(folder, text), { clock, logger });
  const body = 'x'.repeat(100_000);
  const path = `/v2/app/blobs/uploads/?digest=${digestOfText(body)}`;
  assert.equal((await askService(service.url, 'POST', path, { body })).status, 201);
  const blobs = join(folder.path, 'data', 'blobs');
  for (const { parentPath, name } of readdirSync(blobs, { recursive: true, withFileTypes: true })) {
    if (name.includes(digestOfText(body).slice(-20))) rmSync(join(parentPath, name));
  }
  const counted = async (): Promise<number> => {
    const metrics = await (await fetch(`${service.metricsUrl}/metrics`)).text();
    return Number(/scrub_findings_total\{kind="bytes-missing"\} (\d+)/.exec(metrics)?.[1]);
  };
  assert.equal(await counted(), 0);
  clock.ahead += 3_600_000;
  for (let look = 0; look < 500 && (await counted()) < 1; look += 1) await sleep(10);
  assert.equal(await counted(), 1);
  assert.deepEqual(
    found.slice(0, 1).map(({ message, fields }) => [message, fields['kind'], fields['repaired']]),
    [['Something is wrong with what is stored', 'bytes-missing', false]],
  );
  assert.equal(typeof found[0]?.fields['advice'], 'string');
  for (let look = 0; look < 500 && (await counted()) < 2; look += 1) {
    clock.ahead += 60_000;
    await sleep(10);
  }
  assert.ok((await counted()) >= 2, 'it is still there to be found');
});
