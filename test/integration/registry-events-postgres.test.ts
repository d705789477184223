import assert from 'node:assert/strict';
import test from 'node:test';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { startReceiver } from '../../testing/registry/event-receiver.ts';
import { hastyClock, pushImage, serviceConfig, startOwnService } from '../../testing/registry/own-service.ts';
import { postgresMissing, startPostgres } from '../../testing/store/postgres-server.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { AuditTrail } from '../../src/registry/audit/audit-trail.ts';
import { auditEntry } from '../../src/registry/audit/entry.ts';
import { expireAudit } from '../../src/registry/audit/expire-audit.ts';
import { verifyTrail } from '../../src/registry/audit/verify-trail.ts';
import { openPostgresDatabase } from '../../src/store/sql/postgres/open.ts';

const day = 86_400_000;

test(
  'two registries on one PostgreSQL tell each push once, and let the same trail go',
  { skip: postgresMissing() },
  async () => {
    await using server = await startPostgres();
    const url = await server.createDatabase();
    await using receiver = await startReceiver();
    using folder = temporaryDirectory();
    folder.write('secret', `whsec_${Buffer.alloc(32, 1).toString('base64')}`);
    const config = await serviceConfig(
      folder,
      `registry:
  listen: 127.0.0.1:0
  database: {postgres: {url: env:DATABASE, tls: off}}
  storage: {filesystem: blobs}
  audit: {keepFor: 1d}
  webhooks:
    - {name: all, url: '${receiver.url}', events: [image.pushed, tag.moved], secretFile: secret, allowPrivate: true}
`,
    );
    const options = { env: { DATABASE: url }, clock: hastyClock() };
    const pushes = 40;
    {
      await using first = await startOwnService(config, options);
      await using second = await startOwnService(config, options);
      const statuses = await Promise.all(
        Array.from({ length: pushes }, (_, at) =>
          pushImage((at % 2 === 0 ? first : second).url, `app/${at % 5}`, `v${at}`, `content ${at}`),
        ),
      );
      const taken = statuses.filter((status) => status === 201).length;
      assert.equal(taken, pushes);
      await receiver.until(pushes);
      const told = receiver.received.map(({ body }) => (JSON.parse(body) as { subject: string }).subject);
      assert.equal(new Set(told).size, pushes);
      assert.equal(told.length, pushes);
    }
    await using database = await openPostgresDatabase({ url, poolSize: 2, logger: silentLogger });
    const before = await verifyTrail(database);
    assert.ok(before.whole && before.entries >= 2 * pushes);
    const now = (): number => Date.now() + 3 * day;
    await using trail = new AuditTrail({ database, logger: silentLogger, now, chain: 'later' });
    trail.note(auditEntry({ time: now(), actor: { kind: 'user', name: 'x' }, action: 'pull', outcome: 'done' }));
    await trail.flush();
    const removed = await expireAudit({ database, trail, before: now() - 2 * day, now });
    assert.equal(removed, before.entries - before.heads.length);
    const after = await verifyTrail(database, { expected: before.heads });
    assert.ok(after.whole && after.letGoBefore !== undefined, JSON.stringify(after));
  },
);
