/**
 * The version of the standard library that a toolchain's own version means, without its `go` prefix: experiments
 * (` X:boringcrypto`), what vendors append and build metadata are no part of it.
 *
 * A toolchain between releases (`devel go1.23-…`) gives a pre-release of the coming one, before which it stands.
 *
 * @returns undefined when the text names no release, as toolchains built without any tag do
 */
export function standardLibraryVersion(goVersion: string): string | undefined {
  const devel = /^devel go(\d+\.\d+(?:\.\d+)?)-([\da-f]{7,40})\b/.exec(goVersion);
  if (devel !== null) return `${devel[1]}-devel-${devel[2]}`;
  return /^go(\d+(?:\.\d+){0,2}(?:(?:rc|beta)\d+)?)(?![\d.])/.exec(goVersion)?.[1];
}
