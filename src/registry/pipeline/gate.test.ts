import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOfText, startOwnRegistry } from '../../../testing/registry/own-registry.ts';
import { RegistryError } from '../error.ts';
import type { Gate } from './gate.ts';
import type { Subject } from './subject.ts';

const type = 'application/vnd.oci.image.index.v1+json';
const headers = { 'content-type': type };
const index = (name: string): string =>
  JSON.stringify({ schemaVersion: 2, mediaType: type, manifests: [], annotations: { name } });

test('serveRequest() shows the gate what it then lets pass, and nothing else', async () => {
  const judged: Subject[] = [];
  let during: (() => Promise<unknown>) | undefined;
  const gate: Gate = {
    enter: () => undefined,
    async judge(subject) {
      judged.push(subject);
      const act = during;
      during = undefined;
      await act?.();
    },
  };
  await using own = await startOwnRegistry({ gate: () => gate });
  const put = (name: string): Promise<{ status: number }> =>
    own.ask('PUT', 'app/manifests/v1', { body: index(name), headers });
  assert.equal((await put('first')).status, 201);
  // The tag moves while the gate still thinks.
  during = () => put('second');
  const got = await own.ask('GET', 'app/manifests/v1');
  assert.equal(got.body.toString(), index('first'));
  assert.equal((await own.ask('GET', 'app/manifests/v1')).body.toString(), index('second'));
  const { digest } = await own.pushBlob('app', 'a blob');
  assert.equal((await own.ask('GET', `app/blobs/${digest}`)).status, 200);
  const told = judged.map((subject) =>
    subject.kind === 'manifest-out'
      ? [subject.kind, subject.tag, subject.record.digest]
      : subject.kind === 'manifest-in'
        ? [subject.kind, subject.push.manifest.digest]
        : [subject.kind, subject.digest],
  );
  const [first, second] = [digestOfText(index('first')), digestOfText(index('second'))];
  assert.deepEqual(told, [
    ['manifest-in', first],
    ['manifest-out', 'v1', first],
    ['manifest-in', second],
    ['manifest-out', 'v1', second],
    ['blob-out', digest],
  ]);
});

test('serveRequest() neither sends nor keeps what the gate refuses', async () => {
  let shut = false;
  const gate: Gate = {
    enter: () => undefined,
    judge() {
      if (shut) throw new RegistryError('DENIED', 'The rule "test" lets nothing pass');
    },
  };
  await using own = await startOwnRegistry({ gate: () => gate });
  const { digest } = await own.pushBlob('app', 'a blob');
  await own.ask('PUT', 'app/manifests/v1', { body: index('kept'), headers });
  shut = true;
  for (const [method, path, body] of [
    ['GET', 'app/manifests/v1', undefined],
    ['HEAD', 'app/manifests/v1', undefined],
    ['GET', `app/manifests/${digestOfText(index('kept'))}`, undefined],
    ['GET', `app/blobs/${digest}`, undefined],
    ['HEAD', `app/blobs/${digest}`, undefined],
    ['PUT', 'app/manifests/v2', index('refused')],
  ] as const) {
    const { status, body: answer } = await own.ask(method, path, body === undefined ? {} : { body, headers });
    assert.equal(status, 403, `${method} ${path}`);
    if (method !== 'HEAD') assert.match(answer.toString(), /The rule \\"test\\" lets nothing pass/);
  }
  shut = false;
  assert.deepEqual((await own.ask('GET', 'app/tags/list')).json(), { name: 'app', tags: ['v1'] });
  assert.equal((await own.ask('GET', `app/manifests/${digestOfText(index('refused'))}`)).status, 404);
});
