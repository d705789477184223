import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { endpointHost, type Route } from '../../src/egress/endpoint.ts';
import { filesInMemory } from '../../src/egress/node/node-files.ts';
import { resolveByFolders } from '../../src/egress/runtime/containerd/host-folders.ts';
import { arbitraryHostsFiles } from '../../testing/egress/arbitrary-hosts-file.ts';
import {
  askContainerdHosts,
  findContainerdHosts,
  type ResolvedHost,
  type ResolvedHosts,
} from '../../testing/egress/containerd-hosts.ts';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';

const found = findContainerdHosts();
const seed = 20_261_127;
const texts = arbitraryHostsFiles.flatMap((files) => fc.sample(files, { numRuns: 1000, seed }));

describe(
  "the model of hosts.toml, and containerd's own resolver",
  { skip: 'missing' in found ? found.missing : false },
  () => {
    test(`${texts.length} files`, async () => {
      assert.ok('program' in found);
      const answers = ask(found.program);
      const counts = { closed: 0, exact: 0, unsure: 0 };
      for (const [index, text] of texts.entries()) {
        const { older, newer } = answers[index] as ResolvedHosts;
        // What is said to be closed is closed in both versions.
        const careful = await routeOf(text, false);
        if (isClosed(careful)) {
          counts.closed += 1;
          for (const hosts of [older, newer]) {
            assert.ok(
              somebody(hosts).every(({ scheme, host }) => endpointHost(host, scheme) === 'reg.corp'),
              text,
            );
          }
        }
        // Where nothing is told to be unsure, the way is the very one that containerd 2 takes.
        const route = await routeOf(text, true);
        if (isUnsure(route, text)) counts.unsure += 1;
        else {
          counts.exact += 1;
          assert.deepEqual(
            route.endpoints.map(({ url }) => url),
            somebody(newer).map(({ scheme, host, path }) => `${scheme}://${host}${path}`),
            text,
          );
        }
      }
      // There was enough of each kind.
      assert.ok(counts.closed > 300 && counts.exact > 2000 && counts.unsure > 50, JSON.stringify(counts));
    });
  },
);

function ask(program: string): readonly ResolvedHosts[] {
  using folder = temporaryDirectory();
  const roots = texts.map((text, index) => {
    const root = join(folder.path, String(index));
    mkdirSync(join(root, '_default'), { recursive: true });
    writeFileSync(join(root, '_default/hosts.toml'), text);
    return root;
  });
  return askContainerdHosts(program, roots, 'docker.io');
}

async function routeOf(text: string, isVersion2: boolean): Promise<Route> {
  const lookup = { roots: ['/c'], isVersion2, addsUpstream: true };
  return await resolveByFolders('docker.io', lookup, filesInMemory(new Map([['/c/_default/hosts.toml', text]])));
}

function isClosed({ endpoints, findings }: Route): boolean {
  return endpoints.every(({ host }) => host === 'reg.corp') && findings.every(({ level }) => level === 'note');
}

/** Versions of containerd 2 differ in what they know of TOML; names in capitals are told of, and not followed. */
function isUnsure({ findings }: Route, text: string): boolean {
  if (/^S(?:ERVER|erver)/m.test(text)) return true;
  return findings.some(({ level, sentence }) => level === 'unknown' || sentence.includes('came with a later version'));
}

/** An endpoint without a host is nobody. */
function somebody(hosts: readonly ResolvedHost[] | null): readonly ResolvedHost[] {
  return (hosts ?? []).filter(({ host }) => host !== '');
}
