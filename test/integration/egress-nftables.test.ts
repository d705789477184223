import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, test } from 'node:test';
import { nftRuleset } from '../../src/egress/generate/nftables/ruleset.ts';
import { parseNft } from '../../src/egress/generate/nftables/judge.ts';
import { rollbackScript } from '../../src/egress/generate/nftables/script.ts';
import type { EgressPolicy } from '../../src/egress/policy/model.ts';
import { readPolicy } from '../../src/egress/policy/read-policy.ts';
import { openNetWorld, type Try } from '../../testing/egress/net-world.ts';
import { temporaryDirectory } from '../../testing/image/temporary-directory.ts';
import { needsProgram } from '../../testing/registry/find-program.ts';

const addresses = ['10.0.0.5', '10.0.0.9', '10.42.0.7', '203.0.113.77', 'fd00::5', '2001:db8::77'];
const ports = [53, 80, 443, 853, 5000, 6443, 8080, 8443, 12_345];
const tries: readonly Try[] = addresses.flatMap((address) =>
  ports.flatMap((port) => (['tcp', 'udp'] as const).map((protocol) => ({ address, protocol, port }))),
);

const text = `
registry: {url: 'https://registry.corp:8443', addresses: [10.0.0.5, 'fd00::5']}
exceptions: [{host: 'direct.corp:5000', addresses: [10.0.0.9]}]
cluster: [10.42.0.0/16]
apiServer: ['10.0.0.9:6443']
dns: [10.0.0.9]
`;

async function policyOf(changes: Partial<EgressPolicy>): Promise<EgressPolicy> {
  const { policy } = await readPolicy(text);
  assert.ok(policy !== undefined);
  return { ...policy, ...changes };
}

const needs = needsProgram('nft', 'ip', 'unshare', 'nsenter', 'sysctl');

describe(
  'the generated rules in a network of its own',
  { skip: process.getuid?.() === 0 ? needs.skip : 'only root may make networks' },
  () => {
    test('every connection is let pass or refused as the rules were read back, for the node and its pods', async () => {
      using folder = temporaryDirectory();
      await using world = await openNetWorld(addresses, ports);
      for (const place of ['node', 'pod'] as const) {
        assert.deepEqual([...new Set(world.connect(place, tries))], ['open'], `${place} before`);
      }
      for (const closed of ['web', 'all'] as const) {
        const rules = nftRuleset(await policyOf({ ports: closed }));
        const judge = parseNft(rules);
        assert.ok(typeof judge !== 'string');
        // Twice: it takes its own place.
        for (let count = 0; count < 2; count += 1) world.onNode('nft', '-f', folder.write('egress.nft', rules));
        for (const place of ['node', 'pod'] as const) {
          const told = world.connect(place, tries);
          for (const [index, each] of tries.entries()) {
            const family = each.address.includes(':') ? 6 : 4;
            // What is refused is refused at once. Of UDP, senders on the node are told by the kernel, others by a few messages a second.
            const refused = each.protocol === 'tcp' ? /^ECONNREFUSED$/ : /^(?:ECONNREFUSED|EPERM|silence)$/;
            const wanted = judge.judge({ ...each, family }) === 'accept' ? /^open$/ : refused;
            assert.match(told[index] ?? '', wanted, `${place}, ${closed}: ${JSON.stringify(each)}`);
          }
        }
      }
    });

    test('the script takes unconfirmed rules back to those that were confirmed', async () => {
      using folder = temporaryDirectory();
      await using world = await openNetWorld(addresses, [443, 12_345]);
      const script = folder.write(
        'script',
        rollbackScript(1000)
          .replaceAll('/run/', `${folder.path}/`)
          .replaceAll('/etc/seaworthy/', `${folder.path}/`)
          // The machine's own systemd would run it outside of this network.
          .replaceAll('systemd-run', 'no-such-program'),
      );
      chmodSync(script, 0o755);
      const seen = (): readonly string[] =>
        world.connect(
          'node',
          [443, 12_345].map((port) => ({ address: '203.0.113.77', protocol: 'tcp' as const, port })),
        );
      const apply = async (closed: EgressPolicy['ports']): Promise<void> => {
        folder.write('egress.nft', nftRuleset(await policyOf({ ports: closed })));
        world.onNode(script, 'apply');
      };
      await apply('all');
      assert.deepEqual(seen(), ['ECONNREFUSED', 'ECONNREFUSED']);
      await sleep(1500);
      assert.deepEqual(seen(), ['open', 'open']);
      await apply('web');
      world.onNode(script, 'confirm');
      await apply('all');
      await sleep(1500);
      assert.deepEqual(seen(), ['ECONNREFUSED', 'open']);
      world.onNode(script, 'remove');
      assert.deepEqual(seen(), ['open', 'open']);
      assert.equal(world.onNode('nft', 'list', 'ruleset'), '');
    });
  },
);
