import { isAbsolute, join } from 'node:path';
import { severities, type Severity } from '../../finding/severity.ts';
import { configFormatNames } from '../../misconfig/format-name.ts';
import { reportFormatIds } from '../../report/format-id.ts';
import { sbomFormats } from '../../sbom/list.ts';
import {
  byteSizeKind,
  durationKind,
  globsKind,
  integerKind,
  listKind,
  switchKind,
  textKind,
  textsKind,
  wordKind,
  wordsKind,
} from './kinds.ts';
import { outputKind } from './output-target.ts';
import { platformKind } from './platform-kind.ts';
import type { SettingTable, Surroundings } from './setting.ts';
import type { PackageScope, SettingKey } from './settings.ts';
import { signingTable } from './signing-table.ts';

const formats: readonly string[] = [...reportFormatIds, ...sbomFormats.map(({ id }) => id)];
const worstFirst: readonly Severity[] = severities.toReversed();
const packageScopes: readonly PackageScope[] = ['os', 'library'];

/** Every setting. Flags that Trivy has too are called as there, in the file as well. */
export const settingTable: SettingTable = {
  platform: {
    flag: '--platform',
    path: ['image', 'platform'],
    kind: platformKind,
    initial: undefined,
    help: "choose from a multi-platform image (default: linux on this machine's architecture)",
  },
  input: {
    flag: '--input',
    path: ['image', 'input'],
    kind: textKind('file'),
    initial: undefined,
    help: 'scan this archive instead of naming an image',
  },
  pkgTypes: {
    flag: '--pkg-types',
    path: ['pkg', 'types'],
    kind: wordsKind('types', packageScopes),
    initial: packageScopes,
    help: 'kinds of packages to look at',
  },
  skipDirs: {
    flag: '--skip-dirs',
    path: ['scan', 'skip-dirs'],
    kind: globsKind,
    initial: [],
    help: 'folders not to look into',
  },
  skipFiles: {
    flag: '--skip-files',
    path: ['scan', 'skip-files'],
    kind: globsKind,
    initial: [],
    help: 'files not to look at',
  },
  includeDevDeps: {
    flag: '--include-dev-deps',
    path: ['pkg', 'include-dev-deps'],
    kind: switchKind,
    initial: false,
    help: 'look at packages of lock files that only development needs too',
  },
  sbomKey: {
    flag: '--sbom-key',
    path: ['image', 'sbom-key'],
    kind: textsKind('key'),
    initial: [],
    help: 'read no layers where a registry attached an SBOM that this key signed; as for "verify --key", may be repeated',
  },
  sbomOnly: {
    flag: '--sbom-only',
    path: ['image', 'sbom-only'],
    kind: switchKind,
    initial: false,
    help: 'fail rather than read layers where no SBOM of --sbom-key can be used',
  },
  severity: {
    flag: '--severity',
    short: '-s',
    path: ['severity'],
    kind: wordsKind('severities', worstFirst),
    initial: worstFirst,
    help: 'show only findings of these severities',
  },
  ignoreUnfixed: {
    flag: '--ignore-unfixed',
    path: ['vulnerability', 'ignore-unfixed'],
    kind: switchKind,
    initial: false,
    help: 'leave out what no version fixes yet',
  },
  ignorefile: {
    flag: '--ignorefile',
    path: ['ignorefile'],
    kind: textKind('file'),
    initial: undefined,
    help: 'rules for findings to set aside (default: .trivyignore when there is one)',
  },
  vex: {
    flag: '--vex',
    path: ['vulnerability', 'vex'],
    kind: textsKind('file'),
    initial: [],
    help: 'set aside what a VEX document (OpenVEX, CycloneDX, CSAF) says is not affected or fixed; may be repeated',
  },
  misconfigScanners: {
    flag: '--misconfig-scanners',
    path: ['misconfiguration', 'scanners'],
    kind: wordsKind('formats', configFormatNames),
    initial: configFormatNames,
    help: 'kinds of configuration to look at',
  },
  skipCheck: {
    flag: '--skip-check',
    path: ['misconfiguration', 'skip-check'],
    kind: listKind('ids'),
    initial: [],
    help: 'checks not to run, such as DS-0026',
  },
  includeNonFailures: {
    flag: '--include-non-failures',
    path: ['misconfiguration', 'include-non-failures'],
    kind: switchKind,
    initial: false,
    help: 'tell which checks passed, too',
  },
  listAllPkgs: {
    flag: '--list-all-pkgs',
    path: ['list-all-pkgs'],
    kind: switchKind,
    initial: true,
    help: 'list every package in the JSON report; with =false only findings',
  },
  format: {
    flag: '--format',
    short: '-f',
    path: ['format'],
    kind: wordKind('format', formats, new Map([['cyclonedx', 'cyclonedx-json']])),
    initial: 'table',
    help: `how the report looks: ${formats.join(', ')}`,
  },
  output: {
    flag: '--output',
    short: '-o',
    path: ['output'],
    kind: outputKind(formats),
    initial: [],
    help: 'where a report goes: FORMAT=FILE, FORMAT (stdout) or FILE; may be repeated',
  },
  exitCode: {
    flag: '--exit-code',
    path: ['exit-code'],
    kind: integerKind(0, 255),
    initial: 0,
    help: 'exit status when anything was found',
  },
  failOn: {
    flag: '--fail-on',
    path: ['fail-on'],
    kind: wordKind('severity', worstFirst),
    initial: undefined,
    help: 'show everything, but fail only on findings that are at least this bad: with 1, or what --exit-code says',
  },
  exitOnEol: {
    flag: '--exit-on-eol',
    path: ['exit-on-eol'],
    kind: integerKind(0, 255),
    initial: 0,
    help: "exit status when a distribution's release gets no more fixes",
  },
  timeout: {
    flag: '--timeout',
    path: ['timeout'],
    kind: durationKind,
    initial: 300_000,
    help: 'give up after this long; 0 never does',
  },
  quiet: {
    flag: '--quiet',
    short: '-q',
    path: ['quiet'],
    kind: switchKind,
    initial: false,
    help: 'print nothing but the report and errors',
  },
  noProgress: {
    flag: '--no-progress',
    path: ['no-progress'],
    kind: switchKind,
    initial: false,
    help: 'show no progress on a terminal',
  },
  debug: {
    flag: '--debug',
    short: '-d',
    path: ['debug'],
    kind: switchKind,
    initial: false,
    help: 'tell on stderr what is done',
  },
  parallel: {
    flag: '--parallel',
    path: ['scan', 'parallel'],
    kind: integerKind(0, 256),
    initial: 0,
    help: 'layers to read at the same time, or images of a cluster; 0 is one for each processor, or 5',
  },
  cacheDir: {
    flag: '--cache-dir',
    path: ['cache', 'dir'],
    kind: textKind('folder'),
    initial: defaultCacheDir,
    usual: '~/.cache/seaworthy',
    help: 'where the database and read layers are kept',
  },
  cacheSize: {
    flag: '--cache-size',
    path: ['cache', 'size'],
    kind: byteSizeKind,
    initial: 2 * 2 ** 30,
    help: 'most bytes to keep of read layers',
  },
  noCache: {
    flag: '--no-cache',
    path: ['cache', 'disabled'],
    kind: switchKind,
    initial: false,
    help: 'read every layer anew and keep nothing',
  },
  dbSource: {
    flag: '--db-source',
    path: ['db', 'source'],
    kind: textKind('url or folder'),
    initial: 'https://osv-vulnerabilities.storage.googleapis.com',
    usual: 'the bucket of OSV',
    help: 'where the database is built from: a folder or URL with OSV archives',
  },
  dbMaxAge: {
    flag: '--db-max-age',
    path: ['db', 'max-age'],
    kind: durationKind,
    initial: 120 * 3_600_000,
    help: 'refuse a database older than this, or one of which advisories could not be had for so long; 0 takes any',
  },
  offline: {
    flag: '--offline',
    path: ['scan', 'offline'],
    kind: switchKind,
    initial: false,
    help: 'open no connection to the network; "verify" asks registries alone, "k8s" the cluster',
  },
  username: {
    flag: '--username',
    path: ['registry', 'username'],
    kind: textKind('name'),
    initial: undefined,
    help: 'log in to registries under this name',
  },
  passwordStdin: {
    flag: '--password-stdin',
    path: ['registry', 'password-stdin'],
    kind: switchKind,
    initial: false,
    help: 'read the password for --username from stdin',
  },
  registryToken: {
    flag: '--registry-token',
    path: ['registry', 'token'],
    kind: textKind('token'),
    initial: undefined,
    help: 'bearer token for registries',
    secret: true,
  },
  insecure: {
    flag: '--insecure',
    path: ['registry', 'insecure'],
    kind: listKind('hosts'),
    initial: [],
    help: 'hosts whose certificates are not checked',
  },
  plainHttp: {
    flag: '--plain-http',
    path: ['registry', 'plain-http'],
    kind: listKind('hosts'),
    initial: [],
    help: 'hosts to speak to without TLS',
  },
  caCert: {
    flag: '--ca-cert',
    path: ['registry', 'ca-cert'],
    kind: listKind('files'),
    initial: [],
    help: 'further certificate authorities to trust, in PEM',
  },
  dockerHost: {
    flag: '--docker-host',
    path: ['image', 'docker', 'host'],
    kind: textKind('address'),
    initial: undefined,
    help: 'the Docker daemon, such as unix:///var/run/docker.sock',
  },
  podmanHost: {
    flag: '--podman-host',
    path: ['image', 'podman', 'host'],
    kind: textKind('address'),
    initial: undefined,
    help: 'the Podman service, such as unix:///run/user/1000/podman/podman.sock',
  },
  ...signingTable,
};

/** Every key, in the order of the table. */
export const settingKeys: readonly SettingKey[] = Object.keys(settingTable) as SettingKey[];

/** The XDG base directory specification: a relative `XDG_CACHE_HOME` is ignored. */
function defaultCacheDir({ env, home }: Surroundings): string {
  const base = env['XDG_CACHE_HOME'] ?? '';
  return join(isAbsolute(base) ? base : join(home, '.cache'), 'seaworthy');
}
