import { testDockerfileCheck } from '../../../../testing/misconfig/dockerfile-cases.ts';
import { apkNoCache } from './apk-no-cache.ts';
import { aptGetRecommends } from './apt-get-recommends.ts';
import { aptGetYes } from './apt-get-yes.ts';
import { dnfClean } from './dnf-clean.ts';
import { microdnfClean } from './microdnf-clean.ts';
import { updateAlone } from './update-alone.ts';
import { yumClean } from './yum-clean.ts';
import { zypperClean } from './zypper-clean.ts';

testDockerfileCheck(yumClean, [
  ['a clean cache', 'FROM a:1\nRUN yum install -y x && yum clean all'],
  ['a cache that stays', 'FROM a:1\nRUN yum -y install x', '2'],
  ['a cache that the next layer cleans', 'FROM a:1\nRUN yum install -y x\nRUN yum clean all', '2'],
  ['a cache that is filled after it was cleaned', 'FROM a:1\nRUN yum clean all && \\\n  yum install -y x', '3'],
  ['a clean of something else', 'FROM a:1\nRUN yum install -y x && yum clean metadata', '2'],
  ['a cache cleaned by dnf', 'FROM a:1\nRUN yum install -y x; dnf -y clean all'],
  ['a cache that is removed', 'FROM a:1\nRUN yum install -y x && rm -rf /var/cache/yum/*'],
  ['a cache that is a mount', 'FROM a:1\nRUN --mount=type=cache,target=/var/cache/yum yum install -y x'],
  ['a mount of something else', 'FROM a:1\nRUN --mount=type=cache,target=/root/.cache yum install -y x', '2'],
  ['words of an echo', 'FROM a:1\nRUN echo "yum install x"'],
  ['a document', 'FROM a:1\nRUN <<EOF\nset -e\nyum install -y x\nEOF', '4'],
  ['a document with a clean', 'FROM a:1\nRUN <<EOF\nyum install -y x\nyum clean all\nEOF'],
  ['a list of texts', 'FROM a:1\nRUN ["yum", "install", "-y", "x"]', '2'],
  ['a shell', 'FROM a:1\nRUN bash -c "yum install -y x && yum clean all"'],
]);

testDockerfileCheck(dnfClean, [
  ['a clean cache', 'FROM a:1\nRUN dnf install -y x && dnf clean all'],
  ['a cache that stays', 'FROM a:1\nRUN dnf install -y x\nRUN dnf -y reinstall x', '2', '3'],
  ['another manager', 'FROM a:1\nRUN microdnf install -y x'],
  ['the value of an option', 'FROM a:1\nRUN dnf --setopt install=1 list'],
]);

testDockerfileCheck(microdnfClean, [
  ['a clean cache', 'FROM a:1\nRUN microdnf install -y x && microdnf clean all'],
  ['a cache that stays', 'FROM a:1\nRUN set -e; microdnf install -y x', '2'],
]);

testDockerfileCheck(zypperClean, [
  ['a clean cache', 'FROM a:1\nRUN zypper -n install x && zypper clean\nRUN zypper in x && zypper cc -a'],
  [
    'a cache that stays',
    'FROM a:1\nRUN zypper --non-interactive install x\nRUN zypper rm x\nRUN zypper patch',
    '2',
    '3',
    '4',
  ],
  ['a list', 'FROM a:1\nRUN zypper search install'],
]);

testDockerfileCheck(updateAlone, [
  ['an install after it', 'FROM a:1\nRUN apt-get update && apt-get install -y x'],
  ['an update alone', 'FROM a:1\nRUN apt-get update', '2'],
  ['an update that a later layer uses', 'FROM a:1\nRUN apt-get -qq update\nRUN apt-get install -y x', '2'],
  ['an update after the install', 'FROM a:1\nRUN apt-get install -y x && apt-get update', '2'],
  [
    'all managers',
    'FROM a:1\nRUN apk update\nRUN yum update -y\nRUN dnf update\nRUN apt update\nRUN zypper update',
    '2',
    '3',
    '4',
    '5',
    '6',
  ],
  ['an add or an upgrade after it', 'FROM a:1\nRUN apk update && apk add x\nRUN apt-get update && apt-get -y upgrade'],
  ['an install by a list', 'FROM a:1\nRUN apt-get update && cat x | xargs apt-get install -y'],
  ['an install in a loop', 'FROM a:1\nRUN apt-get update; for p in a b; do apt-get install -y $p; done'],
  ['an update of something else', 'FROM a:1\nRUN npm update && git submodule update'],
  ['an update with sudo', 'FROM a:1\nRUN sudo apt-get update', '2'],
]);

testDockerfileCheck(aptGetYes, [
  ['a yes', 'FROM a:1\nRUN apt-get install -y x\nRUN apt-get -y install x\nRUN apt-get install x --yes'],
  ['no yes', 'FROM a:1\nRUN apt-get install x', '2'],
  ['a yes among letters', 'FROM a:1\nRUN apt-get install -qqy x\nRUN apt-get -yq install x'],
  ['what is so quiet that it does not ask', 'FROM a:1\nRUN apt-get install -qq x\nRUN apt-get -q=2 install x'],
  ['what is merely quiet', 'FROM a:1\nRUN apt-get install -q x', '2'],
  ['a setting', 'FROM a:1\nRUN apt-get -o APT::Get::Assume-Yes=true install x'],
  ['the value of an option', 'FROM a:1\nRUN apt-get -t install update'],
  ['a second install', 'FROM a:1\nRUN apt-get install -y x && \\\n    apt-get install \\\n      z', '3-4'],
  ['another manager', 'FROM a:1\nRUN apt install x'],
  ['a variable set before', 'FROM a:1\nRUN DEBIAN_FRONTEND=noninteractive apt-get install x', '2'],
]);

testDockerfileCheck(apkNoCache, [
  ['no cache', 'FROM a:1\nRUN apk add --no-cache x\nRUN apk --no-cache add x'],
  ['a cache', 'FROM a:1\nRUN apk add x\nRUN apk add --update x', '2', '3'],
  ['a cache of one of two', 'FROM a:1\nRUN apk add --no-cache x && apk add -t y z', '2'],
  ['a mount', 'FROM a:1\nRUN --mount=type=cache,dst=/var/cache/apk apk add x'],
  ['no add', 'FROM a:1\nRUN apk del x && echo apk add'],
]);

testDockerfileCheck(aptGetRecommends, [
  [
    'no recommends',
    'FROM a:1\nRUN apt-get install -y --no-install-recommends x\nRUN apt-get install x --no-install-recommends',
  ],
  ['recommends', 'FROM a:1\nRUN apt-get install -y x', '2'],
  ['a setting', 'FROM a:1\nRUN apt-get -o APT::Install-Recommends=false install x'],
  ['a setting of another kind', 'FROM a:1\nRUN apt-get -o APT::Install-Suggests=false install x', '2'],
]);
