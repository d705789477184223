import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { openOwnServer } from '../../../testing/admission/own-server.ts';
import { readReview } from '../../../testing/admission/read-review.ts';
import { openClient } from '../../../testing/admission/review-client.ts';
import { manualClock } from '../../../testing/manual-clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { plainAllowance } from '../review/answer.ts';
import { AdmissionError } from '../error.ts';
import { openFileStore } from './file-store.ts';
import { type KeptCertificatesOptions, openKeptCertificates } from './kept-certificates.ts';
import { type CertificateState, serviceNames } from './model.ts';
import { planRotation } from './plan-rotation.ts';
import type { CertificateStore, StoredCertificates } from './store.ts';

const day = 86_400_000;
const plan = { dnsNames: serviceNames('seaworthy', 'security') };
const start = Date.now();

function memoryStore(): CertificateStore & { state: CertificateState | undefined; fails: boolean } {
  let revision = 0;
  const store = {
    state: undefined as CertificateState | undefined,
    fails: false,
    async read(): Promise<StoredCertificates | undefined> {
      await Promise.resolve();
      if (store.fails) throw new AdmissionError('CERTIFICATE_STORE_FAILED', 'down');
      return store.state === undefined ? undefined : { state: store.state, revision: String(revision) };
    },
    async write(state: CertificateState, ifRevision: string | undefined): Promise<boolean> {
      await Promise.resolve();
      if ((ifRevision ?? '0') !== String(revision)) return false;
      store.state = state;
      revision += 1;
      return true;
    },
  };
  return store;
}

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'certificates-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return join(folder, 'kept');
}

function optionsOf(store: CertificateStore, more: Partial<KeptCertificatesOptions> = {}): KeptCertificatesOptions {
  const publish = (): Promise<boolean> => Promise.resolve(true);
  return { store, plan, publish, clock: manualClock(start), logger: silentLogger, ...more };
}

test('a webhook is reached through two years of its own certificates, by a client that knows what was published', async () => {
  const clock = manualClock(start);
  let trusted = '';
  let isRefusing = false;
  const publish = (bundle: string): Promise<boolean> => {
    if (isRefusing) return Promise.reject(new Error('the API server is down'));
    trusted = bundle;
    return Promise.resolve(true);
  };
  const kept = await openKeptCertificates(optionsOf(memoryStore(), { publish, clock }));
  await using server = await openOwnServer({ judge: () => plainAllowance, tls: kept });
  const seen = new Set<string>();
  let authorities = 0;
  // Certificates are from now on, so that a real client takes the first; later ones are asked for their chain alone.
  using client = openClient('HTTP/2', server.address.port, trusted, 'seaworthy.security.svc');
  const body = readReview('create-pod');
  for (let time = 0; time < 730; time += 3) {
    clock.set(start + time * day);
    isRefusing = time % 2 !== 0;
    await kept.check();
    const leaf = new X509Certificate(kept.current().certificate);
    const issuer = (trusted.match(/-----BEGIN[\s\S]+?-----END CERTIFICATE-----/g) ?? [])
      .map((pem) => new X509Certificate(pem))
      .find((ca) => leaf.checkIssued(ca) && leaf.verify(ca.publicKey));
    assert.ok(issuer !== undefined, `day ${time}`);
    assert.ok(leaf.validToDate.getTime() > clock.now() + 10 * day);
    assert.ok(kept.bundle().split('BEGIN').length <= 3, 'at most two authorities');
    if (!seen.has(leaf.serialNumber)) {
      seen.add(leaf.serialNumber);
      if (issuer.subject !== '' && !seen.has(issuer.subject)) authorities += 1;
      seen.add(issuer.subject);
      // The connection of the first day goes on.
      assert.equal((await client.send({ path: '/mutate/fail', body })).status, 200);
    }
  }
  assert.equal(authorities, 3);
});

test('replicas that begin at the same moment share one authority', async (t) => {
  const folder = folderOf(t);
  const all = await Promise.all(
    Array.from({ length: 6 }, () => openKeptCertificates(optionsOf(openFileStore(folder)))),
  );
  assert.equal(new Set(all.map((one) => one.bundle())).size, 1);
  assert.equal(new Set(all.map((one) => one.current().key)).size, 1);
  assert.ok(all.every((one) => one.isPublished()));
  assert.deepEqual(
    readdirSync(folder).filter((name) => !/^certificates\.\d+\.json$/.test(name)),
    [],
  );
});

