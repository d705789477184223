import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { Advisory } from '../../finding/advisory.ts';
import type { ParsedDocument } from '../feed.ts';
import { feedLimits } from '../limits.ts';
import { loadCvssRater } from '../rate-cvss.ts';
import { parseOsv } from './parse.ts';

const rate = await loadCvssRater();
const vector = 'CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H';

function parse(record: unknown, ecosystem = 'npm'): ParsedDocument<Advisory> {
  return parseOsv({ name: 'X-1.json', bytes: Buffer.from(JSON.stringify(record)) }, ecosystem, rate);
}

/** The advisory of a record that is fine. */
function advisory(record: object, ecosystem = 'npm'): Advisory {
  const { items, dropped } = parse({ id: 'X-1', ...record }, ecosystem);
  assert.deepEqual(dropped, []);
  assert.equal(items.length, 1);
  return items[0] as Advisory;
}

function affected(ecosystem: string, parts: object = {}): object {
  const ranges = [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '2.0.0' }] }];
  return { package: { ecosystem, name: 'a' }, ranges, ...parts };
}

test('parseOsv() reads a whole record', () => {
  const record = {
    schema_version: '1.7.0',
    id: 'GHSA-a',
    modified: '2024-01-02T03:04:05Z',
    published: '2024-01-01T00:00:00Z',
    aliases: ['CVE-2024-0002', 'CVE-2024-0001', 'GHSA-a'],
    upstream: ['UP-1'],
    related: ['CVE-2024-9999'],
    summary: 'Title',
    details: 'Text',
    severity: [{ type: 'CVSS_V3', score: vector }],
    affected: [affected('npm', { versions: ['1.0.0', '1.0.0'] }), affected('PyPI')],
    references: [{ type: 'WEB', url: 'https://a.example/' }, { type: 'WEB', url: 'javascript:alert(1)' }, null],
    database_specific: { severity: 'MODERATE', cwe_ids: ['CWE-79', 'x', 'CWE-79'] },
  };
  assert.deepEqual(advisory(record), {
    id: 'GHSA-a',
    aliases: ['CVE-2024-0001', 'CVE-2024-0002'],
    upstream: ['UP-1'],
    summary: 'Title',
    details: 'Text',
    published: '2024-01-01T00:00:00Z',
    modified: '2024-01-02T03:04:05Z',
    severity: 'MEDIUM',
    cvss: [{ version: '3.1', vector, score: 9.8 }],
    cwes: ['CWE-79'],
    references: ['https://a.example/'],
    affected: [
      { ecosystem: 'npm', release: '', name: 'a', ranges: [{ introduced: '0', fixed: '2.0.0' }], versions: ['1.0.0'] },
    ],
    source: { id: 'ghsa', name: 'GitHub Security Advisory', url: 'https://github.com/advisories' },
  });
});

const severities: readonly (readonly [string, object, string | undefined])[] = [
  [
    'the database word',
    { database_specific: { severity: 'HIGH' }, severity: [{ type: 'CVSS_V3', score: vector }] },
    'HIGH',
  ],
  ["Ubuntu's priority", { severity: [{ type: 'Ubuntu', score: 'negligible' }] }, 'LOW'],
  ['CVSS', { severity: [{ type: 'CVSS_V3', score: vector }] }, 'CRITICAL'],
  [
    'the newest CVSS',
    {
      severity: [
        { type: 'CVSS_V3', score: vector },
        { type: 'CVSS_V4', score: 'CVSS:4.0/AV:P/AC:H/AT:P/PR:H/UI:A/VC:L/VI:N/VA:N/SC:N/SI:N/SA:N' },
      ],
    },
    'LOW',
  ],
  [
    'CVSS of a package',
    { affected: [affected('npm', { severity: [{ type: 'CVSS_V3', score: vector }] })] },
    'CRITICAL',
  ],
  ['a bare score', { database_specific: { cvss_v3_score: 5.1, cvss_v2_score: 9 } }, 'MEDIUM'],
  ['a bare old score', { database_specific: { cvss_v3_score: null, cvss_v2_score: 9 } }, 'CRITICAL'],
  ['no broken vector', { severity: [{ type: 'CVSS_V3', score: 'CVSS:3.1/AV:N' }, 7, { type: 'CVSS_V3' }] }, undefined],
  ["the title's first word where it is the rating", { id: 'ALSA-2024:1', summary: 'Important: x update' }, 'HIGH'],
  ["the title's first word only there", { id: 'GHSA-b', summary: 'Critical: x' }, undefined],
];

