import type { Cataloger } from './cataloger.ts';
import { dotnetDeps } from './language/dotnet/cataloger.ts';
import { bunLock } from './lockfile/bun-lock/cataloger.ts';
import { cargoLock } from './lockfile/cargo-lock/cataloger.ts';
import { composerLock } from './lockfile/composer-lock/cataloger.ts';
import { gemfileLock } from './lockfile/gemfile-lock/cataloger.ts';
import { goMod } from './lockfile/go-mod/cataloger.ts';
import { gradleLockfile } from './lockfile/gradle-lockfile/cataloger.ts';
import { nugetLock } from './lockfile/nuget-lock/cataloger.ts';
import { packageLock } from './lockfile/package-lock/cataloger.ts';
import { pdmLock } from './lockfile/pdm-lock/cataloger.ts';
import { pipfileLock } from './lockfile/pipfile-lock/cataloger.ts';
import { pnpmLock } from './lockfile/pnpm-lock/cataloger.ts';
import { poetryLock } from './lockfile/poetry-lock/cataloger.ts';
import { requirements } from './lockfile/requirements/cataloger.ts';
import { uvLock } from './lockfile/uv-lock/cataloger.ts';
import { yarnLock } from './lockfile/yarn-lock/cataloger.ts';
import { apk } from './os/apk/cataloger.ts';
import { dpkg } from './os/dpkg/cataloger.ts';
import { opkg } from './os/opkg/cataloger.ts';
import { release } from './os/release/cataloger.ts';
import { rpmManifest } from './os/rpm-manifest/cataloger.ts';
import { rpm } from './os/rpm/cataloger.ts';

/** Every cataloger of lock files. What they list is wanted and not installed, so they look at source code and never at images. */
export const lockfileCatalogers: readonly Cataloger[] = [
  packageLock,
  yarnLock,
  pnpmLock,
  bunLock,
  requirements,
  poetryLock,
  pipfileLock,
  uvLock,
  pdmLock,
  goMod,
  cargoLock,
  composerLock,
  gemfileLock,
  nugetLock,
  gradleLockfile,
];

/**
 * What looks at a folder of source code, as Trivy's `fs` does: lock files, what a build of .NET says that it needs, and the packages of
 * a distribution where the folder is a whole system.
 */
export const sourceCatalogers: readonly Cataloger[] = [
  release,
  apk,
  dpkg,
  opkg,
  rpm,
  rpmManifest,
  dotnetDeps,
  ...lockfileCatalogers,
];
