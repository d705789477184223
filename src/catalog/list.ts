import type { Cataloger } from './cataloger.ts';
import { rustBinary } from './binary/cargo-auditable/cataloger.ts';
import { goBinary } from './binary/go/cataloger.ts';
import { bitnami } from './embedded-sbom/bitnami/cataloger.ts';
import { embeddedSbom } from './embedded-sbom/chainguard/cataloger.ts';
import { dotnetDeps } from './language/dotnet/cataloger.ts';
import { javaArchive } from './language/java/cataloger.ts';
import { jvmRelease } from './language/jvm/cataloger.ts';
import { npm } from './language/npm/cataloger.ts';
import { composer } from './language/php/cataloger.ts';
import { python } from './language/python/cataloger.ts';
import { gemspec } from './language/ruby/cataloger.ts';
import { apk } from './os/apk/cataloger.ts';
import { dpkg } from './os/dpkg/cataloger.ts';
import { opkg } from './os/opkg/cataloger.ts';
import { release } from './os/release/cataloger.ts';
import { rpmManifest } from './os/rpm-manifest/cataloger.ts';
import { rpm } from './os/rpm/cataloger.ts';

/**
 * Every cataloger. A new one is added here and nowhere else; the order only decides which is asked first.
 */
export const catalogers: readonly Cataloger[] = [
  release,
  apk,
  dpkg,
  opkg,
  rpm,
  rpmManifest,
  npm,
  python,
  javaArchive,
  gemspec,
  composer,
  dotnetDeps,
  jvmRelease,
  goBinary,
  rustBinary,
  bitnami,
  embeddedSbom,
];