for (const [what, record, expected] of severities) {
  test(`parseOsv() takes the severity from ${what}`, () => {
    assert.equal(advisory(record).severity, expected);
  });
}

const packages: readonly (readonly [string, string, object, object])[] = [
  ["Debian's urgency", 'Debian:12', { ecosystem_specific: { urgency: 'unimportant' } }, { severity: 'LOW' }],
  ['a provisional urgency', 'Debian:12', { ecosystem_specific: { urgency: 'high**' } }, { severity: 'HIGH' }],
  [
    'an urgency not given yet',
    'Debian:12',
    { ecosystem_specific: { urgency: 'not yet assigned' } },
    { severity: 'UNKNOWN' },
  ],
  [
    'the end of support',
    'Debian:12',
    { ecosystem_specific: { urgency: 'end-of-life' } },
    { severity: 'UNKNOWN', status: 'end_of_life' },
  ],
  [
    'a severity of the package',
    'Ubuntu:22.04:LTS',
    { ecosystem_specific: { severity: 'medium' } },
    { severity: 'MEDIUM' },
  ],
  [
    'an architecture',
    'Chainguard',
    { package: { ecosystem: 'Chainguard', name: 'a', purl: 'pkg:apk/chainguard/a?arch=x86_64' } },
    { arches: ['x86_64'] },
  ],
  [
    'sources, which are for all architectures',
    'Debian:12',
    { package: { ecosystem: 'Debian:12', name: 'a', purl: 'pkg:deb/debian/a?arch=source' } },
    {},
  ],
  ['quirks that decide nothing', 'npm', { ecosystem_specific: 'x', database_specific: 7, severity: {} }, {}],
];

for (const [what, ecosystem, parts, expected] of packages) {
  test(`parseOsv() reads of a package ${what}`, () => {
    const [name = ''] = ecosystem.split(':');
    const [found] = advisory({ affected: [affected(ecosystem, parts)] }, name).affected;
    const { ecosystem: _, release: __, name: ___, ranges: ____, versions: _____, ...rest } = found ?? ({} as never);
    assert.deepEqual(rest, expected);
  });
}

const ecosystems: readonly (readonly [string, string, string])[] = [
  ['Debian:12', 'Debian', '12'],
  ['Alpine:v3.19', 'Alpine', 'v3.19'],
  ['Ubuntu:22.04:LTS', 'Ubuntu', '22.04:LTS'],
  ['Ubuntu:Pro:16.04:LTS', 'Ubuntu', 'Pro:16.04:LTS'],
  ['Red Hat:enterprise_linux:9::appstream', 'Red Hat', 'enterprise_linux:9::appstream'],
  ['SUSE:Linux Enterprise Server 15 SP5', 'SUSE', 'Linux Enterprise Server 15 SP5'],
  ['Maven:https://repo.example/m2', 'Maven', ''],
  ['npm', 'npm', ''],
];

for (const [text, name, release] of ecosystems) {
  test(`parseOsv() splits ${text}`, () => {
    const [found] = advisory({ affected: [affected(text)] }, name).affected;
    assert.deepEqual([found?.ecosystem, found?.release], [name, release]);
  });
}

const lastKnown: readonly (readonly [string, object[], object])[] = [
  ['<= 1.2.3', [{ introduced: '1.0.0' }], { introduced: '1.0.0', lastAffected: '1.2.3' }],
  ['< 1.2.3', [{ introduced: '0' }], { introduced: '0', fixed: '1.2.3' }],
  ['<= 1.2.3', [{ introduced: '0' }, { fixed: '1.1.0' }], { introduced: '0', fixed: '1.1.0' }],
  ['<= 1.2.3', [{ introduced: '2.0.0' }], { introduced: '2.0.0' }],
  ['<= oops', [{ introduced: '0' }], { introduced: '0' }],
  ['= 1.2.3', [{ introduced: '0' }], { introduced: '0' }],
];

for (const [text, events, expected] of lastKnown) {
  test(`parseOsv() reads GitHub's last known version ${text} beside ${JSON.stringify(events)}`, () => {
    const parts = {
      ranges: [{ type: 'SEMVER', events }],
      database_specific: { last_known_affected_version_range: text },
    };
    assert.deepEqual(advisory({ affected: [affected('npm', parts)] }).affected[0]?.ranges, [expected]);
  });
}

