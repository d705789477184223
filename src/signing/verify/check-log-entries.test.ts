import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonical } from '../../../testing/signing/log-bodies.ts';
import { makeLogKey } from '../../../testing/signing/log-key.ts';
import { type CheckpointOptions, MemoryLog, witnessLine } from '../../../testing/signing/memory-log.ts';
import type { InclusionProof, LogEntry } from '../entity.ts';
import type { LogInstance } from '../trust/trust-material.ts';
import { checkLogEntries, evidenceFor, type LogEntryQuestion } from './check-log-entries.ts';
import { VerificationError, type VerificationErrorCode } from './verification-error.ts';

const taken = 1_700_000_000;
const time = new Date(taken * 1000);

function logWith(generation: 1 | 2, size = 5, name = 'log.example'): MemoryLog {
  const log = new MemoryLog({ generation, name });
  const kind = generation === 1 ? 'hashedrekord 0.0.1' : 'hashedrekord 0.0.2';
  const [first = '', version = ''] = kind.split(' ');
  for (let index = 0; index < size; index += 1) log.append(canonical(first, version, { index: String(index) }));
  return log;
}

const v1 = logWith(1);
const v2 = logWith(2);
const logs = [v1.instance(), v2.instance()];
const entry1 = v1.entry(2, taken);
const entry2 = v2.entry(2);
const proof1 = entry1.proof ?? assert.fail();
const proof2 = entry2.proof ?? assert.fail();

function ask(question: Partial<LogEntryQuestion>): ReturnType<typeof checkLogEntries> {
  return checkLogEntries({ entries: [entry1], logs, threshold: 1, evidence: 'proof', ...question });
}

function refuses(code: VerificationErrorCode, question: Partial<LogEntryQuestion>, name = ''): void {
  assert.throws(
    () => ask(question),
    (error) => {
      assert.ok(error instanceof VerificationError, name);
      assert.deepEqual([error.code, error.facts.check], [code, 'log-entry'], `${name} ${error.message}`);
      return true;
    },
    name,
  );
}

/** An entry whose promise is anew signed after a change. */
function promised(log: MemoryLog, entry: LogEntry, change: Partial<LogEntry>): LogEntry {
  const changed = { ...entry, ...change };
  return { ...changed, promise: log.promise(changed) };
}

function without(entry: LogEntry, ...names: readonly ('promise' | 'proof')[]): LogEntry {
  return Object.fromEntries(
    Object.entries(entry).filter(([name]) => !(names as string[]).includes(name)),
  ) as unknown as LogEntry;
}

test('checkLogEntries() takes entries of both generations and tells what it saw', () => {
  const [first, second] = ask({ entries: [entry1, entry2], threshold: 1, now: time });
  assert.deepEqual(first, { entry: entry1, log: logs[0], time, promised: true, proven: true });
  assert.deepEqual(second, { entry: entry2, log: logs[1], promised: false, proven: true });
});

test('evidenceFor() wants promises of the oldest formats and proofs of all others', () => {
  for (const [format, mediaType, evidence] of [
    ['legacy', undefined, 'promise'],
    ['bundle', 'application/vnd.dev.sigstore.bundle+json;version=0.1', 'promise'],
    ['bundle', 'application/vnd.dev.sigstore.bundle+json;version=0.2', 'proof'],
    ['bundle', 'application/vnd.dev.sigstore.bundle+json;version=0.3', 'proof'],
    ['bundle', 'application/vnd.dev.sigstore.bundle.v0.3+json', 'proof'],
    ['bundle', undefined, 'proof'],
  ] as const) {
    assert.equal(evidenceFor({ format, ...(mediaType === undefined ? {} : { mediaType }) }), evidence, mediaType);
  }
});

test('checkLogEntries() wants the evidence of the format', () => {
  const { checkpoint: _checkpoint, ...bare } = proof1;
  ask({ entries: [without(entry1, 'proof')], evidence: 'promise' });
  ask({ entries: [{ ...entry1, proof: bare }], evidence: 'promise' });
  ask({ entries: [without(entry1, 'promise')], evidence: 'proof' });
  refuses('LOG_ENTRY_MISSING', { entries: [without(entry1, 'promise')], evidence: 'promise' });
  refuses('LOG_ENTRY_MISSING', { entries: [without(entry1, 'proof')] });
  refuses('LOG_ENTRY_MISSING', { entries: [{ ...entry1, proof: bare }] });
  refuses('LOG_ENTRY_MISSING', { entries: [without(entry1, 'promise', 'proof')], threshold: 0 });
  assert.equal(ask({ entries: [{ ...entry1, proof: bare }], evidence: 'promise' })[0]?.proven, false);
});

