import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { issueAuthority, issueLeaf } from './issue.ts';
import { type CertificateState, defaultLifetimes, type KeyedCertificate, serviceNames } from './model.ts';
import { planRotation, type RotationStep } from './plan-rotation.ts';
import { formatCertificateState, parseCertificateState } from './state-text.ts';

const minute = 60_000;
const day = 24 * 60 * minute;
const start = Date.parse('2026-03-01T12:00:00Z');
const plan = { dnsNames: serviceNames('seaworthy', 'security') };

function leafOf({ leaf }: CertificateState): X509Certificate {
  return new X509Certificate(leaf.certificate);
}

/** Whether a client with a bundle takes a leaf, as Go's does: signature, names, and the times of both certificates. */
function trusts(bundle: string, leaf: X509Certificate, now: number): boolean {
  const holds = ({ validFromDate, validToDate }: X509Certificate): boolean =>
    validFromDate.getTime() <= now && now <= validToDate.getTime();
  const authorities = bundle.match(/-----BEGIN[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  return (
    holds(leaf) &&
    leaf.checkHost('seaworthy.security.svc') !== undefined &&
    authorities
      .map((pem) => new X509Certificate(pem))
      .some((ca) => holds(ca) && ca.ca && leaf.checkIssued(ca) && leaf.verify(ca.publicKey))
  );
}

test('planRotation() begins with an authority and a leaf that clocks ten minutes off take', () => {
  const { state, steps, bundle } = planRotation(undefined, start, plan);
  assert.deepEqual([steps, state.isPublished, state.previous], [['begun-anew', 'leaf-made'], false, undefined]);
  assert.equal(bundle, state.authority.certificate);
  const leaf = leafOf(state);
  const authority = new X509Certificate(state.authority.certificate);
  assert.equal(
    leaf.subjectAltName,
    'DNS:seaworthy.security.svc, DNS:seaworthy.security.svc.cluster.local, DNS:seaworthy.security',
  );
  assert.deepEqual([leaf.ca, authority.ca], [false, true]);
  assert.deepEqual(leaf.keyUsage, ['1.3.6.1.5.5.7.3.1']);
  for (const { publicKey } of [leaf, authority]) {
    assert.equal(publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1');
  }
  assert.equal(leaf.validToDate.getTime() - start, 150 * day);
  assert.equal(authority.validToDate.getTime() - start, 365 * day);
  for (const off of [-10 * minute, 0, 10 * minute]) assert.ok(trusts(bundle, leaf, start + off));
  assert.deepEqual(planRotation(state, start + minute, plan), { state, steps: [], bundle });
  assert.deepEqual(parseCertificateState(formatCertificateState(state)), state);
});

test('planRotation() renews a leaf fifteen days before its end, of the same authority', () => {
  const { state } = planRotation(undefined, start, plan);
  const published = { ...state, isPublished: true };
  assert.deepEqual(planRotation(published, start + 135 * day - 1, plan).steps, []);
  const next = planRotation(published, start + 135 * day, plan);
  assert.deepEqual([next.steps, next.state.authority], [['leaf-made'], state.authority]);
  assert.notEqual(next.state.leaf.key, state.leaf.key);
  assert.ok(trusts(next.bundle, leafOf(next.state), start + 280 * day));
});

test('planRotation() replaces an authority in the order in which nobody is served what they do not trust', () => {
  const first = { ...planRotation(undefined, start, plan).state, isPublished: true };
  // Leaves never outlive their authority.
  const late = planRotation(first, start + 300 * day, plan).state;
  assert.equal(leafOf(late).validToDate.getTime(), start + 365 * day);

  const now = start + 350 * day;
  const made = planRotation(late, now, plan);
  assert.deepEqual(made.steps, ['authority-made']);
  assert.equal(made.state.leaf, late.leaf, 'the leaf stays until the new authority is trusted');
  assert.equal(made.bundle, made.state.authority.certificate + first.authority.certificate);
  assert.equal(JSON.stringify(made.state).includes(first.authority.key.split('\n')[1] as string), false);
  assert.deepEqual(planRotation(made.state, now + 10 * day, plan).steps, []);

  const swapped = planRotation({ ...made.state, isPublished: true }, now + 10 * day, plan);
  assert.deepEqual([swapped.steps, swapped.bundle], [['leaf-made'], made.bundle]);
  assert.ok(trusts(made.state.authority.certificate, leafOf(swapped.state), now + 10 * day));

  assert.deepEqual(planRotation(swapped.state, now + 11 * day - 1, plan).steps, []);
  const done = planRotation(swapped.state, now + 11 * day, plan);
  assert.deepEqual([done.steps, done.bundle], [['previous-dropped'], made.state.authority.certificate]);
});

test('planRotation() does not wait for what cannot be published when the old leaf is over', () => {
  const first = planRotation(undefined, start, plan).state;
  const late = planRotation({ ...first, isPublished: true }, start + 300 * day, plan).state;
  const made = planRotation(late, start + 350 * day, plan).state;
  const over = planRotation(made, start + 366 * day, plan);
  assert.deepEqual(over.steps, ['leaf-made', 'previous-dropped']);
  assert.equal(over.state.authority, made.authority);
});

const lifetimes = defaultLifetimes;
const good: CertificateState = { ...planRotation(undefined, start, plan).state, isPublished: true };
const other = issueAuthority(start, lifetimes);
const noise: KeyedCertificate = { certificate: 'no PEM', key: good.leaf.key };
const now = start + day;

const damaged: readonly (readonly [
  what: string,
  state: CertificateState,
  steps: readonly RotationStep[],
  kept: boolean,
])[] = [
  ['a leaf that cannot be read', { ...good, leaf: noise }, ['leaf-made'], true],
  ['a leaf with another key', { ...good, leaf: { ...good.leaf, key: other.key } }, ['leaf-made'], true],
  ['a leaf of a stranger', { ...good, leaf: issueLeaf(other, plan, start, lifetimes) }, ['leaf-made'], true],
  [
    'a leaf for other names',
    { ...good, leaf: issueLeaf(good.authority, { dnsNames: ['x'] }, start, lifetimes) },
    ['leaf-made'],
    true,
  ],
  [
    'a leaf that is over',
    { ...good, leaf: issueLeaf(good.authority, plan, now - 151 * day, lifetimes) },
    ['leaf-made'],
    true,
  ],
  [
    'a leaf of the day after tomorrow',
    { ...good, leaf: issueLeaf({ ...good.authority }, plan, now + 2 * day, lifetimes) },
    ['leaf-made'],
    true,
  ],
  ['an authority without its key', { ...good, authority: { ...good.authority, key: '' } }, ['authority-made'], false],
  ['an authority that cannot be read', { ...good, authority: noise }, ['begun-anew', 'leaf-made'], false],
  ['a leaf in the place of the authority', { ...good, authority: good.leaf }, ['begun-anew', 'leaf-made'], false],
  [
    'an authority that is over',
    { ...good, authority: issueAuthority(now - 366 * day, lifetimes) },
    ['begun-anew', 'leaf-made'],
    false,
  ],
  [
    'nothing but noise',
    { authority: noise, isPublished: true, leaf: noise, previous: 'x' },
    ['begun-anew', 'leaf-made'],
    false,
  ],
  ['an old authority that cannot be read', { ...good, previous: 'x' }, ['previous-dropped'], true],
];

for (const [what, state, steps, kept] of damaged) {
  test(`planRotation() mends ${what} at once`, () => {
    const mended = planRotation(state, now, plan);
    assert.deepEqual(mended.steps, steps);
    assert.equal(mended.state.authority === state.authority, kept);
    assert.equal(mended.state.isPublished, kept);
    // Whatever was there, a client that takes the bundle takes the leaf, and nothing more is to be done.
    for (const off of [-10 * minute, 10 * minute]) assert.ok(trusts(mended.bundle, leafOf(mended.state), now + off));
    assert.deepEqual(planRotation(mended.state, now, plan).steps, []);
  });
}

test('a leaf that others still trust is served on when its authority lost its key', () => {
  const mended = planRotation({ ...good, authority: { ...good.authority, key: '' } }, now, plan);
  assert.equal(mended.state.leaf, good.leaf);
  assert.ok(trusts(mended.bundle, leafOf(mended.state), now));
});

test('a leaf that is trusted is served on when the successor of its authority is lost before it was published', () => {
  const successor = planRotation(
    { ...good, authority: issueAuthority(start - 355 * day, lifetimes) },
    start,
    plan,
  ).state;
  const leaf = issueLeaf(good.authority, plan, start, lifetimes);
  const lost = {
    ...successor,
    authority: { ...successor.authority, key: '' },
    previous: good.authority.certificate,
    leaf,
  };
  const mended = planRotation(lost, now, plan);
  assert.deepEqual([mended.steps, mended.state.leaf], [['authority-made'], leaf]);
  assert.equal(mended.state.previous, good.authority.certificate);
  assert.ok(trusts(mended.bundle, leafOf(mended.state), now));
});

test('planRotation() bears a clock that is ten minutes behind the one that made certificates', () => {
  const { state } = planRotation(undefined, start + 20 * minute, plan);
  assert.deepEqual(planRotation({ ...state, isPublished: true }, start, plan).steps, []);
});

test('through years of late looks, late publishing, slow replicas and wrong clocks, what is served is trusted', () => {
  const skews = fc.constantFrom(-9 * minute, 0, 9 * minute);
  const looks = fc.noShrink(
    fc.array(
      fc.record({ wait: fc.integer({ min: 1, max: 5 * 24 }), own: skews, client: skews, publishes: fc.boolean() }),
      { minLength: 250, maxLength: 300, size: 'max' },
    ),
  );
  fc.assert(
    fc.property(looks, (all) => {
      let time = start;
      let state: CertificateState | undefined;
      let trusted: string | undefined;
      let failures = 0;
      /** What replicas serve that did not look since: they look at least once a day. */
      let slow: { readonly leaf: X509Certificate; readonly until: number }[] = [];
      for (const { wait, own, client, publishes } of all) {
        time += wait * 60 * minute;
        const before = state;
        const rotation = planRotation(state, time + own, plan);
        state = rotation.state;
        if (before !== undefined && before.leaf !== state.leaf)
          slow.push({ leaf: leafOf(before), until: time + day - 20 * minute });
        // Longer than fifteen days without publishing is no rotation that could go well.
        if (publishes || failures === 2 || trusted === undefined) {
          trusted = rotation.bundle;
          state = { ...state, isPublished: true };
          failures = 0;
        } else failures += 1;
        slow = slow.filter(({ until }) => time < until);
        assert.ok(trusts(trusted, leafOf(state), time + client), `the leaf on day ${(time - start) / day}`);
        for (const { leaf } of slow)
          assert.ok(trusts(trusted, leaf, time + client), `an older leaf on day ${(time - start) / day}`);
      }
      assert.ok(time - start > 300 * day);
    }),
    { numRuns: 4 },
  );
});

test('parseCertificateState() takes nothing for a state that is none', () => {
  for (const text of ['', '{', '[]', 'null', '{"authority":{}}', '{"a":1,"a":2}', '['.repeat(100)]) {
    assert.equal(parseCertificateState(text), undefined, text);
  }
  for (const change of [{ leafSince: 'x' }, { previous: 1 }, { isPublished: 1 }, { leaf: null }]) {
    assert.equal(parseCertificateState(JSON.stringify({ ...good, ...change })), undefined);
  }
});

test('issueLeaf() is for addresses as addresses, so that API servers that are given one take it', () => {
  for (const [address, other] of [
    ['127.0.0.1', '127.0.0.2'],
    ['::1', '::2'],
    ['2001:db8::1:0:5', '2001:db8::1:0:6'],
  ] as const) {
    const { certificate } = issueLeaf(good.authority, { dnsNames: [address] }, start, lifetimes);
    const read = new X509Certificate(certificate);
    assert.deepEqual([read.checkIP(address) !== undefined, read.checkIP(other)], [true, undefined]);
  }
});
