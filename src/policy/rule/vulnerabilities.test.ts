import assert from 'node:assert/strict';
import { test } from 'node:test';
import { day, judgeOne, makeFinding, makeScan, testNow } from '../../../testing/policy/make-evidence.ts';
import type { FindingFacts } from '../evidence.ts';
import type { VulnerabilitiesRule } from '../model.ts';
import type { Outcome } from '../verdict.ts';

const base: VulnerabilitiesRule = { kind: 'vulnerabilities', name: 'v', action: 'deny' };
const exploited = { dateAdded: '2026-05-01', ransomware: false };
const epss = { score: 0.5, percentile: 0.9, date: '2026-05-31' };
const published = (age: number): Partial<FindingFacts> => ({ published: new Date(testNow - age).toISOString() });

const filters: readonly (readonly [
  what: string,
  rule: Partial<VulnerabilitiesRule>,
  finding: Partial<FindingFacts>,
  counts: boolean,
])[] = [
  ['everything', {}, { severity: 'UNKNOWN', fixedVersions: [] }, true],
  ['the severity itself', { severity: 'HIGH' }, { severity: 'HIGH' }, true],
  ['a worse severity', { severity: 'HIGH' }, { severity: 'CRITICAL' }, true],
  ['a milder severity', { severity: 'HIGH' }, { severity: 'MEDIUM' }, false],
  ['an unrated flaw', { severity: 'LOW' }, { severity: 'UNKNOWN' }, false],
  ['an unrated flaw, asked for', { severity: 'UNKNOWN' }, { severity: 'UNKNOWN' }, true],
  ['a flaw with a fix', { fixable: true }, {}, true],
  ['a flaw without a fix', { fixable: true }, { fixedVersions: [], status: 'affected' }, false],
  ['a flaw without a fix, where that says nothing', { fixable: false }, { fixedVersions: [] }, true],
  ['an exploited flaw', { exploited: true }, { knownExploited: exploited }, true],
  ['a flaw that is not exploited', { exploited: true }, {}, false],
  ['a flaw likely to be exploited', { epss: 0.5 }, { epss }, true],
  ['a flaw less likely to be exploited', { epss: 0.51 }, { epss }, false],
  ['a flaw without an estimate', { epss: 0.1 }, {}, false],
  ['a listed id', { ids: ['cve-2026-1000'] }, {}, true],
  ['a listed alias', { ids: ['GHSA-AAAA-BBBB-CCCC'] }, {}, true],
  ['a listed announcement', { ids: ['DSA-1000-1'] }, {}, true],
  ['an id that is not listed', { ids: ['CVE-2026-100'] }, {}, false],
  ['a package', { packages: ['lib*', 'openssl'] }, {}, true],
  ['another package', { packages: ['lib*'] }, {}, false],
  [
    'a package by another spelling that its ecosystem takes for its name',
    { packages: ['django'] },
    { package: { type: 'pypi', name: 'Django', version: '1', purl: 'pkg:pypi/django@1' } },
    true,
  ],
  ['a status that is ignored', { ignoreStatuses: ['will_not_fix'] }, { status: 'will_not_fix' }, false],
  ['a status that is not', { ignoreStatuses: ['will_not_fix'] }, { status: 'affected' }, true],
  ['all conditions at once', { severity: 'HIGH', fixable: true, packages: ['open*'] }, {}, true],
  ['all conditions but one', { severity: 'HIGH', fixable: true, packages: ['curl'] }, {}, false],
  ['a flaw within its grace', { grace: { for: 7 * day, since: 'published' } }, published(7 * day - 1), false],
  ['a flaw whose grace ends now', { grace: { for: 7 * day, since: 'published' } }, published(7 * day), true],
  [
    'an exploited flaw within its grace',
    { grace: { for: 7 * day, since: 'published' } },
    { ...published(day), knownExploited: exploited },
    true,
  ],
  [
    'a flaw of an unknown date',
    { grace: { for: 7 * day, since: 'published' } },
    { published: undefined as never },
    true,
  ],
  ['a flaw of no date at all', { grace: { for: 7 * day, since: 'published' } }, { published: 'soon' }, true],
  ['a flaw known since yesterday', { grace: { for: 7 * day, since: 'known' } }, { knownSince: testNow - day }, false],
  ['a flaw known for long', { grace: { for: 7 * day, since: 'known' } }, { knownSince: testNow - 8 * day }, true],
  ['a flaw known since who knows when', { grace: { for: 7 * day, since: 'known' } }, published(day), true],
];

