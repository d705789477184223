import type { SettingKey } from '../config/settings.ts';

/** Where things are kept, and what is told on a terminal. */
export const everyCommand: readonly SettingKey[] = ['cacheDir', 'quiet', 'noProgress', 'debug'];

/** How the network is reached. */
export const network: readonly SettingKey[] = ['offline', 'caCert', 'insecure', 'plainHttp'];

/** Who asks registries and daemons. */
export const registry: readonly SettingKey[] = [
  'username',
  'passwordStdin',
  'registryToken',
  'dockerHost',
  'podmanHost',
];

/** How images are read. */
export const reading: readonly SettingKey[] = ['skipDirs', 'skipFiles', 'timeout', 'parallel', 'cacheSize', 'noCache'];

/** What is taken in the place of an image's layers. */
export const storedSboms: readonly SettingKey[] = ['sbomKey', 'sbomOnly'];

/** What is looked up, shown and counted. */
export const findings: readonly SettingKey[] = [
  'severity',
  'ignoreUnfixed',
  'ignorefile',
  'vex',
  'pkgTypes',
  'listAllPkgs',
  'format',
  'output',
  'exitCode',
  'failOn',
  'exitOnEol',
  'dbMaxAge',
];

/** How registries are reached by those who do not read daemons. */
export const registryOnly: readonly SettingKey[] = ['username', 'passwordStdin', 'registryToken', 'timeout'];

/** Who must have signed, and whom to trust. */
export const verifying: readonly SettingKey[] = [
  'key',
  'certificateIdentity',
  'certificateIdentityRegexp',
  'certificateOidcIssuer',
  'certificateOidcIssuerRegexp',
  'githubWorkflowTrigger',
  'githubWorkflowSha',
  'githubWorkflowName',
  'githubWorkflowRepository',
  'githubWorkflowRef',
  'trustedRoot',
  'caRoots',
  'caIntermediates',
  'allowCertificateChain',
  'tufMirror',
  'tufRoot',
  'insecureIgnoreTlog',
  'insecureIgnoreSct',
  'useSignedTimestamps',
];

/** Who signs, and who vouches for it. */
export const signing: readonly SettingKey[] = [
  'key',
  'certificate',
  'certificateChain',
  'identityToken',
  'oidcIssuer',
  'oidcClientId',
  'oidcClientSecretFile',
  'oidcProvider',
  'oidcRedirectUrl',
  'oidcDisableAmbientProviders',
  'fulcioAuthFlow',
  'signingConfig',
  'useSigningConfig',
  'fulcioUrl',
  'rekorUrl',
  'timestampServerUrl',
  'tlogUpload',
  'tufMirror',
  'tufRoot',
];
