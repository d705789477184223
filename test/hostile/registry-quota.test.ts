import assert from 'node:assert/strict';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { repositoryUsage } from '../../src/store/metadata/usage.ts';
import { findRepository } from '../../src/store/metadata/repositories.ts';
import { digestOfText } from '../../testing/registry/own-registry.ts';
import { type ServiceOfText, startServiceOf } from '../../testing/registry/service-of-text.ts';
import { rawConnect, rawHead } from '../../testing/registry/raw-http.ts';

const imageType = 'application/vnd.oci.image.manifest.v1+json';
const quota = 1_000_000;
const settings = `
registry:
  listen: 127.0.0.1:0
  quotas:
    - { repositories: [small/**], maxBytes: ${quota}, maxTags: 5 }
`;

/** What a repository holds, as its quota counts it. */
async function usageOf(
  { service }: ServiceOfText,
  name: string,
): Promise<{ readonly bytes: number; readonly tags: number }> {
  const { database } = service.registry.content;
  return repositoryUsage(database, (await findRepository(database, name)) as number);
}

function bytesOf(length: number, at: number): Buffer {
  return Buffer.alloc(length, `${at} of many `);
}

async function begin(own: ServiceOfText): Promise<string> {
  const answer = await own.ask('POST', '/v2/small/app/blobs/uploads/');
  assert.equal(answer.status, 202);
  return answer.headers.get('location') as string;
}

