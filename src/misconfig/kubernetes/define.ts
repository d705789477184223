import type { CheckInfo, LineRange } from '../../finding/misconfiguration.ts';
import type { Severity } from '../../finding/severity.ts';
import type { Breach, Check } from '../check.ts';
import type { Container, Manifest, PodTemplate } from './manifest.ts';

/** What is wrong with a part of an object. */
export interface Flaw {
  readonly message: string;
  /** The lines of what is wrong; those of the part where they are left out. */
  readonly lines?: LineRange | undefined;
}

/** What one look finds; nothing where all is well. */
export type Flaws = Flaw | Iterable<Flaw> | undefined;

/** What is told of a check, beside what follows from its id. */
export interface CheckWords {
  /** The short name of the rule: `no-self-privesc`. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly resolution: string;
  /** Names that do not follow from the id and the short name. */
  readonly aliases?: readonly string[];
}

/** Describes a check under the names that Trivy has for it: `AVD-KSV-0001`, `KSV001`, `no-self-privesc`, `kubernetes-no-self-privesc`. */
export function describe(id: string, severity: Severity, words: CheckWords): CheckInfo {
  const { name, title, description, resolution, aliases = [] } = words;
  const number = id.slice('KSV-'.length);
  const short = /^0\d{3}$/.test(number) ? number.slice(1) : number;
  const names = [`AVD-${id}`, `KSV${short}`, name, `kubernetes-${name.replaceAll('_', '-')}`, ...aliases];
  return { id, aliases: [...new Set(names)], severity, title, description, resolution };
}

/** A check of each container. */
export function ofContainers(
  info: CheckInfo,
  judge: (container: Container, manifest: Manifest) => Flaws,
): Check<Manifest> {
  return {
    info,
    *find(manifest) {
      for (const container of manifest.pod?.containers ?? []) {
        yield* breaches(judge(container, manifest), container.node.lines, container.resource);
      }
    },
  };
}

/** A check of what Pods are made of, beside their containers. */
export function ofPods(info: CheckInfo, judge: (pod: PodTemplate, manifest: Manifest) => Flaws): Check<Manifest> {
  return {
    info,
    *find(manifest) {
      const { pod, resource } = manifest;
      if (pod !== undefined) yield* breaches(judge(pod, manifest), pod.spec.lines, resource);
    },
  };
}

/** A check of whole objects. */
export function ofManifests(info: CheckInfo, judge: (manifest: Manifest) => Flaws): Check<Manifest> {
  return {
    info,
    *find(manifest) {
      yield* breaches(judge(manifest), manifest.lines, manifest.resource);
    },
  };
}

function* breaches(flaws: Flaws, lines: LineRange, resource: string): Generator<Breach> {
  if (flaws === undefined) return;
  for (const flaw of 'message' in flaws ? [flaws] : flaws) {
    yield { message: flaw.message, lines: flaw.lines ?? lines, resource };
  }
}
