import { testDockerfileCheck } from '../../../../testing/misconfig/dockerfile-cases.ts';
import { copyFromItself } from './copy-from-itself.ts';
import { duplicateAlias } from './duplicate-alias.ts';
import { latestTag } from './latest-tag.ts';

testDockerfileCheck(latestTag, [
  ['a tag of a version', 'FROM debian:12'],
  ['the tag latest', 'FROM debian:latest', '1'],
  ['no tag', '# x\nFROM debian', '2'],
  ['no tag after a port', 'FROM registry:5000/debian', '1'],
  ['a digest without a tag', `FROM debian@sha256:${'a'.repeat(64)}`],
  ['a digest beside latest', `FROM debian:latest@sha256:${'a'.repeat(64)}`],
  ['nothing to pull', 'FROM scratch'],
  ['the name of a stage', 'FROM debian:12 AS Base\nFROM base\nFROM BASE'],
  ['a name that only a later stage has', 'FROM base\nFROM debian:12 AS base', '1'],
  ['a default that is latest', 'ARG TAG=latest\nFROM debian:${TAG}', '2'],
  ['a default that is a version', 'ARG TAG=12\nFROM debian:$TAG'],
  ['a default in the place', 'FROM debian:${TAG:-latest}', '1'],
  ['a tag that only the build knows', 'ARG TAG\nFROM debian:$TAG\nFROM $IMAGE'],
  ['a registry that only the build knows, and no tag', 'ARG HOST\nFROM $HOST/debian', '2'],
  ['a stage by a variable', 'ARG B=base\nFROM debian:12 AS base\nFROM $B'],
  ['each platform alike', 'FROM --platform=$BUILDPLATFORM debian', '1'],
  ['a tag that only begins so', 'FROM debian:latest-slim'],
]);

testDockerfileCheck(copyFromItself, [
  ['another stage', 'FROM a:1 AS one\nFROM a:1 AS two\nCOPY --from=one /x /y\nCOPY --from=0 /x /y'],
  ['its own name in other letters', 'FROM a:1 AS one\nRUN x\nCOPY --from=ONE /x /y', '3'],
  ['its own number', 'FROM a:1\nFROM a:1\nCOPY --from=1 /x /y', '3'],
  ['what is put off', 'FROM a:1 AS one\nONBUILD COPY --from=one /x /y'],
]);

testDockerfileCheck(duplicateAlias, [
  ['two names', 'FROM a:1 AS one\nFROM a:1 AS two\nFROM a:1\nFROM a:1'],
  ['one name twice, in other letters', 'FROM a:1 AS one\nFROM b:1 as One', '2'],
]);
