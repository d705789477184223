import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Digest } from '../src/oci/digest.ts';
import { fillReferrers, fillTags, openRecords } from './registry/fill.ts';
import { listSizes, lists } from './registry/lists.ts';
import { pushes } from './registry/pushing.ts';
import { blobs, manifests, memory, pushContent, type Servers } from './registry/reading.ts';
import { startOwn, startPeer, type Server } from './registry/server.ts';
import { size } from './registry/size.ts';
import type { Line } from './workspace.ts';

const subject = `sha256:${'5'.repeat(64)}` as Digest;

/**
 * The registry beside others on the same machine, with the same content and the same passwords; docker-registry also without any, since
 * it verifies a password anew for each request. The load comes from processes on the same processors, so that no figure is what a
 * registry could do alone: ratios of one run count.
 */
export async function registryBench(): Promise<Line[]> {
  const folder = mkdtempSync(join(tmpdir(), 'seaworthy-bench-'));
  try {
    return [load('before'), ...(await measure(folder)), load('after')];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(folder: string): Promise<Line[]> {
  const lines: Line[] = [];
  let digest: string;
  {
    await using opened = new AsyncDisposableStack();
    {
      await using database = await openRecords(join(folder, 'one'));
      await fillTags(database, 'tagged', listSizes.tags);
      await fillReferrers(database, 'referred', subject, listSizes.referrers);
    }
    const one = opened.use(await startOwn(join(folder, 'one'), { workers: 1 }));
    const two = opened.use(await startOwn(join(folder, 'two'), { workers: 2 }));
    const peers: Server[] = [];
    for (const [kind, withPasswords] of [
      ['docker-registry', true],
      ['docker-registry', false],
      ['registry', true],
      ['zot', true],
    ] as const) {
      const peer = await startPeer(join(folder, `${kind}-${withPasswords}`), kind, withPasswords);
      if (peer !== undefined) peers.push(opened.use(peer));
    }
    const servers: Servers = { one, two, peers };
    digest = await pushContent(servers);
    lines.push(
      ...(await manifests(servers)),
      ...(await blobs(servers, digest)),
      ...(await pushes(servers)),
      ...(await lists(one, subject)),
    );
  }
  {
    await using again = await startOwn(join(folder, 'one'), { workers: 1 });
    lines.push(...(await memory(again, digest)));
  }
  lines.push(...(await size(join(folder, 'size'))));
  return lines;
}

function load(when: string): Line {
  return {
    label: `load of the machine ${when} (the load generator runs on it too)`,
    value: (loadavg()[0] ?? 0).toFixed(2),
  };
}
