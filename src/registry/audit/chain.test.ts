import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { Digest } from '../../oci/digest.ts';
import { beginChain, encodeEntry, headOf, sealEntry, type ChainHead, type SealedEntry } from './chain.ts';
import { auditActions, auditEntry, auditOutcomes, type AuditEntry } from './entry.ts';
import { auditLimits } from './limits.ts';
import { formatAuditLine, parseAuditLine } from './line.ts';
import { signHead, verifySignedHead } from './signed-head.ts';
import { verifyChains, type ChainFault, type ChainVerdict } from './verify.ts';

const digest = `sha256:${'a'.repeat(64)}` as Digest;

function entryOf(number: number): AuditEntry {
  const actor = { kind: 'user', name: `user ${number}` } as const;
  return auditEntry({ time: number, actor, action: 'pull', outcome: 'done', repository: 'team/app', digest });
}

function trailOf(chain: string, count: number): SealedEntry[] {
  const trail: SealedEntry[] = [];
  let head = beginChain(chain);
  for (let number = 1; number <= count; number += 1) {
    const sealed = sealEntry(head, entryOf(number));
    trail.push(sealed);
    head = headOf(sealed);
  }
  return trail;
}

function faultOf(verdict: ChainVerdict): ChainFault | 'whole' {
  return verdict.whole ? 'whole' : verdict.broken.fault;
}

test('auditEntry() cuts what is long, makes it printable, and takes nothing else in', () => {
  const facts = {
    time: 1.4,
    actor: { kind: 'robot', name: `\u001b[31m${'x'.repeat(999)}`, token: 'secret' },
    action: 'push',
    outcome: 'denied',
    userAgent: 'y'.repeat(9999),
    reason: 'a\nb',
    repository: undefined,
    headers: { authorization: 'secret' },
  } as const;
  const entry = auditEntry(facts);
  assert.equal(entry.time, 1);
  assert.equal(entry.actor.name.length, auditLimits.name);
  assert.ok(entry.actor.name.startsWith('\uFFFD[31m'));
  assert.equal(entry.userAgent?.length, auditLimits.userAgent);
  assert.equal(entry.reason, 'a\uFFFDb');
  assert.ok(!('repository' in entry));
  assert.ok(!JSON.stringify(entry).includes('secret'));
});

test('encodeEntry() gives the same bytes for the same facts in any order', () => {
  const actor = { kind: 'user', name: 'ü' } as const;
  const one: AuditEntry = { time: 1, actor, action: 'pull', outcome: 'done', repository: 'a', reference: 'v1' };
  const two: AuditEntry = { reference: 'v1', repository: 'a', outcome: 'done', action: 'pull', actor, time: 1 };
  const place = { chain: 'c', sequence: 1 };
  assert.deepEqual(encodeEntry(place, one), encodeEntry(place, two));
  assert.equal(
    Buffer.from(encodeEntry(place, one)).toString(),
    '{"format":"seaworthy audit 1","chain":"c","sequence":1,"time":1,"actor":{"kind":"user","name":"ü"},"action":"pull","outcome":"done","repository":"a","reference":"v1"}',
  );
});

test('the hash of an entry is what it has always been', () => {
  assert.equal(trailOf('a', 2)[1]?.hash, '8e267765c62e9af8d575f38e30e881c5d153febb22095bf9cb899bd0ee7d6080');
});

test('verifyChains() follows each chain through any mixture, and gives the heads', async () => {
  const [a, b] = [trailOf('a', 3), trailOf('b', 2)];
  const mixed = [b[0], a[0], a[1], b[1], a[2]].flatMap((sealed) => sealed ?? []);
  const heads = [b[1], a[2]].flatMap((sealed) => (sealed === undefined ? [] : [headOf(sealed)]));
  assert.deepEqual(await verifyChains(mixed), { whole: true, entries: 5, heads });
  assert.deepEqual(await verifyChains([], {}), { whole: true, entries: 0, heads: [] });
});

test('verifyChains() says what is wrong and where', async () => {
  const trail = trailOf('a', 4);
  const [one, two, three, four] = trail as [SealedEntry, SealedEntry, SealedEntry, SealedEntry];
  const other = trailOf('b', 1);
  const changed = { ...two, entry: { ...two.entry, time: 99 } };
  const resealed = sealEntry(headOf(one), changed.entry);
  const expected = [headOf(four)];
  const cases: readonly (readonly [readonly SealedEntry[], object, ChainFault | 'whole', number])[] = [
    [trail, { expected }, 'whole', 0],
    [trail, { expected: [headOf(two)] }, 'whole', 0],
    [trail, { expected: [headOf(two)], complete: true }, 'unexpected', 3],
    [[...trail, ...other], { expected }, 'whole', 0],
    [[...trail, ...other], { expected, complete: true }, 'unexpected', 1],
    [[three, four], { after: [headOf(two)], expected }, 'whole', 0],
    [[three, four], { expected }, 'order', 1],
    [[one, two, three], { expected }, 'truncated', 4],
    [[], { expected }, 'truncated', 1],
    [[one, three, four], { expected }, 'order', 2],
    [[one, two, two, three], {}, 'order', 3],
    [[two, one], {}, 'order', 1],
    [[one, changed, three, four], {}, 'content', 2],
    [[one, resealed, three, four], {}, 'link', 3],
    [[one, resealed], { expected: [headOf(two)] }, 'replaced', 2],
    [[one, resealed, sealEntry(headOf(resealed), three.entry)], { expected: [headOf(two)] }, 'replaced', 2],
    [[one, two], { after: [{ chain: 'a', sequence: 2, hash: '0'.repeat(64) }], expected: [headOf(two)] }, 'order', 3],
    [[], { after: [headOf(resealed)], expected: [headOf(two)] }, 'replaced', 2],
    [[{ ...(other[0] as SealedEntry), chain: 'a' }], {}, 'content', 1],
  ];
  for (const [entries, known, fault, sequence] of cases) {
    const verdict = await verifyChains(entries, known);
    assert.equal(faultOf(verdict), fault);
    if (!verdict.whole) assert.equal(verdict.broken.sequence, sequence, verdict.broken.message);
  }
});

