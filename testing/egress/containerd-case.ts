import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { filesInMemory } from '../../src/egress/node/node-files.ts';
import { containerd } from '../../src/egress/runtime/containerd/model.ts';

/** A configuration of version 2, whose hosts are below `/c`. */
export const v2: string = 'version = 2\n[plugins."io.containerd.grpc.v1.cri".registry]\nconfig_path = "/c"\n';

/** The same in version 3. */
export const v3: string = "version = 3\n[plugins.'io.containerd.cri.v1.images'.registry]\nconfig_path = '/c'\n";

/** Files of a node, and what containerd does with them. */
export interface ContainerdCase {
  /** The main file; {@link v2} where it is left out. */
  readonly config?: string;
  /** Below `/c`, or absolute. */
  readonly files: Readonly<Record<string, string>>;
  readonly image?: string;
  /** URLs with the first letter of their role, in order. */
  readonly endpoints: readonly string[];
  /** Codes of findings, with a `!` behind those that are a way out, and `?` behind those that leave it open. */
  readonly findings?: readonly string[];
}

/** Docker Hub, which nobody named. */
export const hub = 'u https://registry-1.docker.io/v2';

/** The private registry as the server of {@link good}. */
export const reg = 's https://reg.corp/v2';

/** A `hosts.toml` that leads to the private registry alone. */
export const good = 'server = "https://reg.corp"\n[host]\n';

/** One that leads elsewhere. */
export const other = 'server = "https://other"\n[host]\n';

/** Tests each case. */
export function describeContainerd(what: string, cases: Readonly<Record<string, ContainerdCase>>): void {
  describe(what, () => {
    for (const [name, each] of Object.entries(cases)) {
      test(name, async () => {
        assert.deepEqual(await tell(each), { endpoints: each.endpoints, findings: each.findings ?? [] });
      });
    }
  });
}

async function tell({
  config = v2,
  files,
  image = 'docker.io',
}: ContainerdCase): Promise<{ endpoints: string[]; findings: string[] }> {
  const all = new Map([['/etc/containerd/config.toml', config]]);
  for (const [path, text] of Object.entries(files)) all.set(path.startsWith('/') ? path : `/c/${path}`, text);
  const reading = await containerd.read(filesInMemory(all));
  assert.ok(reading !== undefined);
  const route = await reading.resolve(image);
  const findings = [...reading.findings, ...route.findings];
  return {
    endpoints: route.endpoints.map(
      ({ url, role, unverified, proxy }) =>
        `${role[0]} ${url}${unverified ? ' loose' : ''}${proxy ? ` by ${proxy}` : ''}`,
    ),
    findings: findings.map(({ code, level }) => `${code}${level === 'way-out' ? '!' : level === 'unknown' ? '?' : ''}`),
  };
}
