/**
 * Why a modulus makes a key that must not sign, after the checks that Let's Encrypt and cosign make of keys that they are
 * given; undefined when it is none of these. Keys that only verify are not held to this: they are somebody else's choice.
 */
export function weaknessOf(modulus: bigint): string | undefined {
  if (smallPrimes.some((prime) => modulus % prime === 0n)) return 'its modulus has a small factor';
  if (isRoca(modulus)) return 'it was made by a chip whose keys can be factored (CVE-2017-15361)';
  if (hasCloseFactors(modulus)) return 'its two primes lie so close together that they can be found (CVE-2022-26320)';
  return undefined;
}

const smallPrimes: readonly bigint[] = primesBelow(752).map(BigInt);

/** Primes modulo which the moduli of CVE-2017-15361 are powers of 65537 (Nemec and others, ACM CCS 2017, section 3). */
const rocaPrimes = smallPrimes.slice(1, 39);

function isRoca(modulus: bigint): boolean {
  return rocaPrimes.every((prime) => {
    const rest = modulus % prime;
    let power = 1n;
    do {
      if (power === rest) return true;
      power = (power * 65_537n) % prime;
    } while (power !== 1n);
    return false;
  });
}

/** Fermat's way of factoring, for as many rounds as honest keys never need. */
function hasCloseFactors(modulus: bigint): boolean {
  let a = squareRoot(modulus);
  if (a * a < modulus) a += 1n;
  for (let round = 0; round < 100; round += 1, a += 1n) {
    const rest = a * a - modulus;
    const root = squareRoot(rest);
    if (root * root === rest) return true;
  }
  return false;
}

/** The whole part, by Newton's method. */
function squareRoot(value: bigint): bigint {
  if (value < 2n) return value;
  let root = 1n << BigInt(Math.ceil(value.toString(2).length / 2));
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

function primesBelow(end: number): number[] {
  const primes: number[] = [];
  for (let candidate = 2; candidate < end; candidate += 1) {
    if (primes.every((prime) => candidate % prime !== 0)) primes.push(candidate);
  }
  return primes;
}