const name = fc.string({ unit: 'grapheme', maxLength: 20 });
const optional = fc.option(name, { nil: undefined });
const arbitraryEntry = fc
  .record({
    time: fc.integer({ min: 0, max: 2 ** 45 }),
    actor: fc.record({ kind: fc.constantFrom('user', 'robot', 'system'), name }),
    action: fc.constantFrom(...auditActions),
    outcome: fc.constantFrom(...auditOutcomes),
    repository: optional,
    reference: optional,
    digest: fc.option(fc.constant(digest), { nil: undefined }),
    reason: optional,
    address: optional,
    userAgent: optional,
    requestId: optional,
    traceId: optional,
    before: fc.option(fc.integer({ min: 0, max: 2 ** 45 }), { nil: undefined }),
  })
  .map(auditEntry);

const arbitraryTrail = fc.array(arbitraryEntry, { minLength: 1, maxLength: 8 }).map((entries) => {
  let head = beginChain('writer-1');
  return entries.map((entry) => {
    const sealed = sealEntry(head, entry);
    head = headOf(sealed);
    return sealed;
  });
});

function lastHead(trail: readonly SealedEntry[]): ChainHead {
  return headOf(trail.at(-1) as SealedEntry);
}

/** One change of one value somewhere in a record. */
function tamper(sealed: SealedEntry, choice: number, with_: string): SealedEntry {
  const places: readonly ((value: string) => SealedEntry)[] = [
    (value) => ({ ...sealed, chain: `${sealed.chain}x${value.length}` }),
    (value) => ({ ...sealed, sequence: sealed.sequence + 1 + value.length }),
    (value) => ({ ...sealed, previous: flip(sealed.previous, value.length) }),
    (value) => ({ ...sealed, hash: flip(sealed.hash, value.length) }),
    (value) => ({ ...sealed, entry: { ...sealed.entry, time: sealed.entry.time + 1 + value.length } }),
    (value) => ({
      ...sealed,
      entry: { ...sealed.entry, actor: { ...sealed.entry.actor, name: `${sealed.entry.actor.name}${value}x` } },
    }),
    () => ({ ...sealed, entry: { ...sealed.entry, actor: { ...sealed.entry.actor, kind: 'workload' } } }),
    () => ({ ...sealed, entry: { ...sealed.entry, action: sealed.entry.action === 'pull' ? 'push' : 'pull' } }),
    () => ({ ...sealed, entry: { ...sealed.entry, outcome: sealed.entry.outcome === 'done' ? 'failed' : 'done' } }),
    ...(['repository', 'reference', 'reason', 'address', 'userAgent', 'requestId', 'traceId'] as const).map(
      (field) => (value: string) => {
        const entry = { ...sealed.entry, [field]: `${sealed.entry[field] ?? ''}${value}x` };
        return { ...sealed, entry };
      },
    ),
    () => ({ ...sealed, entry: { ...sealed.entry, before: (sealed.entry.before ?? 0) + 1 } }),
    () => {
      const { digest: there, ...rest } = sealed.entry;
      return { ...sealed, entry: there === undefined ? { ...rest, digest } : rest };
    },
  ];
  return (places[choice % places.length] as (value: string) => SealedEntry)(with_);
}

function flip(hash: string, place: number): string {
  const at = place % hash.length;
  return `${hash.slice(0, at)}${hash[at] === '0' ? '1' : '0'}${hash.slice(at + 1)}`;
}

