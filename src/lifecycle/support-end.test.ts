import assert from 'node:assert/strict';
import test from 'node:test';
import type { Distro } from '../package/distro.ts';
import { distributions, factsAsOf } from './list.ts';
import type { Day } from './model.ts';
import { isEndOfLife, supportEnd } from './support-end.ts';

function distro(id: string, version: string, parts: Partial<Distro> = {}): Distro {
  return { id, version, idLike: [], ...parts };
}

/** The last day, as its table says it. */
const ends: readonly (readonly [Distro, string | undefined])[] = [
  [distro('debian', '10'), '2024-06-30'],
  [distro('debian', '12.5'), '2028-06-30'],
  [distro('debian', ''), undefined],
  [distro('debian', '', { codename: 'bookworm' }), undefined],
  [distro('debian', '99'), undefined],
  [distro('debian', '__proto__'), undefined],
  [distro('debian', 'constructor'), undefined],
  [distro('ubuntu', '18.04'), '2023-05-31'],
  [distro('ubuntu', '18.04', { esm: true }), '2028-04-26'],
  [distro('ubuntu', '23.10', { esm: true }), '2024-07-12'],
  [distro('ubuntu', '22.04.4'), '2027-06-01'],
  [distro('ubuntu', '27.04'), undefined],
  [distro('alpine', '3.19.1'), '2025-11-01'],
  [distro('alpine', '3.9.4'), '2020-11-01'],
  [distro('alpine', '3.23_alpha20250108'), undefined],
  [distro('alpine', '3.18.0', { repositories: ['v3.22'] }), '2027-05-01'],
  [distro('alpine', '3.18.0', { repositories: ['v3.18', 'edge'] }), undefined],
  [distro('alpine', '3.18.0', { repositories: ['edge'] }), undefined],
  [distro('alpine', '3.18.0', { repositories: ['v3.9', 'v3.10', 'v3.9'] }), '2021-05-01'],
  [distro('rhel', '8.9'), '2029-05-31'],
  [distro('rhel', '7'), '2024-06-30'],
  [distro('centos', '7', { prettyName: 'CentOS Linux 7 (Core)' }), '2024-06-30'],
  [distro('centos', '8', { prettyName: 'CentOS Linux 8' }), '2021-12-31'],
  [distro('centos', '8', { prettyName: 'CentOS Stream 8' }), '2024-05-31'],
  [distro('centos', '9', { prettyName: 'CentOS Stream release 9' }), '2027-05-31'],
  [distro('almalinux', '9.3'), '2032-05-31'],
  [distro('rocky', '8.9'), '2029-05-31'],
  [distro('ol', '7.9'), '2024-12-31'],
  [distro('amzn', '2018.03'), '2023-12-31'],
  [distro('amzn', '2'), '2026-06-30'],
  [distro('amzn', '2023.4.20240528'), '2029-06-30'],
  [distro('fedora', '39'), '2024-11-26'],
  [distro('sles', '15.5'), '2024-12-31'],
  [distro('sles', '15'), '2019-12-31'],
  [distro('opensuse-leap', '15.6'), '2026-04-30'],
  [distro('opensuse-tumbleweed', '20240101'), 'open'],
  [distro('photon', '4.0'), '2027-10-11'],
  [distro('photon', '5.0'), 'open'],
  [distro('azurelinux', '3.0'), '2027-08-31'],
  [distro('mariner', '2.0.20231004'), '2025-07-31'],
  [distro('wolfi', '20230201'), 'open'],
  [distro('chainguard', '20230214'), 'open'],
  [distro('acme', '1'), undefined],
];

for (const [asked, expected] of ends) {
  const { id, version, prettyName = '', repositories = [], esm = false } = asked;
  test(`supportEnd() of ${id} ${version} ${prettyName}${repositories.join()}${esm ? 'esm' : ''} is ${expected}`, () => {
    const end = supportEnd(asked);
    assert.equal(typeof end === 'number' ? new Date(end - 1).toISOString().slice(0, 10) : end, expected);
  });
}

test('a release ends with its last day, and what is not known stays so', () => {
  const time = (text: string): number => Date.parse(text);
  assert.equal(isEndOfLife(distro('amzn', '2'), time('2026-06-30T23:59:59.999Z')), false);
  assert.equal(isEndOfLife(distro('amzn', '2'), time('2026-07-01T00:00:00Z')), true);
  assert.equal(isEndOfLife(distro('wolfi', ''), time('2999-01-01T00:00:00Z')), false);
  assert.equal(isEndOfLife(distro('acme', '1'), time('2999-01-01T00:00:00Z')), undefined);
});

test('the table holds days that exist, in one place for each release', () => {
  const exists = (day: Day): boolean => new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);
  const ids = distributions.flatMap((one) => one.ids);
  assert.equal(new Set(ids).size, ids.length);
  assert.ok(exists(factsAsOf));
  for (const { ids: of, releases, releaseOf } of distributions) {
    if (releases === 'rolling') continue;
    for (const [name, { until, extended }] of Object.entries(releases)) {
      const told = `${of[0]} ${name}`;
      assert.ok(until === 'open' || exists(until), told);
      if (extended !== undefined) assert.ok(exists(extended.until) && extended.until > until, told);
      // What a release is called in the table is how an image of it is found there.
      const stream = /^stream (.*)$/.exec(name)?.[1];
      const image = distro(
        of[0] as string,
        stream ?? name,
        stream === undefined ? {} : { prettyName: 'CentOS Stream' },
      );
      assert.equal(releaseOf(image), name, told);
    }
  }
});
