import { dump } from 'js-yaml';
import { cleanupRules } from '../../src/admission/cleanup/cleanup-rules.ts';
import { clientCaPart, listenerPart } from '../../src/admission/manifests/gatekeeper-part.ts';
import type { Manifest } from '../../src/kubernetes/manifest.ts';
import type { ChartPart } from './parts.ts';
import type { ServeSetting } from './serve-settings.ts';
import { gatekeeperStandIns, templateOf } from './stand-ins.ts';

interface PodSpec {
  readonly terminationGracePeriodSeconds: number;
  readonly securityContext: object;
  readonly topologySpreadConstraints?: readonly object[];
  readonly volumes: readonly object[];
  readonly containers: readonly [Container];
}

interface Container {
  readonly args: readonly string[];
  readonly ports: readonly object[];
  readonly startupProbe: object;
  readonly livenessProbe: object;
  readonly readinessProbe: object;
  readonly securityContext: object;
  readonly volumeMounts: readonly object[];
}

/** Named templates for what the plain manifests have too, from these. */
export function generatedTemplate({ name: part, manifests }: ChartPart, settings: readonly ServeSetting[]): string {
  const objects = manifests({});
  const of = (kind: string): Manifest => objects.find((each) => each.kind === kind) as Manifest;
  const deployment = of('Deployment')['spec'] as {
    readonly strategy: object;
    readonly selector: { readonly matchLabels: object };
    readonly template: { readonly spec: PodSpec };
  };
  const { spec } = deployment.template;
  const [container] = spec.containers;
  const { startupProbe, livenessProbe, readinessProbe } = container;
  const parts: Readonly<Record<string, object | string | number>> = {
    name: of('Deployment').metadata.name,
    selector: deployment.selector.matchLabels,
    strategy: deployment.strategy,
    terminationGracePeriodSeconds: spec.terminationGracePeriodSeconds,
    podSecurityContext: spec.securityContext,
    ...(spec.topologySpreadConstraints === undefined
      ? {}
      : { topologySpreadConstraints: spec.topologySpreadConstraints }),
    volumes: spec.volumes,
    args: container.args,
    containerPorts: container.ports,
    probes: { startupProbe, livenessProbe, readinessProbe },
    securityContext: container.securityContext,
    volumeMounts: container.volumeMounts,
    servicePorts: (of('Service')['spec'] as { readonly ports: object }).ports,
    ingressPorts: (of('NetworkPolicy')['spec'] as { readonly ingress: readonly [{ readonly ports: object }] })
      .ingress[0].ports,
    ...(part === 'admission' ? { ...gatekeeperParts(), ...cleanupParts() } : {}),
  };
  return [
    `{{- /* Written by tools/chart.ts, from what \`seaworthy ${part} manifests\` writes. */ -}}\n`,
    ...Object.entries(parts).map(([name, value]) => define(`${part}.${name}`, textOf(value))),
    define(`${part}.flags`, settings.map((setting) => flagTemplate(part, setting)).join('')),
  ].join('\n');
}

function gatekeeperParts(): Readonly<Record<string, object>> {
  const listener = listenerPart(gatekeeperStandIns);
  const clientCa = clientCaPart(gatekeeperStandIns.clientCa);
  return {
    'gatekeeper.args': listener.args,
    'gatekeeper.containerPorts': listener.containerPorts,
    'gatekeeper.servicePorts': listener.servicePorts,
    'gatekeeper.ingress': listener.ingress,
    'gatekeeper.clientCa.args': clientCa.args,
    'gatekeeper.clientCa.volumeMounts': clientCa.volumeMounts,
    'gatekeeper.clientCa.volumes': clientCa.volumes,
  };
}

function cleanupParts(): Readonly<Record<string, object>> {
  const { cluster, own } = cleanupRules();
  return { cleanupClusterRules: cluster, cleanupOwnRules: own };
}

function textOf(value: object | string | number): string {
  const text = typeof value === 'object' ? dump(value, { lineWidth: -1, noRefs: true }) : `${value}\n`;
  return templateOf(text);
}

function define(name: string, text: string): string {
  return `{{- define "seaworthy.${name}" -}}\n${text}{{- end }}\n`;
}

function flagTemplate(part: string, { flag, name, kind }: ServeSetting): string {
  const value = `.Values.${part}.settings.${name}`;
  if (kind === 'switch') return `{{- if ${value} }}\n- ${flag}\n{{- end }}\n`;
  return `{{- ${kind === 'text' ? 'with' : 'range'} ${value} }}\n- {{ printf "${flag}=%s" . | quote }}\n{{- end }}\n`;
}