test('a webhook serves what is kept, and not what it would have kept', async () => {
  const store = memoryStore();
  const theirs = planRotation(undefined, start, plan).state;
  let isFirst = true;
  const write = async (state: CertificateState, ifRevision: string | undefined): Promise<boolean> => {
    // Another replica is a little quicker.
    if (isFirst) await store.write(theirs, ifRevision);
    isFirst = false;
    return store.write(state, ifRevision);
  };
  const publish = (): Promise<boolean> => Promise.resolve(false);
  const kept = await openKeptCertificates(optionsOf({ read: store.read, write }, { publish }));
  assert.deepEqual([kept.current().key, kept.bundle()], [theirs.leaf.key, theirs.authority.certificate]);
});

test('a webhook is not ready before its authority is published, and serves on when nothing can be looked at', async () => {
  const store = memoryStore();
  let answer = false;
  const clock = manualClock(start);
  const errors: string[] = [];
  const logger = { ...silentLogger, error: (message: string) => void errors.push(message) };
  const kept = await openKeptCertificates(optionsOf(store, { publish: () => Promise.resolve(answer), clock, logger }));
  const { key } = kept.current();
  assert.equal(kept.isPublished(), false);
  answer = true;
  const stop = new AbortController();
  const running = kept.run(stop.signal);
  await clock.tick();
  while (!kept.isPublished()) await new Promise((done) => setImmediate(done));
  store.fails = true;
  await clock.tick();
  while (errors.length === 0) await new Promise((done) => setImmediate(done));
  assert.equal(kept.current().key, key);
  await assert.rejects(kept.check(), { code: 'CERTIFICATE_STORE_FAILED' });
  stop.abort();
  await running;
});

test('those who serve hear of a certificate once', async () => {
  const store = memoryStore();
  const clock = manualClock(start);
  const kept = await openKeptCertificates(optionsOf(store, { clock }));
  const heard: string[] = [];
  const end = kept.onChange(({ key }) => void heard.push(key));
  await kept.check();
  assert.deepEqual(heard, []);
  clock.set(start + 140 * day);
  await kept.check();
  await kept.check();
  assert.deepEqual(heard, [kept.current().key]);
  end();
  clock.set(start + 290 * day);
  await kept.check();
  assert.equal(heard.length, 1);
});

test('a file store keeps one state, for its user alone, and of two writers one', async (t) => {
  const folder = folderOf(t);
  const [one, other] = [openFileStore(folder), openFileStore(folder)];
  assert.equal(await one.read(), undefined);
  const { state } = planRotation(undefined, start, plan);
  assert.deepEqual(
    await Promise.all([one.write(state, undefined), other.write(state, undefined)]).then((w) => w.toSorted()),
    [false, true],
  );
  const stored = await other.read();
  assert.deepEqual(stored, { state, revision: '1' });
  const next = { ...state, isPublished: true };
  assert.equal(await one.write(next, stored?.revision), true);
  assert.equal(await other.write(state, stored?.revision), false);
  assert.equal(await other.write(state, undefined), false);
  assert.deepEqual(await other.read(), { state: next, revision: '2' });
  assert.deepEqual(readdirSync(folder), ['certificates.2.json']);
  const file = join(folder, 'certificates.2.json');
  assert.deepEqual([statSync(file).mode & 0o777, statSync(folder).mode & 0o777], [0o600, 0o700]);
  writeFileSync(file, readFileSync(file).subarray(0, 500));
  assert.deepEqual(await one.read(), { state: undefined, revision: '2' });
  const kept = await openKeptCertificates(optionsOf(one));
  assert.equal(kept.isPublished(), true);
});

test('a file store says that it cannot be looked at, which is not that nothing is there', async (t) => {
  const folder = folderOf(t);
  writeFileSync(folder, 'a file');
  const store = openFileStore(folder);
  await assert.rejects(store.read(), { code: 'CERTIFICATE_STORE_FAILED' });
  await assert.rejects(openKeptCertificates(optionsOf(store)), { code: 'CERTIFICATE_STORE_FAILED' });
});
