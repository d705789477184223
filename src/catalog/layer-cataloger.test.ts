import assert from 'node:assert/strict';
import test from 'node:test';
import type { Cataloger, CatalogFile } from './cataloger.ts';
import { Dispatch } from './dispatch.ts';
import { CatalogError } from './error.ts';
import type { FileReading } from './file-reading.ts';
import { LayerCataloger } from './layer-cataloger.ts';

/** A cataloger whose facts say what it was given. */
function echo(id: string, more: Partial<Cataloger>): Cataloger {
  const read = (file: CatalogFile): ReturnType<Cataloger['read']> => ({
    facts: [
      {
        kind: 'ownership',
        type: 'generic',
        name: id,
        paths: [file.path, file.bytes.toString(), ...['-wal', '-x'].map((suffix) => String(file.sibling(suffix)))],
      },
    ],
  });
  return { id, version: 1, wants: [], maxBytes: 100, read, ...more };
}

const failing = echo('failing', {
  wants: [{ name: 'bad' }],
  essential: true,
  read: () => {
    throw new CatalogError('MALFORMED', 'no');
  },
});

const catalogers = [
  echo('small', { wants: [{ name: 'a' }], maxBytes: 10 }),
  echo('large', { wants: [{ name: 'a' }], maxBytes: 20, essential: true }),
  echo('database', { wants: [{ path: 'db' }], siblings: ['-wal'], essential: true }),
  echo('plain', { wants: [{ path: 'db' }] }),
  echo('program', { wants: [{ executable: true }], maxBytes: 90 }),
  failing,
];

interface Offer {
  readonly path: string;
  readonly body: string;
  readonly mode?: number;
  /** Bytes of each piece. */
  readonly pieces?: number;
}

function run(offers: readonly Offer[], maxKept?: number): readonly FileReading[] {
  const cataloger = new LayerCataloger(new Dispatch(catalogers), maxKept);
  for (const [entry, { path, body, mode = 0o644, pieces = 1000 }] of offers.entries()) {
    const bytes = Buffer.from(body);
    const sink = cataloger.visit({ path, mode, size: bytes.length, entry });
    let goesOn = sink !== undefined;
    for (let at = 0; goesOn && at < bytes.length; at += pieces) {
      // As readers do: the piece is gone after the call.
      const piece = Buffer.from(bytes.subarray(at, at + pieces));
      goesOn = sink?.data(piece) ?? false;
      piece.fill(0);
    }
    if (goesOn) sink?.end();
  }
  return cataloger.finish();
}

/** What was read, as `entry cataloger: body, siblings`; for problems the code, with `!` when something may be missing. */
function told(readings: readonly FileReading[]): string[] {
  return readings.flatMap(({ entry, facts, problems }) => [
    ...facts.map((fact) => `${entry} ${fact.kind === 'ownership' && `${fact.name}: ${fact.paths.slice(1).join()}`}`),
    ...problems.map(({ code, incomplete }) => `${entry} ${code}${incomplete === true ? '!' : ''}`),
  ]);
}

const elf = `\x7fELF${'x'.repeat(76)}`;
const none = 'undefined,undefined';

const cases: readonly {
  readonly name: string;
  readonly offers: readonly Offer[];
  readonly kept?: number;
  readonly seen: readonly string[];
}[] = [
  {
    name: 'reads what is wanted and nothing else',
    offers: [
      { path: 'x/a', body: 'hi' },
      { path: 'b', body: 'x' },
    ],
    seen: [`0 small: hi,${none}`, `0 large: hi,${none}`],
  },
  {
    name: 'reads files that come byte by byte',
    offers: [{ path: 'a', body: 'hello', pieces: 1 }],
    seen: [`0 small: hello,${none}`, `0 large: hello,${none}`],
  },
  { name: 'does not read empty files', offers: [{ path: 'a', body: '' }], seen: [] },
  {
    name: 'reads a file for those who take its size, with one problem',
    offers: [{ path: 'a', body: 'x'.repeat(15) }],
    seen: ['0 FILE_TOO_LARGE', `0 large: ${'x'.repeat(15)},${none}`],
  },
  {
    name: 'reports a file that nobody takes once, as what it costs most',
    offers: [{ path: 'a', body: 'x'.repeat(25) }],
    seen: ['0 FILE_TOO_LARGE!'],
  },
  {
    name: 'makes a problem of what a cataloger throws',
    offers: [{ path: 'bad', body: 'x' }],
    seen: ['0 FILE_MALFORMED!'],
  },
  {
    name: 'reads programs by their first bytes',
    offers: [
      { path: 'p', body: elf, mode: 0o755 },
      { path: 'q', body: 'x'.repeat(80), mode: 0o755 },
      { path: 'r', body: elf },
    ],
    seen: [`0 program: ${elf},${none}`],
  },
  {
    name: 'tells a program whose magic comes in two pieces',
    offers: [{ path: 'p', body: elf, mode: 0o755, pieces: 3 }],
    seen: [`0 program: ${elf},${none}`],
  },
  {
    name: 'reports a program too large, but no other file of that size',
    offers: [
      { path: 'p', body: elf + elf, mode: 0o755 },
      { path: 'q', body: 'x'.repeat(200), mode: 0o755 },
    ],
    seen: ['0 FILE_TOO_LARGE'],
  },
  {
    name: 'reads a program for both reasons at once',
    offers: [{ path: 'bin/db', body: elf, mode: 0o755 }],
    seen: [`0 plain: ${elf},${none}`, `0 program: ${elf},${none}`, `0 database: ${elf},${none}`],
  },
  {
    name: 'gives neighbours, whichever comes first',
    offers: [
      { path: 'db', body: 'd' },
      { path: 'db-wal', body: 'w' },
      { path: 'x/db-wal', body: 'v' },
      { path: 'x/db', body: 'e' },
    ],
    seen: [`0 plain: d,${none}`, '3 plain: e,v,undefined', '0 database: d,w,undefined', '3 database: e,v,undefined'],
  },
  {
    name: 'takes the last of equal neighbours',
    offers: [
      { path: 'db-wal', body: 'old' },
      { path: 'db-wal', body: 'new' },
      { path: 'db', body: 'd' },
    ],
    kept: 6,
    seen: ['2 plain: d,new,undefined', '2 database: d,new,undefined'],
  },
  {
    name: 'says what there is no room for, and keeps what still fits',
    offers: [
      { path: 'x/db-wal', body: 'x'.repeat(20) },
      { path: 'db', body: 'd'.repeat(11) },
      { path: 'y/db', body: 'yy' },
    ],
    kept: 10,
    seen: [
      '0 FILE_TOO_LARGE!',
      '1 FILE_TOO_LARGE!',
      `1 plain: ${'d'.repeat(11)},${none}`,
      `2 plain: yy,${none}`,
      `2 database: yy,${none}`,
    ],
  },
];

for (const { name, offers, kept, seen } of cases) {
  test(`LayerCataloger ${name}`, () => assert.deepEqual(told(run(offers, kept)).sort(), [...seen].sort()));
}

test('LayerCataloger takes no memory for a file that nobody reads whole, whatever its size', () => {
  const cataloger = new LayerCataloger(new Dispatch(catalogers));
  const sink = cataloger.visit({ path: 'p', mode: 0o755, size: 2 ** 52, entry: 0 });
  assert.equal(sink?.data(Buffer.from(elf)), false);
  assert.deepEqual(told(cataloger.finish()), ['0 FILE_TOO_LARGE']);
});