test('checkLogEntries() refuses a wrong promise, wanted or not', () => {
  const promise = Buffer.from(entry1.promise ?? assert.fail());
  promise[10] = (promise[10] as number) ^ 1;
  for (const change of [
    { promise },
    { promise: Buffer.alloc(0) },
    { integratedTime: entry1.integratedTime + 1n },
    { logIndex: entry1.logIndex + 1n },
    { promise: v1.entry(3, taken).promise ?? assert.fail() },
  ]) {
    refuses('LOG_PROOF_WRONG', { entries: [{ ...entry1, ...change }] });
    refuses('LOG_PROOF_WRONG', { entries: [{ ...entry1, ...change }], evidence: 'promise' });
  }
  // A body that the log never saw, with a promise of the right form.
  refuses('LOG_PROOF_WRONG', { entries: [{ ...entry1, body: Buffer.from('{}') }], evidence: 'promise' });
});

test('checkLogEntries() refuses a wrong proof, wanted or not', () => {
  const [first = assert.fail(), ...others] = proof1.hashes;
  const wrong: Partial<InclusionProof>[] = [
    { hashes: [Buffer.from(first.map((byte) => byte ^ 1)), ...others] },
    { hashes: others },
    { hashes: [first, ...proof1.hashes] },
    { rootHash: Buffer.alloc(32) },
    { rootHash: Buffer.alloc(0) },
    { logIndex: 3n },
    { logIndex: 5n },
    { treeSize: 4n },
    { treeSize: 6n },
    { treeSize: 0n },
    { checkpoint: logWith(1).checkpoint() },
    { checkpoint: v2.checkpoint() },
    { checkpoint: logWith(1, 6).checkpoint() },
    { checkpoint: v1.checkpoint({ size: '6' }) },
    { checkpoint: v1.checkpoint({ root: Buffer.alloc(32).toString('base64') }) },
    { checkpoint: v1.checkpoint({ key: makeLogKey() }) },
    { checkpoint: v1.checkpoint({ origin: 'log.example.evil - 1' }) },
  ];
  for (const [at, change] of wrong.entries()) {
    for (const evidence of ['proof', 'promise'] as const) {
      refuses('LOG_PROOF_WRONG', { entries: [{ ...entry1, proof: { ...proof1, ...change } }], evidence }, String(at));
    }
  }
  refuses('SIGNATURE_MALFORMED', { entries: [{ ...entry1, proof: { ...proof1, checkpoint: 'text' } }] });
  refuses('SIGNATURE_TOO_LARGE', {
    entries: [{ ...entry1, proof: { ...proof1, hashes: Array<Buffer>(65).fill(first) } }],
  });
  refuses('LOG_PROOF_WRONG', { entries: [{ ...entry2, body: Buffer.from('{}') }] });
});

test('checkLogEntries() checks a proof without checkpoint for itself', () => {
  const { checkpoint: _checkpoint, ...bare } = proof1;
  const entries = [{ ...entry1, proof: { ...bare, rootHash: Buffer.alloc(32) } }];
  refuses('LOG_PROOF_WRONG', { entries, evidence: 'promise' });
});

test('checkLogEntries() takes checkpoints with witnesses in any order, and extensions', () => {
  const takes = (options: CheckpointOptions): void => {
    ask({ entries: [{ ...entry2, proof: { ...proof2, checkpoint: v2.checkpoint(options) } }] });
  };
  takes({ after: [witnessLine()] });
  takes({ before: [witnessLine()], extensions: ['Timestamp: 1'] });
});

test('checkLogEntries() wants indexes that agree', () => {
  // Of the first generation an entry counts the trees before its own.
  ask({ entries: [promised(v1, entry1, { logIndex: 2n })] });
  refuses('LOG_PROOF_WRONG', { entries: [promised(v1, entry1, { logIndex: 1n })] });
  for (const logIndex of [1n, 3n, 102n])
    refuses('LOG_PROOF_WRONG', { entries: [{ ...entry2, logIndex }] }, String(logIndex));
});