for (const [what, rule, finding, counts] of filters) {
  test(`a rule about vulnerabilities ${counts ? 'counts' : 'lets pass'} ${what}`, () => {
    const verdict = judgeOne({ ...base, ...rule }, { vulnerabilities: makeScan([makeFinding(finding)]) });
    assert.equal(verdict.outcome, counts ? 'violated' : 'passed');
    assert.equal(verdict.total, counts ? 1 : 0);
  });
}

test('a flaw that is said to become public later is public since it was found', () => {
  const rule: VulnerabilitiesRule = { ...base, grace: { for: day, since: 'published' } };
  const vulnerabilities = makeScan([makeFinding({ published: '2999-01-01T00:00:00Z' })]);
  assert.equal(judgeOne(rule, { vulnerabilities }).outcome, 'passed');
  assert.equal(judgeOne(rule, { vulnerabilities, now: testNow + day }).outcome, 'violated');
});

const problem = {
  code: 'LAYER_UNREADABLE',
  subject: 'sha256:1',
  message: 'It is no archive',
  incomplete: true,
} as const;

const states: readonly (readonly [
  what: string,
  rule: Partial<VulnerabilitiesRule>,
  scan: ReturnType<typeof makeScan> | undefined,
  outcome: Outcome,
  sentence: RegExp,
])[] = [
  [
    'is broken by what could not be read',
    {},
    makeScan([], { incomplete: [problem] }),
    'violated',
    /not all be read \(sha256:1: It/,
  ],
  ['lets that pass by choice', { incomplete: 'allow' }, makeScan([], { incomplete: [problem] }), 'passed', /^$/],
  ['is broken where there is no scan', {}, { state: 'absent', at: testNow }, 'violated', /it has no scan report/],
  ['waits for a scan', {}, { state: 'pending' }, 'undecided', /its scan report is still being looked for/],
  ['needs a scan', {}, undefined, 'undecided', /was not looked for/],
  [
    'is undecided where there can be none',
    {},
    { state: 'unavailable', reason: 'the scanner is out of memory' },
    'undecided',
    /could not be looked at \(the scanner is out of memory\)/,
  ],
  ['takes a database that is young enough', { maxDatabaseAge: day + 1 }, makeScan([]), 'passed', /^$/],
  ['takes no database that is older', { maxDatabaseAge: day }, makeScan([]), 'undecided', /database .* is too old/],
  [
    'takes no database of an unknown age',
    { maxDatabaseAge: day },
    makeScan([], { databaseBuiltAt: undefined as never }),
    'undecided',
    /database .* is too old/,
  ],
  [
    'takes no new database of which a feed could not be had for so long',
    { maxDatabaseAge: 2 * day },
    makeScan([], { databaseWholeAt: testNow - 2 * day }),
    'undecided',
    /database .* is too old, since one of its feeds could not be had/,
  ],
  [
    'takes a database of which a feed could not be had for a while',
    { maxDatabaseAge: 2 * day + 1 },
    makeScan([], { databaseWholeAt: testNow - 2 * day }),
    'passed',
    /^$/,
  ],
  [
    'about no age takes a database of which a feed could not be had',
    {},
    makeScan([], { databaseWholeAt: 0 }),
    'passed',
    /^$/,
  ],
  ['takes a scan that is young enough', { maxScanAge: 3_600_001 }, makeScan([]), 'passed', /^$/],
  ['takes no scan that is older', { maxScanAge: 3_600_000 }, makeScan([]), 'undecided', /the scan is too old/],
  ['is broken by an old scan as well', { maxScanAge: 1 }, makeScan([makeFinding()]), 'violated', /CVE-2026-1000/],
  [
    'is broken by an old database as well',
    { maxDatabaseAge: day },
    makeScan([makeFinding()]),
    'violated',
    /CVE-2026-1000/,
  ],
];

const noLists = { lacking: ['exploited', 'epss'] } as const;
const young = makeFinding(published(day));
const grace = { for: 7 * day, since: 'published' } as const;

const withoutLists: typeof states = [
  [
    'about exploited flaws needs their list',
    { exploited: true },
    makeScan([makeFinding()], noLists),
    'undecided',
    /\(KEV\)/,
  ],
  ['about scores needs them', { epss: 0.1 }, makeScan([makeFinding()], noLists), 'undecided', /\(EPSS\)/],
  ['needs no list for an image without flaws', { exploited: true, epss: 0.1 }, makeScan([], noLists), 'passed', /^$/],
  [
    'needs no list for flaws that it is not about',
    { exploited: true, severity: 'HIGH' },
    makeScan([makeFinding({ severity: 'LOW' })], noLists),
    'passed',
    /^$/,
  ],
  [
    'about other things needs no list',
    { severity: 'HIGH' },
    makeScan([makeFinding()], noLists),
    'violated',
    /CVE-2026/,
  ],
  [
    'needs no list for a flaw that another one speaks for',
    { exploited: true, epss: 0.9 },
    makeScan([makeFinding({ epss })], { lacking: ['exploited'] }),
    'passed',
    /^$/,
  ],
  [
    'is broken by what is known all the same',
    { exploited: true },
    makeScan([makeFinding({ knownExploited: exploited }), makeFinding({ id: 'CVE-2026-2' })], noLists),
    'violated',
    /CVE-2026-1000/,
  ],
  ['gives what may be exploited no grace', { exploited: true, grace }, makeScan([young], noLists), 'undecided', /KEV/],
  ['needs no scores within a grace', { epss: 0.1, grace }, makeScan([young], { lacking: ['epss'] }), 'passed', /^$/],
];

for (const [what, rule, scan, outcome, sentence] of [...states, ...withoutLists]) {
  test(`a rule about vulnerabilities ${what}`, () => {
    const verdict = judgeOne({ ...base, ...rule }, scan === undefined ? {} : { vulnerabilities: scan });
    assert.equal(verdict.outcome, outcome);
    assert.match(verdict.sentence, sentence);
  });
}

test('a rule about vulnerabilities tells the worst first, and what is known of it', () => {
  const findings = [
    makeFinding({ id: 'CVE-1', severity: 'LOW', knownExploited: exploited, epss }),
    makeFinding({ id: 'CVE-2', severity: 'HIGH', fixedVersions: [], status: 'will_not_fix' }),
    makeFinding({ id: 'CVE-3', fixedVersions: [], status: 'affected', severitySource: undefined as never }),
    makeFinding({
      id: 'CVE-4\u001b[31m',
      fixedVersions: ['1', '2', '3', '4'],
      package: { ...makeFinding().package, name: 'a' },
    }),
  ];
  assert.equal(
    judgeOne(base, { vulnerabilities: makeScan(findings) }).sentence,
    'Rule "v" is broken: CVE-1 in openssl 3.0.1 (LOW according to debian; known to be exploited; EPSS 0.5; fixed in 3.0.9), ' +
      'CVE-3 in openssl 3.0.1 (CRITICAL; no fix known), ' +
      'CVE-4\uFFFD[31m in a 3.0.1 (CRITICAL according to debian; fixed in 1, 2, 3), ' +
      'CVE-2 in openssl 3.0.1 (HIGH according to debian; no fix: will not fix).',
  );
});
