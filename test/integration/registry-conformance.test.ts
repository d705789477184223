import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { makeCertificate } from '../../testing/registry/certificate.ts';
import { findConformance } from '../../testing/registry/find-conformance.ts';
import { type OwnRegistry, startOwnRegistry } from '../../testing/registry/own-registry.ts';
import { tableAccess } from '../../testing/registry/table-access.ts';

const run = promisify(execFile);
const found = findConformance();

/** The parts of `results.yaml` that tell what came of an API or a kind of data, and the counts of `junit.xml`. */
interface Results {
  /** `Blob get` to `Pass`, `Skip`, `FAIL` or `Disabled`. */
  readonly parts: Readonly<Record<string, string>>;
  readonly tests: number;
  readonly failures: number;
  readonly errors: number;
  /** Tests that were skipped, because their part was disabled or because the registry lacks something. */
  readonly skipped: number;
}

/** Runs the program against a registry; it rejects when it ends with a status of failure. */
async function conformance(registry: OwnRegistry, settings: Readonly<Record<string, string>>): Promise<Results> {
  assert.ok('program' in found);
  using folder = temporaryDirectory();
  const env = { HOME: folder.path, OCI_REGISTRY: registry.host, OCI_RESULTS_DIR: folder.path, ...settings };
  const options = { cwd: folder.path, env, timeout: 300_000, maxBuffer: 64 * 1024 * 1024 };
  await run(found.program, [], options).catch((error: Error & { readonly stdout?: string }) => {
    const failed = (error.stdout ?? '').split('\n').filter((line) => /: FAIL$|^ +- /.test(line));
    throw new Error(`the program failed; ${failed.length} lines, among them\n${failed.slice(-20).join('\n')}`);
  });
  const yaml = readFileSync(join(folder.path, 'results.yaml'), 'utf8');
  const junit = readFileSync(join(folder.path, 'junit.xml'), 'utf8');
  const parts = [...yaml.slice(yaml.indexOf('\napis:')).matchAll(/^ {2}(.+): (Pass|Skip|FAIL|Error|Disabled)$/gm)];
  const head = /<testsuite [^>]*>/.exec(junit)?.[0] ?? '';
  const count = (name: string): number => Number(new RegExp(`\\b${name}="(\\d+)"`).exec(head)?.[1]);
  return {
    parts: Object.fromEntries(parts.map(([, name, result]) => [name, result])),
    tests: count('tests'),
    failures: count('failures'),
    errors: count('errors'),
    skipped: [...junit.matchAll(/<testcase [^>]*status="skipped"/g)].length,
  };
}

/** Parts that did not pass, other than those that this version of the specification does not have. */
function lacking({ parts, failures, errors }: Results, disabled: readonly string[]): string[] {
  assert.deepEqual({ failures, errors }, { failures: 0, errors: 0 });
  assert.ok(Object.keys(parts).length > 40, `${Object.keys(parts).length} parts`);
  const others = Object.entries(parts).filter(([, result]) => result !== 'Pass');
  assert.deepEqual(
    others.filter(([, result]) => result === 'Disabled').map(([name]) => name),
    disabled,
  );
  return others.filter(([, result]) => result !== 'Disabled').map(([name, result]) => `${name}: ${result}`);
}

const plain = { OCI_TLS: 'disabled' };
/** What came after version 1.1, and what a registry does only when it is told to. */
const notInVersion11 = [
  'Blob upload cancel',
  'Manifest put with tag params',
  'Sparse Manifests',
  'Tag Param',
  'Tag Param sha512',
];

describe('the OCI conformance program', { skip: 'missing' in found ? found.missing : false }, () => {
  test('finds nothing to fail or to skip in the development version, sparse manifests included', async () => {
    await using registry = await startOwnRegistry({ sparse: 'all' });
    const results = await conformance(registry, { ...plain, OCI_VERSION: 'dev', OCI_DATA_SPARSE: 'true' });
    assert.deepEqual(lacking(results, []), []);
    assert.ok(results.tests > 950, `${results.tests} tests`);
    assert.equal(results.skipped, 0);
  });

  test('finds nothing to fail in version 1.1, as the registry is by itself', async () => {
    await using registry = await startOwnRegistry();
    const results = await conformance(registry, { ...plain, OCI_VERSION: '1.1' });
    assert.deepEqual(lacking(results, notInVersion11), []);
    assert.ok(results.tests > 800, `${results.tests} tests`);
  });

  test('finds nothing to fail behind basic authentication', async () => {
    const repositories = ['conformance/*'];
    const access = tableAccess({ sailor: 'hold-fast' }, [{ repositories, actions: ['*'], to: ['user:sailor'] }]);
    await using registry = await startOwnRegistry({ access, sparse: 'all' });
    const login = { OCI_USERNAME: 'sailor', OCI_PASSWORD: 'hold-fast' };
    const settings = { ...plain, OCI_VERSION: 'dev', OCI_DATA_SPARSE: 'true' };
    const results = await conformance(registry, { ...settings, ...login });
    assert.deepEqual(lacking(results, []), []);
    assert.equal(results.skipped, 0);
    await assert.rejects(conformance(registry, { ...settings, ...login, OCI_PASSWORD: 'let-go' }));
  });

  test('finds nothing to fail over TLS', async () => {
    const authority = makeCertificate('Test authority');
    const tls = makeCertificate('registry', { issuer: authority, ips: ['127.0.0.1'] });
    await using registry = await startOwnRegistry({ tls, sparse: 'all' });
    using folder = temporaryDirectory();
    const file = join(folder.path, 'ca.pem');
    writeFileSync(file, authority.cert);
    // Go takes its authorities from there. What the program calls `insecure` checks certificates too.
    const settings = { OCI_TLS: 'enabled', OCI_VERSION: 'dev', OCI_DATA_SPARSE: 'true', SSL_CERT_FILE: file };
    assert.deepEqual(lacking(await conformance(registry, settings), []), []);
  });
});