describe('a quota', () => {
  for (const [title, length] of [
    ['small', 60_000],
    ['large', 90_000],
  ] as const) {
    test(`is not passed by ${title} blobs that are pushed at once, whole, in parts, and by mounts`, async () => {
      await using own = await startServiceOf(settings);
      for (let at = 0; at < 30; at += 3) {
        const body = bytesOf(length, at);
        assert.equal(
          (await own.ask('POST', `/v2/other/app/blobs/uploads/?digest=${digestOfText(body)}`, { body })).status,
          201,
        );
      }
      const statuses = await Promise.all(
        Array.from({ length: 30 }, async (_, at) => {
          const body = bytesOf(length, at);
          const digest = digestOfText(body);
          if (at % 3 === 0) {
            const query = `mount=${digest}&from=other/app`;
            return (await own.ask('POST', `/v2/small/app/blobs/uploads/?${query}`)).status;
          }
          if (at % 3 === 1)
            return (await own.ask('POST', `/v2/small/app/blobs/uploads/?digest=${digest}`, { body })).status;
          const place = await begin(own);
          const patch = await own.ask('PATCH', place, { body });
          if (patch.status !== 202) return patch.status;
          return (await own.ask('PUT', `${place}?digest=${digest}`)).status;
        }),
      );
      const taken = statuses.filter((status) => status === 201).length;
      assert.deepEqual(new Set(statuses), new Set([201, 403]));
      const { bytes } = await usageOf(own, 'small/app');
      assert.deepEqual([bytes, taken], [taken * length, Math.floor(quota / length)]);
    });
  }

  test('of tags is not passed by manifests that are pushed at once, with many tags each', async () => {
    await using own = await startServiceOf(settings);
    const digest = digestOfText('{}');
    await own.ask('POST', `/v2/small/app/blobs/uploads/?digest=${digest}`, { body: '{}' });
    const config = { mediaType: 'application/vnd.oci.image.config.v1+json', digest, size: 2 };
    const statuses = await Promise.all(
      Array.from({ length: 20 }, async (_, at) => {
        const body = JSON.stringify({
          schemaVersion: 2,
          mediaType: imageType,
          config,
          layers: [],
          annotations: { at: `${at}` },
        });
        const path = `/v2/small/app/manifests/${digestOfText(body)}?tag=a${at}&tag=b${at}`;
        return (await own.ask('PUT', path, { headers: { 'content-type': imageType }, body })).status;
      }),
    );
    assert.equal(statuses.filter((status) => status === 201).length, 2);
    assert.equal((await usageOf(own, 'small/app')).tags, 4);
  });

  test('is one for uploads that are never ended, too', async () => {
    await using own = await startServiceOf(settings);
    // Small ones, which lie in the database, one after the other.
    const places: string[] = [];
    let taken = 0;
    for (let at = 0; at < 20; at += 1) {
      const place = await begin(own);
      const { status, body } = await own.ask('PATCH', place, { body: bytesOf(60_000, at) });
      if (status === 202) taken += 1;
      else {
        assert.equal(status, 403);
        assert.match(body, /"DENIED".+Uploads that are under way in small\/app may hold 1000000 bytes together/);
      }
      places.push(place);
    }
    assert.equal(taken, 16);
    // A large one, whose length nobody knows, finds what is left.
    using connection = await rawConnect(own.host);
    await connection.send(rawHead(`PATCH ${await begin(own)}`, 'Transfer-Encoding: chunked'));
    await connection.send(`${(100_000).toString(16)}\r\n`, bytesOf(100_000, 0), '\r\n');
    assert.equal((await connection.answer())?.status, 403);
    // Who gives one up may go on, and another repository is another matter.
    assert.equal((await own.ask('DELETE', places[0] as string)).status, 204);
    const body = bytesOf(60_000, 99);
    assert.equal((await own.ask('PATCH', await begin(own), { body })).status, 202);
    assert.equal((await own.ask('PATCH', await begin(own), { body })).status, 403);
    assert.equal(
      (await own.ask('POST', `/v2/other/app/blobs/uploads/?digest=${digestOfText(body)}`, { body })).status,
      201,
    );
  });

  test('has nothing to count of what was broken off, which leaves the disk', async () => {
    await using own = await startServiceOf(settings);
    const folder = join(own.folder.path, 'data', 'blobs');
    const stored = (): number =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .reduce(
          (sum, { parentPath, name }) => sum + (statSync(join(parentPath, name), { throwIfNoEntry: false })?.size ?? 0),
          0,
        );
    const begun = await own.ask('POST', '/v2/other/app/blobs/uploads/');
    const place = begun.headers.get('location') as string;
    assert.equal((await own.ask('PATCH', place, { body: bytesOf(100_000, 0) })).status, 202);
    const before = stored();
    for (let times = 0; times < 3; times += 1) {
      const connection = await rawConnect(own.host);
      await connection.send(rawHead(`PATCH ${place}`, 'Content-Length: 8000000'), bytesOf(7_000_000, times));
      await new Promise((resolve) => setTimeout(resolve, 50));
      connection.socket.resetAndDestroy();
      for (let tries = 0; tries < 200 && stored() > before; tries += 1) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      assert.equal(stored(), before);
    }
  });

  test('holds for uploads that arrive at the same time, of which nobody knows how long they are', async () => {
    await using own = await startServiceOf(settings);
    const connections = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const connection = await rawConnect(own.host);
        await connection.send(rawHead(`PATCH ${await begin(own)}`, 'Transfer-Encoding: chunked'));
        return connection;
      }),
    );
    const part = `${(100_000).toString(16)}\r\n`;
    for (let round = 0; round < 4; round += 1) {
      for (const { socket } of connections)
        if (socket.writable)
          socket.write(Buffer.concat([Buffer.from(part), bytesOf(100_000, round), Buffer.from('\r\n')]));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    for (const { socket } of connections) if (socket.writable) socket.write('0\r\n\r\n');
    const statuses = await Promise.all(connections.map((connection) => connection.answer()));
    for (const connection of connections) connection[Symbol.dispose]();
    const taken = statuses.filter((answer) => answer?.status === 202).length;
    assert.ok(taken <= 2, `${taken} of 400 000 bytes each`);
    const row = await own.service.registry.content.database.get<{ bytes: number }>(
      'SELECT SUM(size) AS bytes FROM uploads',
    );
    assert.ok((row?.bytes ?? 0) <= quota, String(row?.bytes));
  });
});
