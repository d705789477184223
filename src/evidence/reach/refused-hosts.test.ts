import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseNetworkRange } from '../../net/network-range.ts';
import { refusedHosts } from './refused-hosts.ts';

/** Hosts as people write them into names of images; URLs have one spelling of each. */
const cases: readonly (readonly [host: string, refused: boolean])[] = [
  ['127.0.0.1', true],
  ['127.8.9.1:5000', true],
  ['127.1', true],
  ['2130706433', true],
  ['0x7f.0.0.1', true],
  ['017700000001', true],
  ['localhost', true],
  ['LOCALHOST:80', true],
  ['localhost.', true],
  ['a.localhost', true],
  ['0.0.0.0', true],
  ['0', true],
  ['[::1]', true],
  ['[::]', true],
  ['[::ffff:127.0.0.1]', true],
  ['[::ffff:7f00:1]:443', true],
  ['[::127.0.0.1]', true],
  ['[64:ff9b::127.0.0.1]', true],
  ['[64:ff9b::a9fe:a9fe]', true],
  ['[64:ff9b::140.82.121.33]', false],
  ['[2002:a9fe:a9fe::]', true],
  ['[2002:8c52:7921::]', false],
  ['169.254.169.254', true],
  ['169.254.1.1', true],
  ['169.254.169.254.', true],
  ['[fe80::1]', true],
  ['[ff02::1]', true],
  ['224.0.0.1', true],
  ['255.255.255.255', true],
  ['100.100.100.200', true],
  ['100.100.100.201', false],
  ['168.63.129.16', true],
  ['[fd00:ec2::254]', true],
  ['[fd20:ce::254]', true],
  ['metadata.google.internal', true],
  ['metadata.google.internal.', true],
  ['metadata', true],
  ['metadata.example.org', false],
  ['kubernetes', true],
  ['Kubernetes.Default.svc:443', true],
  ['kubernetes.default.svc.cluster.local', true],
  ['kubernetes.default.svc.corp.example', true],
  ['kubernetes.default.example.org', false],
  ['kubernetes.team.svc', false],
  ['registry.kube-system.svc:5000', false],
  ['10.96.0.1', true],
  ['10.96.0.2', false],
  ['192.168.7.7', true],
  ['192.168.8.7', false],
  ['172.16.0.1', false],
  ['[fd00::1]', false],
  ['ghcr.io', false],
  ['140.82.121.33', false],
];

const refuses = refusedHosts(['10.96.0.1', '192.168.7.0/24'].map((text) => parseNetworkRange(text) ?? assert.fail()));

for (const [host, refused] of cases) {
  test(`${host} is ${refused ? 'never' : 'perhaps'} a registry`, () => {
    assert.equal(refuses(new URL(`https://${host}/`).hostname), refused);
  });
}

test('addresses that resolvers give count as those of URLs do', () => {
  for (const address of ['::ffff:127.0.0.1', 'fe80::1%eth0', '::1', '127.0.0.1', '::ffff:10.96.0.1']) {
    assert.equal(refuses(address), true, address);
  }
  for (const address of ['::ffff:10.96.0.2', '2606:2800:220:1::1']) assert.equal(refuses(address), false, address);
});
