import { comparePadded, isDotted } from './dotted.ts';
import { invalidVersion } from './error.ts';
import { compareLegacy } from './pep440-legacy.ts';
import { matchesGrammar, maxVersionLength, type VersionScheme } from './scheme.ts';
import { compareNumbers, compareTexts, isDigit } from './text.ts';

const grammar =
  /^v?(?:(\d+)!)?(\d+(?:\.\d+)*)(?:[-_.]?(alpha|a|beta|b|preview|pre|c|rc)[-_.]?(\d*))?(?:-(\d+)|[-_.]?(post|rev|r)[-_.]?(\d*))?(?:[-_.]?(dev)[-_.]?(\d*))?(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?$/i;
/** What old lists hold; anything printable without a space. */
const orderable = /^[!-~]+$/;

/** Where a version stands in its release: development before alpha when it is of no pre- or post-release. */
const phase = { development: 0, alpha: 1, beta: 2, candidate: 3, final: 4 } as const;

/** The parts that decide the order (PEP 440, "Summary of permitted suffixes and relative ordering"). */
interface Parts {
  readonly epoch: string;
  readonly release: string;
  readonly phase: number;
  readonly preNumber: string;
  readonly post: string | undefined;
  readonly dev: string | undefined;
  readonly local: string;
}

function isValid(text: string): boolean {
  return matchesGrammar(text, grammar);
}

function phaseOf(label: string | undefined, isPost: boolean, isDev: boolean): number {
  if (label === undefined) return isDev && !isPost ? phase.development : phase.final;
  const initial = label.charCodeAt(0) | 0x20;
  if (initial === 0x61) return phase.alpha;
  return initial === 0x62 ? phase.beta : phase.candidate;
}

function partsOf(text: string): Parts | undefined {
  const match = grammar.exec(text);
  if (match === null) return undefined;
  const [, epoch = '', release = '', label, preNumber = '', dashed, postWord, postNumber, devWord, devNumber, local] =
    match;
  const post = dashed ?? (postWord === undefined ? undefined : (postNumber ?? ''));
  const dev = devWord === undefined ? undefined : (devNumber ?? '');
  return {
    epoch,
    release,
    phase: phaseOf(label, post !== undefined, dev !== undefined),
    preNumber,
    post,
    dev,
    local: (local ?? '').toLowerCase(),
  };
}

/** Segments of a local version: numbers by value and above words, the shorter list lower, none lowest. */
function compareLocals(a: string, b: string): number {
  if (a === b) return 0;
  if (a === '' || b === '') return a === '' ? -1 : 1;
  const aSegments = a.split(/[-_.]/);
  const bSegments = b.split(/[-_.]/);
  const length = Math.min(aSegments.length, bSegments.length);
  for (let index = 0; index < length; index += 1) {
    const order = compareLocalSegments(aSegments[index] as string, bSegments[index] as string);
    if (order !== 0) return order;
  }
  return aSegments.length - bSegments.length;
}

const digitsOnly = /^\d+$/;

function compareLocalSegments(a: string, b: string): number {
  const aNumber = isDigit(a.charCodeAt(0)) && digitsOnly.test(a);
  const bNumber = isDigit(b.charCodeAt(0)) && digitsOnly.test(b);
  if (aNumber !== bNumber) return aNumber ? 1 : -1;
  return aNumber ? compareNumbers(a, b) : compareTexts(a, b);
}

/** Orders two optional numbers, where an absent one ranks as `absent` against 0. */
function compareOptional(a: string | undefined, b: string | undefined, absent: -1 | 1): number {
  if (a === undefined) return b === undefined ? 0 : absent;
  return b === undefined ? -absent : compareNumbers(a, b);
}

function compareParts(a: Parts, b: Parts): number {
  return (
    compareNumbers(a.epoch, b.epoch) ||
    comparePadded(a.release, b.release) ||
    a.phase - b.phase ||
    compareNumbers(a.preNumber, b.preNumber) ||
    compareOptional(a.post, b.post, -1) ||
    compareOptional(a.dev, b.dev, 1) ||
    compareLocals(a.local, b.local)
  );
}

function read(text: string): Parts | undefined {
  if (text.length > maxVersionLength) throw invalidVersion('pep440', text);
  const parts = partsOf(text);
  if (parts === undefined && !orderable.test(text)) throw invalidVersion('pep440', text);
  return parts;
}

function compare(a: string, b: string): number {
  if (a.length <= maxVersionLength && b.length <= maxVersionLength && isDotted(a) && isDotted(b)) {
    return comparePadded(a, b);
  }
  const aParts = read(a);
  const bParts = read(b);
  if (aParts !== undefined && bParts !== undefined) return compareParts(aParts, bParts);
  if (aParts === undefined && bParts === undefined) return compareLegacy(a, b);
  return aParts === undefined ? -1 : 1;
}

/**
 * Python's packages (PEP 440, with the spellings that its appendix B normalises).
 *
 * `compare` also orders texts from before PEP 440, below every valid version, as Python's tools did until 2022.
 */
export const pep440: VersionScheme = { id: 'pep440', compare, isValid };