test('checkLogEntries() refuses numbers that no log has', () => {
  for (const number of [-1n, -(2n ** 63n), 2n ** 63n, 2n ** 64n, 10n ** 400n]) {
    const entries: readonly LogEntry[] = [
      { ...entry1, logIndex: number },
      { ...entry1, integratedTime: number },
      { ...entry2, integratedTime: number },
      { ...entry1, proof: { ...proof1, logIndex: number } },
      { ...entry1, proof: { ...proof1, treeSize: number } },
    ];
    for (const entry of entries) refuses('SIGNATURE_MALFORMED', { entries: [entry] }, `${number}`.slice(0, 30));
  }
  for (const integratedTime of [0n, 8_640_000_000_001n, 2n ** 63n - 1n]) {
    refuses('LOG_PROOF_WRONG', { entries: [promised(v1, entry1, { integratedTime })] }, String(integratedTime));
  }
});

test('checkLogEntries() counts a time only when the log signed it', () => {
  const unsigned = without({ ...entry1, integratedTime: 5n }, 'promise');
  assert.deepEqual(
    ask({ entries: [unsigned, { ...entry2, integratedTime: 5n }] }).map((verified) => 'time' in verified),
    [false, false],
  );
});

test('checkLogEntries() refuses entries of the future', () => {
  refuses('LOG_PROOF_WRONG', { now: new Date(time.getTime() - 60_001) });
  // The clocks of two machines differ.
  ask({ now: new Date(time.getTime() - 60_000) });
  ask({ now: time });
  ask({});
});

test('checkLogEntries() knows logs by their id alone', () => {
  refuses('LOG_UNKNOWN', { logs: [] });
  refuses('LOG_UNKNOWN', { logs: [v2.instance()] });
  refuses('LOG_UNKNOWN', { entries: [{ ...entry1, logId: entry1.logId.subarray(0, 4) }] });
  refuses('LOG_UNKNOWN', { entries: [entry2, logWith(1).entry(0)] });
  // Another log's key under the right id.
  refuses('LOG_PROOF_WRONG', { logs: [{ ...logWith(1).instance(), logId: v1.logId }] });
  refuses('LOG_PROOF_WRONG', { entries: [entry2], logs: [{ ...logWith(2).instance(), logId: v2.logId }] });
});

test('checkLogEntries() trusts a log within its window, both ends included', () => {
  const before = new Date(time.getTime() - 1000);
  const after = new Date(time.getTime() + 1000);
  const at = (...windows: readonly LogInstance['window'][]): readonly LogInstance[] =>
    windows.map((one) => v1.instance(one));
  ask({ logs: at({ start: time, end: time }) });
  ask({ logs: at({ start: before, end: after }) });
  ask({ logs: at({ start: before }) });
  refuses('NOT_VALID_THEN', { logs: at({ start: after }) });
  refuses('NOT_VALID_THEN', { logs: at({ start: new Date(0), end: before }) });
  const both = at({ start: new Date(0), end: before }, { start: before });
  assert.equal(ask({ logs: both })[0]?.log, both[1]);
});

test('checkLogEntries() does not trust a log without a start', () => {
  for (const window of [{}, { end: new Date(4_000_000_000_000) }]) {
    refuses('LOG_UNKNOWN', { logs: [v1.instance(window)] });
    refuses('LOG_UNKNOWN', { entries: [entry2], logs: [v2.instance(window)] });
  }
});

test('checkLogEntries() leaves the window of a log that tells no time to the times that there are', () => {
  const window = { start: new Date(4_000_000_000_000) };
  assert.deepEqual(ask({ entries: [entry2], logs: [v2.instance(window)] })[0]?.log.window, window);
});

