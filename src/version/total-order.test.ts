import assert from 'node:assert/strict';
import test from 'node:test';
import * as fc from 'fast-check';
import { VersionError } from './error.ts';
import { schemes } from './list.ts';
import type { VersionScheme } from './scheme.ts';

const numbers = ['0', '1', '2', '9', '10', '00', '01', '010', '123456789012345678901'] as const;

interface Grammar {
  /** What a version may begin with. */
  readonly first: readonly string[];
  /** What may follow, any number of times. */
  readonly pieces: readonly string[];
  /** Also texts beyond the grammar, as far as the scheme orders them all. */
  readonly beyond?: boolean;
}

const semverPieces = ['.', '.', '-', '-', '+', 'a', 'A', 'rc', 'rc.', '-rc.', '-0.', '+1', ...numbers];

const composerGrammar: Grammar = {
  first: [...numbers, 'v1', 'V2', 'dev-'],
  pieces: ['.', '-', '_', '+', 'dev', 'a', 'alpha', 'beta', 'RC', 'rc', 'Rc', 'p', 'pl', 'x', '.x', 'foo', ...numbers],
};

const grammars: Readonly<Record<string, Grammar>> = {
  apk: {
    first: numbers,
    pieces: ['.', '.', '..', 'a', 'p', '_alpha', '_rc', '_p', '_git', '_x', '~a0', '~f', '-r', '-r', '-', ...numbers],
    beyond: true,
  },
  bitnami: { first: numbers, pieces: semverPieces },
  composer: composerGrammar,
  cran: { first: numbers, pieces: ['.', '.', '-', ...numbers] },
  deb: {
    first: [...numbers, '1:', '0:', '01:', 'a', '~'],
    pieces: ['.', '-', '-', '~', '~~', '+', 'a', 'Z', 'rc', ':', ...numbers],
  },
  gem: { first: numbers, pieces: ['.', '.', '-', 'a', 'A', 'pre', 'rc', ...numbers], beyond: true },
  generic: {
    first: [...numbers, 'v', 'V1', 'rc'],
    pieces: ['.', '-', '_', '~', '+', 'a', 'k', 'rc', 'RC', 'alpha', 'dev', 'Dev', 'é', ...numbers],
  },
  go: {
    first: [...numbers, 'v', 'v1', 'go1', 'go1.2'],
    pieces: [
      '.',
      '.',
      '-',
      '+incompatible',
      'rc',
      'beta',
      '-rc.',
      '-pre',
      '-0.20200101000000-abcdefabcdef',
      ...numbers,
    ],
  },
  hackage: { first: numbers, pieces: ['.', '.', ...numbers] },
  // Words stand behind dashes and digits only: first or behind dots, they make Maven's own order go in circles.
  maven: {
    first: numbers,
    pieces: [
      '.0',
      '.1',
      '.2',
      '.',
      '-',
      '-alpha',
      '-a',
      'a1',
      '-rc',
      '-cr',
      '-ga',
      'final',
      '-sp',
      '-foo',
      '-X',
      ...numbers,
    ],
  },
  nuget: { first: numbers, pieces: semverPieces },
  packagist: composerGrammar,
  pep440: {
    first: [...numbers, 'v1', '1!', '0!', 'x'],
    pieces: [
      '.',
      '.',
      '-',
      '_',
      'a',
      'b',
      'rc',
      '.c',
      '.post',
      '-r',
      '.dev',
      'dev',
      '+',
      '+a',
      '.a',
      'final',
      ...numbers,
    ],
    beyond: true,
  },
  pub: { first: [...numbers, 'v1'], pieces: semverPieces },
  rpm: {
    first: [...numbers, '1:', '0:', 'a', '~', '^'],
    pieces: ['.', '_', '+', '-', '~', '^', 'a', 'A', 'git', 'é', ':', ...numbers],
  },
  semver: { first: [...numbers, 'v1', '=1'], pieces: semverPieces },
};

