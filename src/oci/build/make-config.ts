import type { JsonObject } from '../json.ts';
import type { BaseImage } from './base-image.ts';
import type { BuiltLayer, ConfigChanges } from './model.ts';

/** What stands in a config of the engine that made the base, and is of no use to another. */
const enginesOwn: ReadonlySet<string> = new Set([
  'id',
  'parent',
  'container',
  'container_config',
  'docker_version',
  'moby.buildkit.buildinfo.v1',
  'moby.buildkit.cache.v0',
]);

/** Where programs are looked for when nobody says so (as Docker has it for Linux). */
const usualPath = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * The config of an image on its base (OCI image-spec, config.md). It inherits as a Dockerfile does: variables, labels, ports and volumes
 * are added to, everything else stays until it is told otherwise; a new entrypoint takes the base's command away, and steps that wait
 * for a next build are gone.
 *
 * @param created RFC 3339
 */
export function makeConfig(
  base: BaseImage,
  layers: readonly Pick<BuiltLayer, 'diffId' | 'createdBy'>[],
  changes: ConfigChanges,
  created: string,
): JsonObject {
  const { platform } = base;
  const { author, history, config: _, rootfs: __, ...rest } = base.config;
  const kept = Object.entries(rest).filter(([key]) => !enginesOwn.has(key) && !platformKeys.has(key));
  const features = base.config['os.features'];
  return {
    created,
    ...(author === undefined ? {} : { author }),
    architecture: platform.architecture,
    os: platform.os,
    ...(platform.variant === undefined ? {} : { variant: platform.variant }),
    ...(platform.osVersion === undefined ? {} : { 'os.version': platform.osVersion }),
    ...(features === undefined ? {} : { 'os.features': features }),
    ...Object.fromEntries(kept),
    config: changedSettings(base, changes),
    rootfs: { type: 'layers', diff_ids: [...base.layers, ...layers].map(({ diffId }) => diffId) },
    history: [
      ...(Array.isArray(history) ? (history as readonly unknown[]) : []),
      ...layers.map(({ createdBy }) => ({ created, created_by: createdBy, comment: 'seaworthy' })),
    ],
  };
}

const platformKeys: ReadonlySet<string> = new Set([
  'created',
  'architecture',
  'os',
  'variant',
  'os.version',
  'os.features',
]);

/** True for a base whose author wanted something done when it is built on, which only a builder of Dockerfiles can do. */
export function hasTriggers(base: BaseImage): boolean {
  const { OnBuild: triggers } = asObject(base.config.config);
  return Array.isArray(triggers) && triggers.length > 0;
}

function changedSettings(base: BaseImage, changes: ConfigChanges): JsonObject {
  const { OnBuild: _, ...before } = asObject(base.config.config);
  const { entrypoint, cmd, user, workingDir, stopSignal } = changes;
  const isNew = Object.keys(base.config).length === 0;
  const inherited = Array.isArray(before.Env) ? before.Env.filter((entry) => typeof entry === 'string') : [];
  const env = mergeEnv(isNew && base.platform.os === 'linux' ? [usualPath] : inherited, changes.env);
  const labels = { ...textEntries(before.Labels), ...changes.labels };
  const ports = new Set([...Object.keys(asObject(before.ExposedPorts)), ...changes.exposedPorts]);
  const volumes = new Set([...Object.keys(asObject(before.Volumes)), ...changes.volumes]);
  return {
    ...before,
    ...(user === undefined ? {} : { User: user }),
    ...(ports.size === 0 ? {} : { ExposedPorts: asSet(ports) }),
    ...(env.length === 0 ? {} : { Env: env }),
    ...(entrypoint === undefined ? {} : { Entrypoint: entrypoint, Cmd: null }),
    ...(cmd === undefined ? {} : { Cmd: cmd }),
    ...(volumes.size === 0 ? {} : { Volumes: asSet(volumes) }),
    ...(workingDir === undefined ? {} : { WorkingDir: workingDir }),
    ...(Object.keys(labels).length === 0 ? {} : { Labels: sorted(labels) }),
    ...(stopSignal === undefined ? {} : { StopSignal: stopSignal }),
  };
}

/** A variable stays at its place when it gets another value, as others may be told by it. */
function mergeEnv(before: readonly string[], added: readonly string[]): readonly string[] {
  const env = [...before];
  for (const entry of added) {
    const at = env.findIndex((other) => nameOf(other) === nameOf(entry));
    if (at < 0) env.push(entry);
    else env[at] = entry;
  }
  return env;
}

function nameOf(entry: string): string {
  const equals = entry.indexOf('=');
  return equals < 0 ? entry : entry.slice(0, equals);
}

/** The order in which a user writes them is not to matter. */
export function sorted(map: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function asSet(names: ReadonlySet<string>): JsonObject {
  return Object.fromEntries([...names].sort().map((name) => [name, {}]));
}

function asObject(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

function textEntries(value: unknown): Readonly<Record<string, string>> {
  const entries = Object.entries(asObject(value)).filter(([, text]) => typeof text === 'string');
  return Object.fromEntries(entries) as Readonly<Record<string, string>>;
}
