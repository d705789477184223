import type { Check } from '../check.ts';
import type { DockerfileDocument } from './document.ts';
import { addInsteadOfCopy } from './check/add-instead-of-copy.ts';
import { apkNoCache } from './check/apk-no-cache.ts';
import { aptGetRecommends } from './check/apt-get-recommends.ts';
import { aptGetYes } from './check/apt-get-yes.ts';
import { copyFromItself } from './check/copy-from-itself.ts';
import { copyToFile } from './check/copy-to-file.ts';
import { dnfClean } from './check/dnf-clean.ts';
import { duplicateAlias } from './check/duplicate-alias.ts';
import { latestTag } from './check/latest-tag.ts';
import { leakedSecrets } from './check/leaked-secrets.ts';
import { maintainer } from './check/maintainer.ts';
import { microdnfClean } from './check/microdnf-clean.ts';
import { noHealthcheck } from './check/no-healthcheck.ts';
import { portOutOfRange } from './check/port-out-of-range.ts';
import { relativeWorkdir } from './check/relative-workdir.ts';
import { rootUser } from './check/root-user.ts';
import { runCd } from './check/run-cd.ts';
import { severalCmds } from './check/several-cmds.ts';
import { severalEntrypoints } from './check/several-entrypoints.ts';
import { severalHealthchecks } from './check/several-healthchecks.ts';
import { sshPortExposed } from './check/ssh-port.ts';
import { sudoInRun } from './check/sudo.ts';
import { systemWorkdir } from './check/system-workdir.ts';
import { updateAlone } from './check/update-alone.ts';
import { wgetAndCurl } from './check/wget-and-curl.ts';
import { yumClean } from './check/yum-clean.ts';
import { zypperClean } from './check/zypper-clean.ts';

/** Every check of Dockerfiles, by its number. */
export const dockerfileChecks: readonly Check<DockerfileDocument>[] = [
  latestTag,
  rootUser,
  sshPortExposed,
  addInsteadOfCopy,
  copyFromItself,
  severalEntrypoints,
  portOutOfRange,
  relativeWorkdir,
  sudoInRun,
  copyToFile,
  duplicateAlias,
  runCd,
  wgetAndCurl,
  yumClean,
  severalCmds,
  updateAlone,
  dnfClean,
  zypperClean,
  aptGetYes,
  maintainer,
  severalHealthchecks,
  apkNoCache,
  noHealthcheck,
  microdnfClean,
  aptGetRecommends,
  systemWorkdir,
  leakedSecrets,
];
