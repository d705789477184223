import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { buildFatMacho } from '../testing/executable-builder.ts';
import { machoDamages } from '../testing/macho-damages.ts';
import { buildMachoProgram, type MachoProgram } from '../testing/macho-program.ts';
import { checkMacho } from '../tools/executable/check-macho.ts';
import { signMacho } from '../tools/executable/sign-macho.ts';

const small: MachoProgram = {
  cpu: 'arm64',
  text: Buffer.alloc(9000, 'text'),
  program: Buffer.alloc(5000, 'program'),
  linked: Buffer.alloc(4101, 'linked'),
  room: 40,
};
const unsigned = buildMachoProgram(small);
const signed = signMacho(unsigned, 'seaworthy');

const bytes = (maxLength: number): fc.Arbitrary<Buffer> =>
  fc.uint8Array({ minLength: 1, maxLength, size: 'max' }).map((array) => Buffer.from(array));
const programs: fc.Arbitrary<MachoProgram> = fc.record({
  cpu: fc.constantFrom('arm64', 'x64'),
  text: bytes(20_000),
  program: bytes(20_000),
  linked: bytes(40_000),
  room: fc.integer({ min: 16, max: 5000 }),
});
const identifiers = fc.stringMatching(/^[\w.-]{1,100}$/);

test('signMacho() signs programs of any size so that nothing is wrong with them', () => {
  fc.assert(
    fc.property(programs, identifiers, (program, identifier) => {
      const before = buildMachoProgram(program);
      const kept = Buffer.from(before);
      const after = signMacho(before, identifier);
      assert.deepEqual(checkMacho(after, `darwin-${program.cpu}`), []);
      assert.ok(before.equals(kept));
      assert.ok(after.includes(`${identifier}\0`, before.length));
    }),
    { numRuns: 50 },
  );
});

test('signMacho() changes what tells of the signature, and nothing else', () => {
  const changed = [...unsigned.keys()].filter((at) => unsigned[at] !== signed[at]);
  const command = unsigned.indexOf('__LINKEDIT\0') - 8;
  const allowed = [
    [16, 24],
    [command + 32, command + 40],
    [command + 48, command + 56],
    [32 + unsigned.readUInt32LE(20), 32 + unsigned.readUInt32LE(20) + 16],
  ] as const;
  assert.deepEqual(
    changed.filter((at) => !allowed.some(([from, to]) => at >= from && at < to)),
    [],
  );
  assert.ok(changed.length > 4);
});

test('checkMacho() sees that there is no signature', () => {
  assert.deepEqual(checkMacho(unsigned, 'darwin-arm64'), ['It has no signature']);
});

test('checkMacho() names each damage', () => {
  for (const { what, at, change } of machoDamages) {
    const damaged = Buffer.from(signed);
    const place = at(signed);
    assert.ok(place > 0, String(what));
    change(signed).copy(damaged, place);
    assert.ok(!damaged.equals(signed), String(what));
    assert.match(checkMacho(damaged, 'darwin-arm64').join('; '), what);
  }
  assert.deepEqual(checkMacho(signed, 'darwin-arm64'), []);
});

const change = (at: number, ...put: readonly number[]): Buffer => {
  const changed = Buffer.from(unsigned);
  Buffer.from(put).copy(changed, at);
  return changed;
};

const program = unsigned.indexOf('NODE_SEA\0') - 8;
const linkEdit = unsigned.indexOf('__LINKEDIT\0') - 8;
const linkEditFirst = [...unsigned.subarray(linkEdit, linkEdit + 72), ...unsigned.subarray(program, linkEdit)];

const refused: readonly (readonly [why: string, file: Buffer, code: string, message: RegExp])[] = [
  ['it is signed', signed, 'UNSUPPORTED', /has a signature already/],
  ['it is fat', buildFatMacho([unsigned]), 'UNSUPPORTED', /fat/],
  ['it is fat, of 64 bits', buildFatMacho([unsigned], 64), 'UNSUPPORTED', /fat/],
  ['it has 32 bits', change(0, 0xce), 'UNSUPPORTED', /64 bits/],
  ['it is big-endian', change(0, 0xfe, 0xed, 0xfa, 0xcf), 'UNSUPPORTED', /64 bits/],
  ['it is a library', change(12, 6), 'UNSUPPORTED', /programs/],
  ['it is empty', Buffer.alloc(0), 'UNSUPPORTED', /programs/],
  ['it has no room', buildMachoProgram({ ...small, room: 15 }), 'UNSUPPORTED', /room/],
  ['something lies in the room', change(32 + unsigned.readUInt32LE(20) + 15, 1), 'UNSUPPORTED', /room/],
  ['something follows', Buffer.concat([unsigned, Buffer.alloc(1)]), 'MALFORMED', /does not end/],
  ['it is cut short', unsigned.subarray(0, -1), 'MALFORMED', /does not end/],
  ['it has no __TEXT', change(unsigned.indexOf('__TEXT\0'), 0x78), 'MALFORMED', /__TEXT/],
  ['__LINKEDIT is not last', change(program, ...linkEditFirst), 'MALFORMED', /does not end/],
  ['__LINKEDIT is missing', change(unsigned.indexOf('__LINKEDIT\0'), 0x78), 'MALFORMED', /does not end/],
  ['its header lies', change(20, 1), 'MALFORMED', /differ in length/],
  ['a load command is endless', change(36, 0, 0, 0, 0x7f), 'TRUNCATED', /past the end/],
  ['its load commands are cut off', unsigned.subarray(0, 100), 'TRUNCATED', /past the end/],
];

test('signMacho() refuses what it cannot sign', () => {
  for (const [why, file, code, message] of refused) {
    assert.throws(() => signMacho(file, 'seaworthy'), { name: 'CodecError', code, message }, why);
  }
  for (const identifier of ['', 'sea worthy', 'sea\0worthy', 'ü']) {
    assert.throws(() => signMacho(unsigned, identifier), { code: 'UNSUPPORTED', message: /cannot be signed as/ });
  }
});
