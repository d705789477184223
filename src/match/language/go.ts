import type { MatchedPackage } from '../matched-package.ts';
import type { LanguageRule } from './rule.ts';

/** Go: modules by path, letter for letter; the standard library is the module `stdlib`, the tools are `toolchain`. */
export const go: LanguageRule = { type: 'golang', ecosystem: 'Go', version: versionOf };

/** Replaced and untagged modules, and programs built from a checkout, tell no version that means anything. */
function versionOf({ name, version, main }: MatchedPackage): string | undefined {
  if (name === 'stdlib' || name === 'toolchain') return toolchainVersion(version);
  if (version === '' || version === '(devel)' || version === 'devel') return undefined;
  // The build made up a version for a checkout without tags: it would be lower than every release.
  if (main === true && version.startsWith('v0.0.0-')) return undefined;
  return version;
}

/** `go1.21.3 X:nocoverageredesign` and `go1.22.1-vendor.4` are 1.21.3 and 1.22.1; `devel go1.23-abc` is none. */
function toolchainVersion(version: string): string | undefined {
  const [, numbers, pre] =
    /^(?:go|v)?(\d+(?:\.\d+){1,2})((?:alpha|beta|rc)\d+|-(?:alpha|beta|rc)\.?\d+)?(?![\w.])/.exec(version) ?? [];
  if (numbers === undefined) return undefined;
  return pre === undefined ? `go${numbers}` : `go${numbers}${pre.replaceAll(/[-.]/g, '')}`;
}