test('parseOsv() names the flaws that updates fix, and no others, as upstream', () => {
  const parts = { related: ['CVE-2024-0001', 'X-2'] };
  assert.deepEqual(advisory({ id: 'ALSA-2024:1', ...parts }, 'AlmaLinux').upstream, ['CVE-2024-0001']);
  assert.deepEqual(advisory({ id: 'GHSA-b', ...parts }).upstream, []);
});

const sources: readonly (readonly [string, string, string])[] = [
  ['GHSA-b', 'RubyGems', 'ghsa'],
  ['GO-2024-1', 'Go', 'govulndb'],
  ['PYSEC-2024-1', 'PyPI', 'pypa'],
  ['RUSTSEC-2024-0001', 'crates.io', 'rustsec'],
  ['OSVDB-1', 'RubyGems', 'ruby-advisory-db'],
  ['FOP-1', 'Packagist', 'php-security-advisories'],
  ['DSA-1-1', 'Debian', 'debian'],
  ['ALPINE-CVE-2024-0001', 'Alpine', 'alpine'],
  ['CGA-1', 'Wolfi', 'wolfi'],
  ['CGA-1', 'Chainguard', 'chainguard'],
  ['USN-1-1', 'Ubuntu', 'ubuntu'],
  ['X-1', 'npm', 'osv'],
];

for (const [id, ecosystem, expected] of sources) {
  test(`parseOsv() names the source of ${id} in ${ecosystem}: ${expected}`, () => {
    assert.equal(advisory({ id }, ecosystem).source.id, expected);
  });
}

test('parseOsv() gives withdrawn records and those that are gone as withdrawn', () => {
  assert.equal(
    advisory({ withdrawn: '2024-01-01T00:00:00Z', affected: [affected('npm')] }).withdrawn,
    '2024-01-01T00:00:00Z',
  );
  const [gone] = parseOsv({ name: 'X-1' }, 'npm', rate).items;
  assert.deepEqual([gone?.id, gone?.withdrawn !== undefined], ['X-1', true]);
});

test('parseOsv() leaves out a package that was never affected', () => {
  const never = { ranges: [{ type: 'ECOSYSTEM', events: [{ introduced: '0' }, { fixed: '0' }] }] };
  assert.deepEqual(advisory({ affected: [affected('Alpine:v3.19', never)] }, 'Alpine').affected, []);
});

test('parseOsv() tells ranges that it cannot read, and keeps the rest', () => {
  const broken = { ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed: 'oops' }] }] };
  const { items, dropped } = parse({ id: 'X-1', affected: [affected('npm', broken), affected('npm')] });
  assert.deepEqual(dropped, [{ subject: 'X-1', reason: 'VERSION_UNREADABLE' }]);
  assert.equal(items[0]?.affected.length, 1);
  const named = parse({ id: 'X-1', affected: [affected('npm', { ...broken, versions: ['1.0.0'] })] });
  assert.deepEqual([named.items[0]?.affected[0]?.versions, named.dropped.length], [['1.0.0'], 1]);
});

const many = (length: number): object[] => Array.from({ length }, () => affected('npm'));
const dropped: readonly (readonly [string, unknown, string, string])[] = [
  ['no object', 7, 'npm', 'MALFORMED'],
  ['no id', { affected: [] }, 'npm', 'MALFORMED'],
  ['an id with a line break', { id: 'X\n1' }, 'npm', 'MALFORMED'],
  ['a package without a name', { id: 'X-1', affected: [{ package: { ecosystem: 'npm' } }] }, 'npm', 'MALFORMED'],
  [
    'events that are none',
    { id: 'X-1', affected: [affected('npm', { ranges: [{ type: 'SEMVER', events: [7] }] })] },
    'npm',
    'MALFORMED',
  ],
  ['too many packages', { id: 'X-1', affected: many(feedLimits.affected + 1) }, 'npm', 'LIMIT_EXCEEDED'],
  ['an ecosystem nobody can order', { id: 'X-1' }, 'opam', 'ECOSYSTEM_UNSUPPORTED'],
  [
    'a notice',
    { id: 'RUSTSEC-1', affected: [affected('crates.io', { database_specific: { informational: 'unmaintained' } })] },
    'crates.io',
    'NOT_A_VULNERABILITY',
  ],
  ['a bug fix', { id: 'ALBA-2024:1', related: [] }, 'AlmaLinux', 'NOT_A_VULNERABILITY'],
];