/** Some versions of one grammar: short ones of few pieces, so that many are equal or near. */
function versionsOf(scheme: VersionScheme): fc.Arbitrary<string[]> {
  const grammar = grammars[scheme.id] as Grammar;
  // Pieces that make no version would be drawn for ever.
  assert.ok(
    grammar.first.some((text) => isWanted(scheme, grammar, text)),
    `${scheme.id} takes none of its first pieces for a version`,
  );
  const text = fc
    .tuple(fc.constantFrom(...grammar.first), fc.array(fc.constantFrom(...grammar.pieces), { maxLength: 7 }))
    .map(([first, rest]) => first + rest.join(''))
    .filter((text) => isWanted(scheme, grammar, text));
  return fc.array(text, { minLength: 6, maxLength: 12 });
}

function isWanted(scheme: VersionScheme, grammar: Grammar, text: string): boolean {
  if (scheme.id === 'maven' && /\.[a-z]/i.test(text)) return false;
  return grammar.beyond === true ? isOrderable(scheme, text) : scheme.isValid(text);
}

function isOrderable(scheme: VersionScheme, text: string): boolean {
  try {
    scheme.compare(text, text);
    return true;
  } catch (error) {
    assert.ok(error instanceof VersionError, String(error));
    return false;
  }
}

/** Two versions have an order; other texts have one or are refused by name. */
function assertAnswered(scheme: VersionScheme, a: string, b: string): void {
  try {
    assert.ok(Number.isFinite(scheme.compare(a, b)));
  } catch (error) {
    assert.ok(error instanceof VersionError, String(error));
    assert.ok(!scheme.isValid(a) || !scheme.isValid(b), 'two versions are always ordered');
  }
}

/** Every law of a total preorder on these versions: reflexive, antisymmetric, transitive, for equals too. */
function assertTotal(scheme: VersionScheme, versions: readonly string[]): void {
  const signs = versions.map((a) => versions.map((b) => Math.sign(scheme.compare(a, b))));
  const sign = (a: number, b: number): number => signs[a]?.[b] as number;
  const all = versions.keys().toArray();
  for (const a of all) {
    assert.equal(sign(a, a), 0, `${versions[a]} is itself`);
    for (const b of all) {
      assert.equal(sign(a, b), 0 - sign(b, a), `${versions[a]} and ${versions[b]}, both ways`);
      for (const c of all) {
        if (sign(a, b) > 0 || sign(b, c) > 0) continue;
        const least = Math.min(sign(a, b), sign(b, c));
        assert.equal(sign(a, c), least, `${versions[a]}, ${versions[b]}, ${versions[c]}`);
      }
    }
  }
}

for (const scheme of schemes) {
  test(`${scheme.id} is a total order on what its grammar makes`, () => {
    fc.assert(
      fc.property(versionsOf(scheme), (versions) => assertTotal(scheme, versions)),
      { numRuns: 1000 },
    );
  });

  test(`${scheme.id} answers any text with an order or a VersionError`, () => {
    const grammar = grammars[scheme.id] as Grammar;
    const mutated = fc
      .tuple(
        fc.array(fc.constantFrom(...grammar.first, ...grammar.pieces), { maxLength: 8 }),
        fc.string({ maxLength: 3 }),
      )
      .map(([pieces, noise]) => pieces.join('') + noise);
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ maxLength: 1100 }), mutated);
    fc.assert(
      fc.property(text, text, (a, b) => assertAnswered(scheme, a, b)),
      { numRuns: 1000 },
    );
  });

  test(`${scheme.id} answers the longest texts too`, () => {
    const grammar = grammars[scheme.id] as Grammar;
    for (const first of grammar.first) {
      for (const piece of grammar.pieces) {
        const long = first + piece.repeat((990 - first.length) / piece.length);
        for (const end of ['', '!', '1', 'a']) assertAnswered(scheme, `${long}${end}`, `${long}2`);
      }
    }
  });
}
