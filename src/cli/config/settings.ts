import type { Severity } from '../../finding/severity.ts';
import type { ConfigFormatName } from '../../misconfig/format-name.ts';
import type { Platform } from '../../oci/platform.ts';
import type { OutputTarget } from './output-target.ts';
import type { SigningSettings } from './signing-settings.ts';

/** Packages of the distribution, or of languages. */
export type PackageScope = 'os' | 'library';

/** Everything a user can set, as commands use it. Times are milliseconds, sizes are bytes. */
export interface Settings extends SigningSettings {
  // What is scanned.
  /** Absent: linux on the machine's architecture. */
  readonly platform?: Platform;
  readonly input?: string;
  readonly pkgTypes: readonly PackageScope[];
  readonly skipDirs: readonly string[];
  readonly skipFiles: readonly string[];
  /** Look at what only development needs too, where a lock file tells. */
  readonly includeDevDeps: boolean;
  /** Keys whose SBOMs are taken in the place of layers. */
  readonly sbomKey: readonly string[];
  /** Fails where no such SBOM can be used. */
  readonly sbomOnly: boolean;
  // What is reported.
  readonly severity: readonly Severity[];
  readonly ignoreUnfixed: boolean;
  /** Absent: `.trivyignore` when the working folder has one. */
  readonly ignorefile?: string;
  /** Documents that say what does not affect the user. */
  readonly vex: readonly string[];
  readonly listAllPkgs: boolean;
  readonly format: string;
  readonly output: readonly OutputTarget[];
  // How configuration is checked.
  readonly misconfigScanners: readonly ConfigFormatName[];
  /** Ids and other names of checks that are not run. */
  readonly skipCheck: readonly string[];
  /** Reports tell which checks passed, too. */
  readonly includeNonFailures: boolean;
  // How it ends.
  readonly exitCode: number;
  readonly failOn?: Severity;
  /** 0 fails for no release of a distribution. */
  readonly exitOnEol: number;
  /** 0 is no limit. */
  readonly timeout: number;
  // How it runs.
  readonly quiet: boolean;
  readonly noProgress: boolean;
  readonly debug: boolean;
  /** 0: as many as the machine has processors. */
  readonly parallel: number;
  readonly cacheDir: string;
  readonly cacheSize: number;
  readonly noCache: boolean;
  // The vulnerability database.
  /** A URL or a folder. */
  readonly dbSource: string;
  /** 0 is any age. */
  readonly dbMaxAge: number;
  // The network.
  readonly offline: boolean;
  readonly username?: string;
  readonly passwordStdin: boolean;
  readonly registryToken?: string;
  /** Hosts whose certificates are not checked. */
  readonly insecure: readonly string[];
  /** Hosts that are spoken to without TLS. */
  readonly plainHttp: readonly string[];
  readonly caCert: readonly string[];
  readonly dockerHost?: string;
  readonly podmanHost?: string;
}

/** Names a setting. */
export type SettingKey = keyof Settings;