for (const [what, record, ecosystem, reason] of dropped) {
  test(`parseOsv() drops ${what}`, () => {
    const found = parse(record, ecosystem);
    assert.deepEqual([found.items, found.dropped.map((entry) => entry.reason)], [[], [reason]]);
  });
}

test('parseOsv() keeps unsound code and bug fixes that fix flaws', () => {
  const unsound = affected('crates.io', { database_specific: { informational: 'unsound' } });
  assert.equal(advisory({ id: 'RUSTSEC-1', affected: [unsound] }, 'crates.io').affected.length, 1);
  assert.deepEqual(advisory({ id: 'ALBA-2024:1', related: ['CVE-2024-0001'] }, 'AlmaLinux').upstream, [
    'CVE-2024-0001',
  ]);
});

test('parseOsv() drops what is no JSON or overlong', () => {
  const reasons = [
    { name: 'a', bytes: Buffer.from('{') },
    { name: 'b', overlong: true },
  ].map((document) => parseOsv(document, 'npm', rate).dropped[0]?.reason);
  assert.deepEqual(reasons, ['MALFORMED', 'LIMIT_EXCEEDED']);
});

test('parseOsv() cuts long texts and keeps them well-formed', () => {
  const { summary, details } = advisory({ summary: 'a'.repeat(1000), details: '\u{1F600}'.repeat(20_000) });
  assert.equal(summary.length, feedLimits.summaryCharacters);
  assert.ok(details.length <= feedLimits.detailsCharacters && details.isWellFormed() && !details.includes('\uFFFD'));
});

test('parseOsv() takes keys of prototypes for text', () => {
  const record = JSON.parse(
    '{"id":"X-1","__proto__":{"aliases":["Y-1"]},"affected":[{"package":{"ecosystem":"npm","name":"__proto__"},"versions":["1"]}]}',
  ) as object;
  const found = advisory(record);
  assert.deepEqual([found.aliases, found.affected[0]?.name], [[], '__proto__']);
});

test('parseOsv() never throws, whatever the bytes', () => {
  const version = fc.oneof(fc.constantFrom('0', '1.0.0', '2.0.0-rc.1', '*'), fc.string());
  const event = fc.record(
    { introduced: version, fixed: version, last_affected: version, limit: version },
    { requiredKeys: [] },
  );
  const noise = fc.oneof(fc.jsonValue(), fc.constantFrom(null, { length: { toString: 1 } }));
  const record = fc.record(
    {
      id: fc.oneof(fc.constant('X-1'), noise),
      aliases: fc.oneof(fc.array(fc.string()), noise),
      severity: fc.oneof(
        fc.array(
          fc.record({ type: fc.constantFrom('CVSS_V3', 'Ubuntu'), score: fc.oneof(fc.constant(vector), fc.string()) }),
        ),
        noise,
      ),
      affected: fc.oneof(
        fc.array(
          fc.record(
            {
              package: fc.oneof(fc.record({ ecosystem: fc.constantFrom('npm', 'npm:x'), name: fc.string() }), noise),
              ranges: fc.oneof(
                fc.array(fc.record({ type: fc.constantFrom('SEMVER', 'GIT'), events: fc.array(event) })),
                noise,
              ),
              versions: fc.oneof(fc.array(version), noise),
              database_specific: noise,
              ecosystem_specific: noise,
            },
            { requiredKeys: [] },
          ),
        ),
        noise,
      ),
      references: noise,
      database_specific: noise,
      withdrawn: noise,
    },
    { requiredKeys: [] },
  );
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array)),
    record.map((value) => Buffer.from(JSON.stringify(value))),
  );
  const ecosystem = fc.constantFrom('npm', 'PyPI', 'Debian', 'Alpine', 'Go', 'Maven', 'RubyGems', 'Packagist', 'NuGet');
  fc.assert(
    fc.property(bytes, ecosystem, (input, name) => {
      const { items, dropped } = parseOsv({ name: 'x', bytes: input }, name, rate);
      assert.ok(items.length + dropped.length > 0);
    }),
    { numRuns: 1000 },
  );
});
