import { invalidVersion } from './error.ts';
import { matchesGrammar, type VersionScheme } from './scheme.ts';
import { compareSemver, type SemverDialect } from './semver-order.ts';

const moduleGrammar =
  /^v?\d+(?:\.\d+){0,2}(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;
const toolchainGrammar = /^go(\d+(?:\.\d+){0,2})(?:(alpha|beta|rc)(\d+))?(?:-[0-9A-Za-z.-]+)?$/;
const dialect: SemverDialect = { foldCase: false, orderBuild: false };

function isToolchain(text: string): boolean {
  return text.startsWith('go');
}

function isValid(text: string): boolean {
  return matchesGrammar(text, isToolchain(text) ? toolchainGrammar : moduleGrammar);
}

/**
 * A version of the toolchain in the form that Go's vulnerability database gives the standard library's: `go1.21rc2` as
 * `1.21-rc.2`. A suffix such as `-bigcorp` does not count (go.dev/doc/toolchain, "Go versions").
 */
function moduleForm(text: string): string {
  const match = toolchainGrammar.exec(text);
  if (match === null) throw invalidVersion('go', text);
  const [, numbers = '', label, count] = match;
  return label === undefined ? numbers : `${numbers}-${label}.${count}`;
}

function compare(a: string, b: string): number {
  if (!isValid(a)) throw invalidVersion('go', a);
  if (!isValid(b)) throw invalidVersion('go', b);
  return compareSemver(isToolchain(a) ? moduleForm(a) : a, isToolchain(b) ? moduleForm(b) : b, dialect);
}

/**
 * Go modules and toolchains: Semantic Versioning with or without the leading `v`, where `+incompatible` does not count and
 * a pseudo-version is a pre-release (go.dev/ref/mod, "Versions"); `go1.20` is the release 1.20.0.
 */
export const go: VersionScheme = { id: 'go', compare, isValid };
