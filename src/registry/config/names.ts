/** The settings of a registry, as they stand in the `registry` section of the file, in the order of the documents. */
export const sectionNames = [
  'listen',
  'url',
  'proxies',
  'tls',
  'data',
  'storage',
  'database',
  'workers',
  'auth',
  'permissions',
  'tags',
  'retention',
  'quotas',
  'gc',
  'scrub',
  'scanning',
  'uploads',
  'limits',
  'delete',
  'gate',
  'audit',
  'upstreams',
  'webhooks',
  'metrics',
  'tracing',
  'accept',
] as const;

/** One of {@link sectionNames}. */
export type SectionName = (typeof sectionNames)[number];

/**
 * Settings of the same section that say how commands speak to registries, rather than how one is run; the command line
 * reads them. Here so that one file may hold both.
 */
export const clientNames: ReadonlySet<string> = new Set([
  'username',
  'password-stdin',
  'token',
  'insecure',
  'plain-http',
  'ca-cert',
]);
