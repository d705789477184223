import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertSurvives } from '../../../testing/hostile-bytes.ts';
import { makeLogKey } from '../../../testing/signing/log-key.ts';
import {
  type CheckpointOptions,
  MemoryLog,
  type MemoryLogOptions,
  witnessLine,
} from '../../../testing/signing/memory-log.ts';
import { canonical } from '../../../testing/signing/log-bodies.ts';
import type { LogInstance } from '../trust/trust-material.ts';
import { type CheckpointVerdict, judgeCheckpoint, parseCheckpoint } from './checkpoint.ts';

function logWith(options: MemoryLogOptions): MemoryLog {
  const log = new MemoryLog(options);
  for (const name of ['a', 'b', 'c']) log.append(canonical(name, '0.0.1', {}));
  return log;
}

const logs: readonly MemoryLog[] = [
  logWith({ generation: 1, keyType: 'ecdsa-p256' }),
  logWith({ generation: 1, keyType: 'ecdsa-p384' }),
  logWith({ generation: 1, keyType: 'ed25519' }),
  logWith({ generation: 1, keyType: 'rsa' }),
  logWith({ generation: 2, keyType: 'ed25519' }),
  logWith({ generation: 2, keyType: 'ecdsa-p256' }),
  logWith({ generation: 2, keyType: 'ecdsa-p521' }),
  logWith({ generation: 2, keyType: 'rsa' }),
];
const [v1 = assert.fail()] = logs;
const v2 = logs[4] ?? assert.fail();

function judge(
  log: MemoryLog,
  options: CheckpointOptions = {},
  instance: LogInstance = log.instance(),
): CheckpointVerdict {
  return judgeCheckpoint(parseCheckpoint(log.checkpoint(options)), instance, log.generation === 2);
}

test('parseCheckpoint() reads origin, size, root and extensions', () => {
  const { origin, size, rootHash, extensions } = parseCheckpoint(v1.checkpoint({ extensions: ['Timestamp: 1', 'x'] }));
  assert.equal(origin, 'log.example - 12345');
  assert.equal(size, 3n);
  assert.equal(rootHash.length, 32);
  assert.deepEqual(extensions, ['Timestamp: 1', 'x']);
});

test('parseCheckpoint() refuses what is none', () => {
  const wrong: CheckpointOptions[] = [
    { origin: '' },
    ...['', '-1', '01', '+1', '1.0', '1e3', '0x1', ' 1', '1 ', '12345678901234567890', '9223372036854775808'].map(
      (size) => ({ size }),
    ),
    ...['', 'AAAA', Buffer.alloc(33).toString('base64'), Buffer.alloc(32).toString('hex')].map((root) => ({ root })),
    { root: `${Buffer.alloc(32).toString('base64')} ` },
    { extensions: [''] },
    { extensions: ['a', '', 'b'] },
  ];
  for (const options of wrong) {
    assert.throws(() => parseCheckpoint(v1.checkpoint(options)), { code: 'MALFORMED' }, JSON.stringify(options));
  }
  assert.throws(() => parseCheckpoint(v1.checkpoint({ extensions: Array<string>(129).fill('x') })), {
    code: 'LIMIT_EXCEEDED',
  });
});

test('judgeCheckpoint() finds the signature of a log of either generation, with any kind of key', () => {
  for (const log of logs) assert.equal(judge(log), 'signed', `${log.generation} ${log.key.key.type}`);
});

test('judgeCheckpoint() ignores witnesses and unknown keys, wherever they stand', () => {
  const [own = ''] = v2
    .checkpoint({ key: makeLogKey('ecdsa-p256') })
    .split('\n')
    .slice(-2);
  for (const options of [
    { after: [witnessLine()] },
    { before: [witnessLine()] },
    { before: [witnessLine('w1.example'), witnessLine('w2.example')], after: [witnessLine('w3.example')] },
    { after: [own] },
    { before: [own], after: [witnessLine()] },
  ]) {
    assert.equal(judge(v2, options), 'signed', JSON.stringify(options));
  }
});

