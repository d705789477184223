import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { sbomReportDefinition, vulnerabilityReportDefinition } from '../../src/cluster/operator/report/definitions.ts';
import { buildDatabase } from '../../src/vulndb/build.ts';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { podOf } from '../../testing/kubernetes/cluster/objects.ts';
import { startFakeApiServer } from '../../testing/kubernetes/fake-api-server.ts';
import { builtInTypes } from '../../testing/kubernetes/resource-types.ts';
import { makeSyntheticImage, storeImage } from '../../testing/registry/synthetic-image.ts';
import { startTestRegistry } from '../../testing/registry/test-registry.ts';
import { advisoryUpdate, makeAdvisory, makeAffected } from '../../testing/vulnerability-database.ts';
import { start } from './program.ts';

async function until(what: string, holds: () => boolean): Promise<void> {
  for (let round = 0; round < 1200; round += 1) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`it did not happen: ${what}`);
}

/** The processes that a process started. */
function childrenOf(pid: number | undefined): readonly string[] {
  const lines = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  return lines.flatMap((line) => {
    const [child = '', parent] = line.trim().split(/\s+/);
    return parent === String(pid) ? [child] : [];
  });
}

function isThere(pid: string): boolean {
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch {
    return false;
  }
}

test(
  'an operator that is killed while it scans loses nothing, and does nothing again that was done',
  { timeout: 200_000, skip: process.platform === 'win32' },
  async () => {
    using folder = temporaryDirectory();
    await using registry = await startTestRegistry();
    await using api = await startFakeApiServer();
    for (const definition of [vulnerabilityReportDefinition(), sbomReportDefinition()]) {
      api.seed(builtInTypes.customResourceDefinitions, definition);
    }
    const affected = [makeAffected('Alpine:v3.19 musl', ['0 1.2.4-r3'])];
    const update = advisoryUpdate([makeAdvisory({ id: 'CVE-2026-1', affected })]);
    await buildDatabase(join(folder.path, 'vulndb'), [update], { clock: () => new Date() });
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    for (const name of names) {
      const files = {
        'etc/os-release': 'ID=alpine\nVERSION_ID="3.19.1"\n',
        'lib/apk/db/installed': 'P:musl\nV:1.2.4-r2\nA:x86_64\no:musl\n\n',
        'etc/name': name,
      };
      const digest = storeImage(registry.store, `team/${name}`, 'v1', makeSyntheticImage([files]));
      const place = `${registry.host}/team/${name}`;
      const containers = [{ name: 'app', image: `${place}:v1`, imageId: `${place}@${digest}` }];
      api.seed(builtInTypes.pods, podOf({ name, containers }));
    }
    const written = new Map<string, number>();
    api.store.listen(({ type, key }) => {
      const name = `${type.split('/').at(-1)} ${key}`;
      if (type.startsWith('aquasecurity.github.io/')) written.set(name, (written.get(name) ?? 0) + 1);
    });
    // The third image that is read comes slowly, and the operator is killed meanwhile.
    const release = Promise.withResolvers<void>();
    const layersOf = (name: string): number =>
      registry.requests.filter(({ path }) => path.startsWith(`/v2/team/${name}/blobs/`)).length;
    const path = /\/team\/[cdef]\/blobs\//;
    registry.faults.add({
      method: 'GET',
      path,
      kind: 'until',
      after: 1,
      event: release.promise,
      breaks: true,
      times: 1,
    });
    const kubeconfig = folder.write('kubeconfig', api.kubeconfig());
    const args = [
      ['operator', 'serve', '--kubeconfig', kubeconfig, '--cache-dir', folder.path, '--listen', '127.0.0.1:0'],
      ['--database-update', '0', '--plain-http', registry.host, '--allow-registry', registry.host],
    ].flat();

    const first = start(args);
    try {
      const isHeld = (): boolean => names.slice(2).some((name) => layersOf(name) > 0);
      await until('some is reported, and an image is being read', () => written.size >= 4 && isHeld());
      const workers = childrenOf(first.child.pid);
      assert.ok(workers.length > 0);
      first.child.kill('SIGKILL');
      assert.equal((await first.ended).signal, 'SIGKILL');
      await until('the processes that scanned are gone', () => !workers.some(isThere));
    } finally {
      first.child.kill('SIGKILL');
      release.resolve();
    }
    const before = new Map(written);
    const readBefore = Object.fromEntries(names.map((name) => [name, layersOf(name)]));
    const isDone = (name: string): boolean => before.has(`vulnerabilityreports default/pod-${name}-app`);
    const done = names.filter(isDone);
    assert.ok(done.length >= 2 && done.length < names.length, done.join());

    // Another one takes the place when that one's time as the leader is over.
    const second = start(args);
    try {
      const lines = createInterface({ input: second.child.stdout })[Symbol.asyncIterator]();
      assert.match(String((await lines.next()).value), /^http:/);
      await until('everything is reported', () => written.size === names.length * 2);
      // Time for what is needless.
      await new Promise((resolve) => setTimeout(resolve, 3000));
      for (const [name, count] of written) assert.equal(count, 1, name);
      for (const name of done)
        assert.equal(layersOf(name), readBefore[name], `the layers of ${name} are not read again`);
      second.child.kill('SIGTERM');
      assert.equal((await second.ended).status, 143);
    } finally {
      second.child.kill('SIGKILL');
    }
  },
);
