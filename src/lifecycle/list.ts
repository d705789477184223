import type { DistributionSupport } from './model.ts';
import { alpine } from './table/alpine.ts';
import { amazon, azure, photon, wolfi } from './table/cloud.ts';
import { debian } from './table/debian.ts';
import { almalinux, centos, oracle, rhel, rocky } from './table/enterprise.ts';
import { fedora } from './table/fedora.ts';
import { leap, sles, tumbleweed } from './table/suse.ts';
import { ubuntu } from './table/ubuntu.ts';

/** All distributions of which it is known when their releases end. */
export const distributions: readonly DistributionSupport[] = [
  almalinux,
  alpine,
  amazon,
  azure,
  centos,
  debian,
  fedora,
  leap,
  oracle,
  photon,
  rhel,
  rocky,
  sles,
  tumbleweed,
  ubuntu,
  wolfi,
];

/** When the table was last compared with what the distributions announce; `docs/end-of-life.md` says how. */
export const factsAsOf = '2026-08-31';
