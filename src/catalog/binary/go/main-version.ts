import { type LinkedVariable, parseLinkFlags } from './link-flags.ts';
import type { GoModule, GoModuleList } from './module-list.ts';

/** What Go says of a module whose version it does not know. */
export const unknownVersion = '(devel)';

const release = /^v?\d+\.\d+(?:\.\d+)?(?:[-+][\w.+-]+)?$/;
/** Command lines are no longer; what is larger was not written by a toolchain. */
const longestFlags = 100_000;

/** Made by the toolchain from a commit (Go Modules Reference, "Pseudo-versions"). */
const pseudo = /[-.]\d{14}-[\da-f]{12}(?:\+|$)/;

/**
 * The version of the module that a program was built from, by the best of what is known: a released version that the
 * toolchain recorded, one that the build set by `-ldflags`, a pseudo-version that the toolchain recorded, one made
 * from the recorded commit, `(devel)`.
 */
export function mainModuleVersion(main: GoModule, list: GoModuleList): string {
  const recorded = release.test(main.version) ? main.version : undefined;
  if (recorded !== undefined && !pseudo.test(recorded)) return recorded;
  return linkedVersion(main.path, list) ?? recorded ?? commitVersion(main.path, list) ?? unknownVersion;
}

function linkedVersion(module: string, list: GoModuleList): string | undefined {
  const flags = list.settings.get('-ldflags');
  if (flags === undefined || flags.length > longestFlags) return undefined;
  const found = parseLinkFlags(flags).filter(
    (each) => /^(?:.*[a-z_])?ver(?:sion)?$/i.test(each.name) && release.test(each.value),
  );
  const tiers: readonly ((variable: LinkedVariable) => boolean)[] = [
    (each) => each.package.startsWith(`${module}/cmd/`),
    (each) => /(?:^|\/)(?:main|version|common|cmd)$/.test(each.package) && isPlainName(each.name),
    (each) => isWithin(each.package, module) && isPlainName(each.name),
  ];
  for (const tier of tiers) {
    const versions = new Set(found.filter(tier).map((each) => withPrefix(each.value)));
    // Several versions may be of the program, its protocol or a part of it: no telling.
    if (versions.size > 0) return versions.size === 1 ? [...versions][0] : undefined;
  }
  return undefined;
}

/** `version` or `ver`, so that the `MinVersion` and `APIVersion` of anything are not taken for it. */
function isPlainName(name: string): boolean {
  return /^(?:app|build|git)?_?ver(?:sion)?$/i.test(name);
}

function isWithin(name: string, module: string): boolean {
  return name === module || name.startsWith(`${module}/`);
}

function withPrefix(version: string): string {
  return version.startsWith('v') ? version : `v${version}`;
}

/** A pseudo-version without a release before it: `v0.0.0-` or, for a module path that ends with `/vN`, `vN.0.0-`. */
function commitVersion(module: string, { settings }: GoModuleList): string | undefined {
  const revision = settings.get('vcs.revision') ?? '';
  const time = Date.parse(settings.get('vcs.time') ?? '');
  if (!/^[\da-f]{12,64}$/.test(revision) || Number.isNaN(time)) return undefined;
  const stamp = new Date(time).toISOString().replaceAll(/\.\d+|\D/g, '');
  const major = /[/.]v(\d{1,9})$/.exec(module)?.[1] ?? '0';
  return stamp.length === 14 ? `v${major}.0.0-${stamp}-${revision.slice(0, 12)}` : undefined;
}
