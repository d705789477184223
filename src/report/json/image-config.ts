/** The members of an image's config in the order in which Trivy writes them (go-containerregistry's `ConfigFile`). */
const order = [
  'architecture',
  'author',
  'container',
  'created',
  'docker_version',
  'history',
  'os',
  'rootfs',
  'config',
  'os.version',
  'variant',
  'os.features',
] as const;

/** Nothing that a builder writes nests deeper; JSON of any depth can be parsed, but not written again. */
const deepest = 32;

/** An image's config as stored, its known members first and in order; undefined when it is no object or nests too deep. */
export function imageConfigFields(config: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof config !== 'object' || config === null || Array.isArray(config) || !isShallow(config, deepest))
    return undefined;
  const known = order.filter((name) => Object.hasOwn(config, name));
  const others = Object.keys(config).filter((name) => !(order as readonly string[]).includes(name));
  return Object.fromEntries([...known, ...others].map((name) => [name, (config as Record<string, unknown>)[name]]));
}

function isShallow(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return depth > 0 && Object.values(value).every((child) => isShallow(child, depth - 1));
}
