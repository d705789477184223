import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { Registry } from 'prom-client';
import { manualClock } from '../../../testing/manual-clock.ts';
import { makeCertificate, type TestCertificate } from '../../../testing/registry/certificate.ts';
import { silentLogger } from '../../base/logger.ts';
import { AdmissionError } from '../error.ts';
import { AdmissionMetrics } from '../metrics.ts';
import { type MountedCertificates, openMountedCertificates } from './mounted-certificates.ts';

const now = Date.now();
const year = 366 * 86_400_000;
const minute = 60_000;
const authority = makeCertificate('Example CA');
const make = (name: string): TestCertificate => makeCertificate(name, { issuer: authority, dnsNames: ['x.y.svc'] });

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'mounted-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

function write(folder: string, { cert, key }: Pick<TestCertificate, 'cert' | 'key'>): void {
  writeFileSync(join(folder, 'tls.crt'), cert);
  writeFileSync(join(folder, 'tls.key'), key);
}

interface Opened {
  readonly mounted: MountedCertificates;
  readonly metrics: AdmissionMetrics;
  readonly errors: string[];
}

async function open(folder: string, at: number = now): Promise<Opened> {
  const metrics = new AdmissionMetrics(new Registry());
  const errors: string[] = [];
  const tell = (_message: string, fields?: Readonly<Record<string, unknown>>): void => {
    const error = fields?.['error'];
    errors.push(error instanceof AdmissionError ? error.code : 'another');
  };
  const logger = { ...silentLogger, error: tell };
  const mounted = await openMountedCertificates({ folder, clock: manualClock(at), logger, metrics });
  return { mounted, metrics, errors };
}

test('mounted certificates follow their folder as the kubelet swaps it', async (t) => {
  const folder = folderOf(t);
  const [one, two] = [make('one'), make('two')];
  const publish = (name: string, content: TestCertificate): void => {
    mkdirSync(join(folder, name));
    write(join(folder, name), content);
    symlinkSync(name, join(folder, '..data_tmp'));
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
  };
  publish('..1', one);
  for (const name of ['tls.crt', 'tls.key']) symlinkSync(join('..data', name), join(folder, name));
  const { mounted, errors } = await open(folder);
  const heard: string[] = [];
  mounted.onChange(({ certificate }) => void heard.push(certificate));
  assert.equal(mounted.current().certificate, one.cert);
  await mounted.check();
  publish('..2', two);
  await mounted.check();
  await mounted.check();
  assert.deepEqual([heard, mounted.current().key, errors], [[two.cert], two.key, []]);
});

test('mounted certificates that are broken leave those that are served, and that is told once for each change', async (t) => {
  const folder = folderOf(t);
  const [one, two] = [make('one'), make('two')];
  write(folder, one);
  const { mounted, metrics, errors } = await open(folder);
  const changes: readonly (readonly [change: () => void, code: string])[] = [
    [() => writeFileSync(join(folder, 'tls.crt'), two.cert), 'CERTIFICATE_UNUSABLE'],
    [() => writeFileSync(join(folder, 'tls.crt'), two.cert.slice(0, 200)), 'CERTIFICATE_UNREADABLE'],
    [() => rmSync(join(folder, 'tls.crt')), 'CERTIFICATE_UNREADABLE'],
    [() => write(folder, { ...two, key: 'no key' }), 'CERTIFICATE_UNREADABLE'],
    [() => write(folder, makeCertificate('over', { notAfter: now - minute })), 'CERTIFICATE_UNUSABLE'],
    [() => writeFileSync(join(folder, 'tls.crt'), ' '.repeat(2 ** 20 + 1)), 'CERTIFICATE_UNREADABLE'],
  ];
  for (const [change, code] of changes) {
    change();
    await mounted.check();
    await mounted.check();
    assert.deepEqual([errors.splice(0), mounted.current().certificate], [[code], one.cert]);
  }
  write(folder, two);
  await mounted.check();
  assert.equal(mounted.current().certificate, two.cert);
  const { body } = await metrics.render();
  assert.match(body, /^seaworthy_admission_certificate_changes_total\{outcome="refused"\} 6$/m);
});

test('mounted certificates bear a clock that is ten minutes late, and no more', async (t) => {
  const folder = folderOf(t);
  write(folder, make('one'));
  // Test certificates begin a year before they are made.
  const begin = now - 365 * 86_400_000;
  await open(folder, begin - 9 * minute);
  await assert.rejects(open(folder, begin - 11 * minute), /holds from .+ on, if the clock is right/);
  await assert.rejects(open(folder, now + year), { code: 'CERTIFICATE_UNUSABLE', message: /ended at/ });
});

test('nothing is told of a key that cannot be read', async (t) => {
  const folder = folderOf(t);
  await assert.rejects(open(folder), { code: 'CERTIFICATE_UNREADABLE', message: /ENOENT/ });
  write(folder, { cert: make('one').cert, key: '-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n' });
  await assert.rejects(
    open(folder),
    (error: unknown) =>
      error instanceof AdmissionError && !/c2VjcmV0|secret/.test(`${error.message} ${JSON.stringify(error.cause)}`),
  );
});
