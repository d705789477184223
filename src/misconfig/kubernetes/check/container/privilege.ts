import type { Check } from '../../../check.ts';
import { describe, ofContainers } from '../../define.ts';
import type { Manifest } from '../../manifest.ts';
import { contextEntry } from '../../security-context.ts';
import { scalarAt } from '../../yaml/node.ts';

/** KSV-0001: processes may get more rights than their parent has. */
export const privilegeEscalation: Check<Manifest> = ofContainers(
  describe('KSV-0001', 'MEDIUM', {
    name: 'no-self-privesc',
    title: 'Processes may gain privileges',
    description:
      'A program with the set-user-ID bit or with file capabilities can give a process of the container more rights than it was started with.',
    resolution: 'Set securityContext.allowPrivilegeEscalation of the container to false.',
  }),
  (container) => {
    const entry = contextEntry(container, 'allowPrivilegeEscalation');
    if (scalarAt(entry?.value) === false) return undefined;
    const how = entry === undefined ? 'does not say' : 'does not say plainly';
    return {
      message: `Container ${container.name} ${how} that its processes may not gain privileges: set allowPrivilegeEscalation to false`,
      lines: entry?.lines,
    };
  },
);

/** KSV-0014: what runs may write to the image's files. */
export const writableRoot: Check<Manifest> = ofContainers(
  describe('KSV-0014', 'HIGH', {
    name: 'use-readonly-filesystem',
    title: 'Root file system can be written to',
    description: 'Whoever gets into the container can replace its programs and leave files behind.',
    resolution:
      'Set securityContext.readOnlyRootFilesystem to true, and mount emptyDir volumes where the program must write.',
  }),
  (container) => {
    const entry = contextEntry(container, 'readOnlyRootFilesystem');
    if (scalarAt(entry?.value) === true) return undefined;
    return {
      message: `Container ${container.name} can write to its root file system: set readOnlyRootFilesystem to true`,
      lines: entry?.lines,
    };
  },
);

/** KSV-0017: the container is not kept from the node. */
export const privileged: Check<Manifest> = ofContainers(
  describe('KSV-0017', 'HIGH', {
    name: 'no-privileged-containers',
    title: 'Privileged container',
    description:
      'A privileged container has all capabilities and devices of its node; who gets into it has the node and all that runs there.',
    resolution: 'Remove securityContext.privileged, and add the few capabilities that are needed.',
  }),
  (container) => {
    const entry = contextEntry(container, 'privileged');
    if (scalarAt(entry?.value) !== true) return undefined;
    return { message: `Container ${container.name} is privileged: set privileged to false`, lines: entry?.lines };
  },
);

/** KSV-0027: parts of /proc that are hidden elsewhere are there. */
export const procMount: Check<Manifest> = ofContainers(
  describe('KSV-0027', 'MEDIUM', {
    name: 'no-custom-proc-mask',
    title: '/proc is not masked as by default',
    description: 'Without the default masks, files below /proc show and change what belongs to the node.',
    resolution: 'Remove securityContext.procMount.',
  }),
  (container) => {
    const entry = contextEntry(container, 'procMount');
    if (entry === undefined || scalarAt(entry.value) === 'Default') return undefined;
    return { message: `Container ${container.name} sets procMount: remove it`, lines: entry.lines };
  },
);

/** KSV-0103: a container of Windows that is a process of its node. */
export const hostProcess: Check<Manifest> = ofContainers(
  describe('KSV-0103', 'MEDIUM', {
    name: 'no-hostprocess-containers',
    title: 'Container is a process of its Windows node',
    description: 'A HostProcess container runs outside of any isolation, with the rights of an account of the node.',
    resolution: 'Remove securityContext.windowsOptions.hostProcess of the Pod and its containers.',
  }),
  (container) => {
    const entry = contextEntry(container, 'windowsOptions');
    if (scalarAt(entry?.value, 'hostProcess') !== true) return undefined;
    return {
      message: `Container ${container.name} runs as a process of its node: set windowsOptions.hostProcess to false`,
      lines: entry?.lines,
    };
  },
);
