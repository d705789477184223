import { OciError } from './error.ts';

/** What an image runs on (OCI image-spec, image-index.md, "platform"); Go's names: `linux`, `amd64`, `v7`. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
  readonly osVersion?: string;
}

/** Names that other tools give to Go's architectures (containerd/platforms, `normalizeArch`). */
const architectureAliases: ReadonlyMap<string, Platform> = new Map(
  Object.entries({
    x86_64: { os: '', architecture: 'amd64' },
    'x86-64': { os: '', architecture: 'amd64' },
    x64: { os: '', architecture: 'amd64' },
    i386: { os: '', architecture: '386' },
    aarch64: { os: '', architecture: 'arm64' },
    armhf: { os: '', architecture: 'arm', variant: 'v7' },
    armel: { os: '', architecture: 'arm', variant: 'v6' },
  }),
);

/** Go's names for the architectures that Node runs on (`process.arch`); Linux on POWER is little-endian. */
const nodeArchitectures: ReadonlyMap<string, string> = new Map([
  ['x64', 'amd64'],
  ['ia32', '386'],
  ['ppc64', 'ppc64le'],
  ['mipsel', 'mipsle'],
]);

/**
 * Reads `os/architecture[/variant]`, with an optional `(version)` after the system.
 *
 * @throws OciError PLATFORM_INVALID
 */
export function parsePlatform(text: string): Platform {
  const match = /^([a-z0-9_]{1,32})(?:\(([\w.-]{1,64})\))?\/([\w-]{1,32})(?:\/([\w.]{1,32}))?$/i.exec(text);
  if (match === null) {
    throw new OciError('PLATFORM_INVALID', `"${text.slice(0, 100)}" is not a platform; write it like linux/arm64`);
  }
  const [, os, osVersion, architecture, variant] = match;
  return normalizePlatform({
    os: (os as string).toLowerCase(),
    architecture: (architecture as string).toLowerCase(),
    ...(variant ? { variant: variant.toLowerCase() } : {}),
    ...(osVersion ? { osVersion } : {}),
  });
}

/** The platform as it is written: `linux/arm/v7`. */
export function formatPlatform({ os, architecture, variant, osVersion }: Platform): string {
  const version = osVersion === undefined ? '' : `(${osVersion})`;
  return `${os}${version}/${architecture}${variant === undefined ? '' : `/${variant}`}`;
}

/** Linux on the architecture that Node names `arch` (`process.arch`): what an unnamed platform means. */
export function hostPlatform(arch: string): Platform {
  return normalizePlatform({ os: 'linux', architecture: nodeArchitectures.get(arch) ?? arch });
}

/**
 * One spelling for platforms that mean the same: `arm64/v8` is `arm64`, `amd64/v1` is `amd64`, `arm` is `arm/v7`
 * (containerd/platforms, `Normalize`).
 */
function normalizePlatform(platform: Platform): Platform {
  const alias = architectureAliases.get(platform.architecture);
  const architecture = alias?.architecture ?? platform.architecture;
  const variant = normalizeVariant(architecture, platform.variant ?? alias?.variant);
  return {
    os: platform.os === 'macos' ? 'darwin' : platform.os,
    architecture,
    ...(variant === undefined ? {} : { variant }),
    ...(platform.osVersion === undefined ? {} : { osVersion: platform.osVersion }),
  };
}

/**
 * How well an image for `offered` serves who asks for `wanted`: 0 is exact, larger numbers are older variants that the
 * wanted one still runs (`arm/v7` runs `v6` and `v5`, `amd64/v3` runs `v2`), undefined is not at all.
 */
export function platformDistance(wanted: Platform, offered: Platform): number | undefined {
  const want = normalizePlatform(wanted);
  const offer = normalizePlatform(offered);
  if (want.os !== offer.os || want.architecture !== offer.architecture) return undefined;
  // A Windows image asked for by build number runs on that build, whatever its revision.
  if (want.osVersion !== undefined && !`${offer.osVersion ?? ''}.`.startsWith(`${want.osVersion}.`)) return undefined;
  if (want.variant === offer.variant) return 0;
  const wantLevel = level(want);
  const offerLevel = level(offer);
  if (wantLevel === undefined || offerLevel === undefined || offerLevel > wantLevel) return undefined;
  return wantLevel - offerLevel;
}

function normalizeVariant(architecture: string, variant: string | undefined): string | undefined {
  const named = variant !== undefined && /^\d/.test(variant) ? `v${variant}` : variant;
  if (architecture === 'arm') return named ?? 'v7';
  if (architecture === 'arm64') return named === 'v8' || named === 'v8.0' ? undefined : named;
  return architecture === 'amd64' && named === 'v1' ? undefined : named;
}

/** The variant as a number that grows with what it can run; undefined when it is not of a numbered family. */
function level({ architecture, variant }: Platform): number | undefined {
  const bare = architecture === 'arm64' ? 'v8' : architecture === 'amd64' ? 'v1' : undefined;
  const match = /^v(\d{1,2})(?:\.(\d{1,2}))?$/.exec(variant ?? bare ?? '');
  if (match === null) return undefined;
  const major = Number(match[1]);
  const minor = Number(match[2] ?? 0);
  // Armv9.N contains Armv8.(N+5) (Arm Architecture Reference Manual, A-profile).
  return architecture === 'arm64' && major === 9 ? 805 + minor + 0.5 : major * 100 + minor;
}