test('checkLogEntries() counts each log once (CVE-2026-49834)', () => {
  const two = { threshold: 2 };
  ask({ ...two, entries: [entry1, logEntry2()], logs: [v1.instance(), other.instance()] });
  refuses('LOG_ENTRY_MISSING', { ...two });
  refuses('LOG_ENTRY_MISSING', { ...two, entries: [entry1, entry1] });
  refuses('LOG_ENTRY_MISSING', { ...two, entries: [entry1, v1.entry(3, taken), v1.entry(4, taken)] });
  // One key under two ids or addresses, and two keys at one address, are one log.
  const alias: LogInstance = { ...v2.instance(), logId: Buffer.alloc(32, 1), baseUrl: 'https://log.example:8443' };
  refuses('LOG_ENTRY_MISSING', {
    ...two,
    entries: [entry2, { ...entry2, logId: alias.logId }],
    logs: [v2.instance(), alias],
  });
  refuses('LOG_ENTRY_MISSING', { ...two, entries: [entry1, entry2] });
  const slash = { ...v2.instance(), baseUrl: 'https://LOG.example/' };
  refuses('LOG_ENTRY_MISSING', { ...two, entries: [entry1, entry2], logs: [v1.instance(), slash] });
  // Logs of which only the keys are known are told apart by these.
  const nameless = [v1, other].map((log) => ({ ...log.instance(), baseUrl: '' }));
  ask({ ...two, entries: [entry1, logEntry2()], logs: nameless });
  refuses('LOG_ENTRY_MISSING', { ...two, entries: [entry1, entry1], logs: nameless });
});

const other = logWith(2, 3, 'other.example');

function logEntry2(): LogEntry {
  return other.entry(1);
}

test('checkLogEntries() counts logs alike in whichever order they come', () => {
  // Each shares a key or an address with the next: all are one.
  const chain: readonly (readonly [log: MemoryLog, host: string])[] = [
    [v1, 'a.example'],
    [spare, 'b.example'],
    [v1, 'b.example'],
    [spare, 'c.example'],
  ];
  const known = chain.map(([log, host], at) => ({
    ...log.instance(),
    logId: Buffer.alloc(32, at),
    baseUrl: `https://${host}`,
  }));
  const entries = chain.map(([log], at) => ({ ...without(log.entry(0), 'promise'), logId: Buffer.alloc(32, at) }));
  for (const order of [
    [0, 1, 2, 3],
    [3, 2, 1, 0],
    [0, 3, 1, 2],
    [2, 0, 3, 1],
  ]) {
    const some = order.map((at) => entries[at] ?? assert.fail());
    ask({ entries: some, logs: known });
    refuses('LOG_ENTRY_MISSING', { entries: some, logs: known, threshold: 2 }, order.join());
  }
  ask({ entries: [...entries, logEntry2()], logs: [...known, other.instance()], threshold: 2 });
});

const spare = logWith(1, 2);

test('checkLogEntries() takes none when none is wanted, and never too many', () => {
  assert.deepEqual(ask({ entries: [], threshold: 0 }), []);
  refuses('LOG_ENTRY_MISSING', { entries: [] });
  ask({ entries: Array<LogEntry>(32).fill(entry2) });
  refuses('SIGNATURE_TOO_LARGE', { entries: Array<LogEntry>(33).fill(entry2) });
});

test('checkLogEntries() refuses an entry with any byte of its evidence changed', () => {
  const flip = (bytes: Buffer, at: number): Buffer => {
    const copy = Buffer.from(bytes);
    copy[(at >> 3) % copy.length] = (copy[(at >> 3) % copy.length] as number) ^ (1 << (at & 7));
    return copy;
  };
  fc.assert(
    fc.property(fc.nat(), fc.nat(9), (at, what) => {
      const entry = what % 2 === 0 ? entry1 : entry2;
      const proof = entry.proof ?? assert.fail();
      const hashes = proof.hashes.with(
        at % proof.hashes.length,
        flip(proof.hashes[at % proof.hashes.length] as Buffer, at),
      );
      const changes: readonly Partial<LogEntry>[] = [
        { body: flip(entry.body, at) },
        { logId: flip(entry.logId, at) },
        { proof: { ...proof, rootHash: flip(proof.rootHash, at) } },
        { proof: { ...proof, hashes } },
        { proof: { ...proof, checkpoint: flip(Buffer.from(proof.checkpoint ?? ''), at).toString() } },
      ];
      assert.throws(() => ask({ entries: [{ ...entry, ...changes[what >> 1] }] }), { name: 'VerificationError' });
    }),
    { numRuns: 400 },
  );
});
