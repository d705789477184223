import { isAbsolute, join } from 'node:path';
import { printable } from '../../base/printable.ts';
import { asText, isObject, type JsonObject } from '../json.ts';
import { flagField, invalidEntry, type KubeEntry, listField, objectField, textField } from './entry.ts';
import { configLimits as limits } from './limits.ts';

/** A program that gives credentials, as a kubeconfig names it (Kubernetes documentation, "client-go credential plugins"). */
export interface ExecSettings {
  /** `user "me"`, for messages. */
  readonly title: string;
  readonly apiVersion: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** What the user is to do where there is no such program. */
  readonly installHint: string | undefined;
  /** What the plugin is told of the cluster, where it wants that. */
  readonly cluster: JsonObject | undefined;
}

const apiVersions: ReadonlySet<string> = new Set([
  'client.authentication.k8s.io/v1',
  'client.authentication.k8s.io/v1beta1',
]);

/** The extension of a cluster's entry that is for its plugin alone (client.authentication.k8s.io, "Cluster.config"). */
const configExtension = 'client.authentication.k8s.io/exec';

/** Reads a user's `exec`; undefined where there is none. @throws KubernetesError CONFIG_INVALID */
export function readExec(user: KubeEntry, cluster: KubeEntry): ExecSettings | undefined {
  const fields = objectField(user, 'exec');
  if (fields === undefined) return undefined;
  const entry: KubeEntry = { ...user, title: `the exec of ${user.title}`, fields };
  const command = textField(entry, 'command');
  if (command === undefined) throw invalidEntry(entry, 'names no command; name the program');
  const apiVersion = textField(entry, 'apiVersion') ?? '';
  if (!apiVersions.has(apiVersion)) {
    throw invalidEntry(
      entry,
      `has the apiVersion "${printable(apiVersion)}"; use a plugin that speaks client.authentication.k8s.io/v1`,
    );
  }
  checkMode(entry, apiVersion);
  return {
    title: user.title,
    apiVersion,
    // A name is looked for in PATH, whatever lies in the folder.
    command: /[\\/]/.test(command) && !isAbsolute(command) ? join(user.folder, command) : command,
    args: listField(entry, 'args', limits.pluginWords).map((arg) => {
      if (typeof arg === 'string') return arg;
      throw invalidEntry(entry, 'has an argument that is no text; put it in quotes');
    }),
    env: readEnv(entry),
    installHint: textField(entry, 'installHint'),
    cluster: flagField(entry, 'provideClusterInfo') ? describe(cluster) : undefined,
  };
}

function checkMode(entry: KubeEntry, apiVersion: string): void {
  const mode = textField(entry, 'interactiveMode') ?? (apiVersion.endsWith('/v1') ? undefined : 'IfAvailable');
  if (mode === 'Never' || mode === 'IfAvailable') return;
  throw invalidEntry(
    entry,
    mode === 'Always'
      ? 'wants to ask somebody at a terminal, and here is none; log in by hand, or set its interactiveMode to IfAvailable'
      : 'has no interactiveMode; set it to Never, IfAvailable or Always',
  );
}

function readEnv(entry: KubeEntry): Readonly<Record<string, string>> {
  const env: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const item of listField(entry, 'env', limits.pluginWords)) {
    const name = isObject(item) ? asText(item['name']) : undefined;
    const value = isObject(item) ? (item['value'] ?? '') : undefined;
    if (name === undefined || typeof value !== 'string')
      throw invalidEntry(entry, 'has an env without name or text; correct it');
    env[name] = value;
  }
  return env;
}

/** The cluster's own fields under the names that plugins know (client.authentication.k8s.io, "Cluster"), which are the same. */
function describe(cluster: KubeEntry): JsonObject {
  const extensions = listField(cluster, 'extensions', limits.entries);
  const extension = extensions.find((item) => isObject(item) && item['name'] === configExtension);
  const config = isObject(extension) ? extension['extension'] : undefined;
  const told: Record<string, unknown> = {};
  for (const name of [
    'server',
    'tls-server-name',
    'insecure-skip-tls-verify',
    'certificate-authority-data',
    'proxy-url',
    'disable-compression',
  ]) {
    if (cluster.fields[name] !== undefined) told[name] = cluster.fields[name];
  }
  return { ...told, ...(config === undefined ? {} : { config }) };
}
