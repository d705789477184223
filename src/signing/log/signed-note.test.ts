import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { assertSurvives } from '../../../testing/hostile-bytes.ts';
import { formatSignedNote, parseSignedNote } from './signed-note.ts';

/** The example of the specification (C2SP signed-note). */
const example = [
  'Ognuno sta solo sul cuor della terra',
  'trafitto da un raggio di sole:',
  '',
  'ed è subito sera.',
  '',
  '— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=',
  '',
].join('\n');

test('parseSignedNote() reads text up to the last empty line, and signatures', () => {
  const { text, signatures } = parseSignedNote(example);
  assert.ok(text.endsWith('\n\ned è subito sera.\n'));
  assert.equal(signatures.length, 1);
  const [{ name, keyId, signature } = assert.fail()] = signatures;
  assert.equal(name, 'quasimodo.example/salvatore');
  assert.equal(keyId.toString('hex'), '367ba04b');
  assert.equal(signature.length, 64);
  assert.equal(formatSignedNote({ text, signatures }), example);
});

const line = '— a AAAAAAA=\n';

test('parseSignedNote() refuses what is no signed note', () => {
  for (const [note, message] of [
    ['', /no empty line/],
    ['text\n', /no empty line/],
    ['\n\n', /no empty line/],
    [`\n\n${line}`, /no empty line/],
    [`text\n${line}`, /no empty line/],
    ['text\n\n', /not signed/],
    [`text\n\n${line.trimEnd()}`, /does not end/],
    [`text\n\n${line}rest\n`, /that is none/],
    ['text\n\n- a AAAAAAA=\n', /that is none/],
    ['text\n\n– a AAAAAAA=\n', /that is none/],
    ['text\n\n—  AAAAAAA=\n', /that is none/],
    ['text\n\n— a  AAAAAAA=\n', /that is none/],
    ['text\n\n— a AAAAAAA= b\n', /that is none/],
    ['text\n\n — a AAAAAAA=\n', /that is none/],
    ['text\n\n— a+b AAAAAAA=\n', /that is none/],
    ['text\n\n— a\u00A0b AAAAAAA=\n', /that is none/],
    ['text\n\n— a\u0085 AAAAAAA=\n', /that is none/],
    ['text\n\n— a AAAAAA==\n', /too short/],
    ['text\n\n— a \n', /too short/],
    ['text\n\n— a AAAAAAA\n', /not base64/],
    ['text\n\n— a AAAAAAB=\n', /not base64/],
    ['text\n\n— a AAA_AAA=\n', /not base64/],
    [`te\rxt\n\n${line}`, /characters/],
    [`te\0xt\n\n${line}`, /characters/],
    [`te\txt\n\n${line}`, /characters/],
    [`te\ud800xt\n\n${line}`, /characters/],
    [`text\r\n\r\n${line}`, /characters/],
  ] as const) {
    assert.throws(() => parseSignedNote(note), { code: 'MALFORMED', message }, JSON.stringify(note));
  }
});

test('parseSignedNote() takes many signatures, not endless ones', () => {
  assert.equal(parseSignedNote(`text\n\n${line.repeat(128)}`).signatures.length, 128);
  assert.throws(() => parseSignedNote(`text\n\n${line.repeat(129)}`), { code: 'LIMIT_EXCEEDED' });
  assert.throws(() => parseSignedNote(`text\n\n${line.repeat(1_000_000)}`), { code: 'LIMIT_EXCEEDED' });
  assert.throws(() => parseSignedNote(`${'x'.repeat(524_288)}\n\n${line}`), { code: 'LIMIT_EXCEEDED' });
});

test('parseSignedNote() reads what formatSignedNote() writes', () => {
  const signatures = fc.array(
    fc.record(
      {
        name: fc.stringMatching(/^[a-z.é/]{1,20}$/),
        keyId: fc.uint8Array({ minLength: 4, maxLength: 4 }).map((bytes) => Buffer.from(bytes)),
        signature: fc.uint8Array({ minLength: 1, maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
      },
      { noNullPrototype: true },
    ),
    { minLength: 1, maxLength: 5 },
  );
  const text = fc.stringMatching(/^[ -~è\n]{1,60}$/).filter((one) => !one.startsWith('\n') && one.trim() !== '');
  fc.assert(
    fc.property(text, signatures, (one, lines) => {
      const note = { text: `${one}\n`, signatures: lines };
      assert.deepEqual(parseSignedNote(formatSignedNote(note)), note);
    }),
  );
});

test('parseSignedNote() survives hostile notes', () => {
  assertSurvives(
    [example, `a\n1\n\n${line}${line}`],
    (bytes) => parseSignedNote(bytes.toString()),
    (note) => assert.ok(note.text.endsWith('\n') && note.signatures.length > 0),
  );
});