test('any change, removal, insertion or reordering of entries is found', async () => {
  await fc.assert(
    fc.asyncProperty(
      arbitraryTrail,
      fc.constantFrom('change', 'remove', 'insert', 'double', 'swap', 'cut'),
      fc.nat(),
      fc.nat(),
      fc.string({ maxLength: 3 }),
      async (trail, how, first, second, text) => {
        const known = { expected: [lastHead(trail)] };
        assert.equal(faultOf(await verifyChains(trail, known)), 'whole');
        const at = first % trail.length;
        const to = second % trail.length;
        const forged = [...trail];
        const here = trail[at] as SealedEntry;
        if (how === 'change') forged[at] = tamper(here, second, text);
        else if (how === 'remove') forged.splice(at, 1);
        else if (how === 'insert')
          forged.splice(
            at,
            0,
            sealEntry(at === 0 ? beginChain('writer-1') : headOf(trail[at - 1] as SealedEntry), entryOf(7)),
          );
        else if (how === 'double') forged.splice(to, 0, here);
        else if (how === 'cut') forged.length = at;
        else if (at !== to) [forged[at], forged[to]] = [trail[to] as SealedEntry, here];
        else return;
        assert.notEqual(faultOf(await verifyChains(forged, known)), 'whole');
      },
    ),
    { numRuns: 600 },
  );
});

test('a forger who writes everything after a change anew is found by the head that was kept', async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryTrail, fc.nat(), async (trail, place) => {
      const at = place % trail.length;
      let head = at === 0 ? beginChain('writer-1') : headOf(trail[at - 1] as SealedEntry);
      const forged = trail.slice(at).map(({ entry }, index) => {
        const sealed = sealEntry(head, index === 0 ? { ...entry, time: entry.time + 1 } : entry);
        head = headOf(sealed);
        return sealed;
      });
      const whole = [...trail.slice(0, at), ...forged];
      assert.equal(faultOf(await verifyChains(whole)), 'whole');
      assert.equal(faultOf(await verifyChains(whole, { expected: [lastHead(trail)] })), 'replaced');
    }),
  );
});

test('a record survives its line, and the line is plain ASCII-safe JSON', async () => {
  await fc.assert(
    fc.asyncProperty(arbitraryTrail, async (trail) => {
      const lines = trail.map(formatAuditLine);
      for (const line of lines) assert.ok(!/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(line));
      const read = lines.map(parseAuditLine);
      assert.deepEqual(read, trail);
      assert.equal(faultOf(await verifyChains(read, { expected: [lastHead(trail)] })), 'whole');
    }),
  );
});

test('parseAuditLine() lets nothing in that the hash does not cover', () => {
  const sealed = trailOf('a', 1)[0] as SealedEntry;
  const { entry } = sealed;
  const bad: readonly unknown[] = [
    { ...sealed, note: 'x' },
    { ...sealed, entry: { ...entry, note: 'x' } },
    { ...sealed, entry: { ...entry, actor: { ...entry.actor, role: 'admin' } } },
    { ...sealed, sequence: 0 },
    { ...sealed, sequence: 1.5 },
    { ...sealed, hash: sealed.hash.toUpperCase() },
    { ...sealed, chain: 'A b' },
    { ...sealed, entry: { ...entry, action: 'drop' } },
    { ...sealed, entry: { ...entry, digest: 'sha256:x' } },
    { ...sealed, entry: { ...entry, reason: 'x'.repeat(501) } },
    [],
    null,
  ];
  for (const value of bad) {
    assert.throws(() => parseAuditLine(JSON.stringify(value)), { code: 'AUDIT_RECORD_INVALID' }, JSON.stringify(value));
  }
  assert.throws(() => parseAuditLine(`{"chain":"a",${JSON.stringify(sealed).slice(1)}`), {
    code: 'AUDIT_RECORD_INVALID',
  });
  assert.throws(() => parseAuditLine('{'), { code: 'AUDIT_RECORD_INVALID' });
  assert.throws(() => parseAuditLine(' '.repeat(20_000)), { code: 'LIMIT_EXCEEDED' });
  assert.deepEqual(parseAuditLine(JSON.stringify(sealed)), sealed);
});

test('beginChain() takes names that can stand in a file name', () => {
  for (const bad of ['', '-a', 'a-', 'A', 'a b', 'a/b', 'x'.repeat(65)]) {
    assert.throws(() => beginChain(bad), { code: 'AUDIT_CHAIN_INVALID' }, bad);
  }
  assert.equal(beginChain('x'.repeat(64)).sequence, 0);
});

test('a signed head is of its key and of nothing else', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const other = generateKeyPairSync('ed25519');
  const head = headOf(trailOf('a', 2)[1] as SealedEntry);
  const signed = signHead(head, 5, privateKey);
  assert.deepEqual(verifySignedHead(signed, publicKey), head);
  for (const forged of [
    { ...signed, chain: 'b' },
    { ...signed, sequence: 1 },
    { ...signed, sequence: -1 },
    { ...signed, hash: flip(signed.hash, 3) },
    { ...signed, hash: 'x' },
    { ...signed, time: 6 },
    { ...signed, signature: '' },
    { ...signed, signature: signHead(head, 5, other.privateKey).signature },
  ]) {
    assert.throws(() => verifySignedHead(forged, publicKey), { code: 'AUDIT_HEAD_INVALID' }, JSON.stringify(forged));
  }
  const rsa = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  assert.throws(() => signHead(head, 5, rsa.privateKey), { code: 'AUDIT_HEAD_INVALID' });
  assert.throws(() => verifySignedHead(signed, rsa.publicKey), { code: 'AUDIT_HEAD_INVALID' });
});