test('judgeCheckpoint() wants a line of the log itself', () => {
  for (const log of [v1, v2]) {
    const other = makeLogKey(log.key.key.type);
    assert.equal(judge(log, { keyId: Buffer.from([1, 2, 3, 4]) }), 'not-signed');
    assert.equal(judge(log, { key: other }), 'not-signed');
    // Four bytes are no proof: another key may be made to have them.
    const keyId = parseCheckpoint(log.checkpoint()).note.signatures[0]?.keyId ?? assert.fail();
    assert.equal(judge(log, { key: other, keyId }), 'wrong-signature');
  }
});

test("judgeCheckpoint() refuses a note where one of the log's own lines does not hold", () => {
  const keyId = parseCheckpoint(v2.checkpoint()).note.signatures[0]?.keyId ?? assert.fail();
  const wrong = `— ${v2.name} ${Buffer.concat([keyId, Buffer.alloc(64)]).toString('base64')}`;
  assert.equal(judge(v2, { after: [wrong] }), 'wrong-signature');
  assert.equal(judge(v2, { before: [wrong] }), 'wrong-signature');
});

test('judgeCheckpoint() hears the key id that the trusted root names, and no other', () => {
  const keyId = Buffer.from([9, 8, 7, 6]);
  assert.equal(judge(v2, { keyId }, { ...v2.instance(), checkpointKeyId: keyId }), 'signed');
  assert.equal(judge(v2, {}, { ...v2.instance(), checkpointKeyId: keyId }), 'not-signed');
});

test('judgeCheckpoint() compares names whole', () => {
  const near = [
    'og.example',
    'log.exampl',
    'log',
    'example',
    'log.example.evil',
    'evil-log.example',
    'LOG.example',
    '.',
    ':',
  ];
  for (const name of near) {
    assert.equal(judge(v2, { name, origin: name }), 'other-origin', name);
    assert.equal(judge(v2, { origin: name }), 'other-origin', name);
    assert.equal(judge(v1, { origin: `${name} - 12345` }), 'other-origin', name);
  }
  for (const origin of [
    'log.example -12345',
    'log.example - ',
    'log.example - 12345x',
    'log.example - 1 - 2',
    'log.example - 123456789012345678901',
    'log.example.evil - 1',
    'x log.example - 1',
  ]) {
    assert.equal(judge(v1, { origin }), 'other-origin', origin);
  }
  assert.equal(judge(v1, { origin: 'log.example' }), 'signed');
  assert.equal(judge(v2, { origin: 'log.example - 12345' }), 'other-origin');
});

test('judgeCheckpoint() takes the names that a tiled log at an address may have', () => {
  for (const [baseUrl, name, verdict] of [
    ['https://log.example', 'log.example', 'signed'],
    ['https://log.example/', 'log.example', 'signed'],
    ['http://log.example:8080', 'log.example', 'signed'],
    ['http://log.example:8080', 'log.example:8080', 'signed'],
    ['https://log.example/tile/', 'log.example/tile', 'signed'],
    ['https://log.example/tile/', 'log.example/other', 'other-origin'],
    ['https://log.example', 'log.example:8080', 'other-origin'],
    ['https://user@log.example', 'user@log.example', 'other-origin'],
    ['https://log.example.evil', 'log.example', 'other-origin'],
    ['', 'log.example', 'signed'],
    ['log.example', 'log.example', 'signed'],
  ] as const) {
    const log = logWith({ generation: 2, name });
    assert.equal(judge(log, {}, { ...log.instance(), baseUrl }), verdict, `${name} at ${baseUrl}`);
  }
});

test('judgeCheckpoint() lets a log of the first generation sign under the name of its machine', () => {
  const log = logWith({ generation: 1, name: 'rekor-server-7f5c' });
  assert.equal(judge(log, {}, { ...log.instance(), baseUrl: 'https://rekor.internal.example' }), 'signed');
});

test('parseCheckpoint() and judgeCheckpoint() survive hostile checkpoints', () => {
  assertSurvives(
    [v1.checkpoint(), v2.checkpoint({ after: [witnessLine()] })],
    (bytes) => parseCheckpoint(bytes.toString()),
    (checkpoint) => {
      for (const log of [v1, v2]) judgeCheckpoint(checkpoint, log.instance(), log.generation === 2);
    },
  );
});
