import { testDockerfileCheck } from '../../../../testing/misconfig/dockerfile-cases.ts';
import { maintainer } from './maintainer.ts';
import { noHealthcheck } from './no-healthcheck.ts';
import { portOutOfRange } from './port-out-of-range.ts';
import { relativeWorkdir } from './relative-workdir.ts';
import { rootUser } from './root-user.ts';
import { severalCmds } from './several-cmds.ts';
import { severalEntrypoints } from './several-entrypoints.ts';
import { severalHealthchecks } from './several-healthchecks.ts';
import { sshPortExposed } from './ssh-port.ts';
import { systemWorkdir } from './system-workdir.ts';

testDockerfileCheck(rootUser, [
  ['a user', 'FROM a:1\nUSER app'],
  ['no user', 'FROM scratch\nCMD ["/x"]', '-'],
  ['root', 'FROM a:1\nUSER root', '2'],
  ['root by number, with a group', 'FROM a:1\nUSER 0:0', '2'],
  ['another user with the group root', 'FROM a:1\nUSER 1000:0'],
  ['root that another follows', 'FROM a:1\nUSER root\nRUN x\nUSER app'],
  ['another that root follows', 'FROM a:1\nUSER app\nUSER root:root', '3'],
  ['a user of a stage that is not in the image', 'FROM a:1 AS b\nUSER app\nFROM c:1', '-'],
  ['a user of the stage below', 'FROM a:1 AS b\nUSER app\nFROM b'],
  ['a user that only the build knows', 'FROM a:1\nARG WHO\nUSER $WHO'],
  ['root as a default', 'ARG WHO=root\nFROM a:1\nARG WHO\nUSER ${WHO}', '4'],
  ['a user that is put off', 'FROM a:1\nONBUILD USER app', '-'],
]);

testDockerfileCheck(sshPortExposed, [
  ['other ports', 'FROM a:1\nEXPOSE 80 2222/tcp 220-225'],
  ['port 22', 'FROM a:1\nEXPOSE 80 22', '2'],
  ['port 22 of a protocol', 'FROM a:1\nEXPOSE 22/tcp\nEXPOSE 22/UDP', '2', '3'],
  ['a range', 'FROM a:1\nEXPOSE 20-30', '2'],
  ['a default', 'FROM a:1\nARG PORT=22\nEXPOSE $PORT', '3'],
  ['a port that only the build knows', 'FROM a:1\nARG PORT\nEXPOSE $PORT'],
  ['what is put off', 'FROM a:1\nonbuild expose 22', '2'],
]);

testDockerfileCheck(portOutOfRange, [
  ['the last port', 'FROM a:1\nEXPOSE 0 65535/udp'],
  ['one more', 'FROM a:1\nEXPOSE 80 65536/tcp', '2'],
  ['a range', 'FROM a:1\nEXPOSE 65000-70000', '2'],
  ['a default', 'FROM a:1\nENV P=99999\nEXPOSE ${P}', '3'],
]);

testDockerfileCheck(relativeWorkdir, [
  ['an absolute folder', 'FROM a:1\nWORKDIR /app\nWORKDIR "/a b"'],
  ['a relative folder', 'FROM a:1\nWORKDIR app', '2'],
  ['a folder of Windows', '# escape=`\nFROM a:1\nWORKDIR C:\\app\nWORKDIR c:/app\nWORKDIR \\app'],
  ['a variable', 'FROM a:1\nWORKDIR $HOME/app\nWORKDIR ${DIR}'],
  ['a default that is relative', 'FROM a:1\nARG DIR=app\nWORKDIR $DIR', '3'],
  ['a folder that begins with a dot', 'FROM a:1\nWORKDIR ./app', '2'],
]);

testDockerfileCheck(systemWorkdir, [
  ['another folder', 'FROM a:1\nWORKDIR /app\nWORKDIR /device\nWORKDIR /procs/x'],
  ['folders of the system', 'FROM a:1\nWORKDIR /proc\nWORKDIR /dev/shm/x\nWORKDIR /lost+found/', '2', '3', '4'],
  ['a way round', 'FROM a:1\nWORKDIR /app/../boot', '2'],
]);

testDockerfileCheck(maintainer, [
  ['a label', 'FROM a:1\nLABEL maintainer=x'],
  ['the instruction', 'FROM a:1\nmaintainer x <x@example.org>', '2'],
]);

testDockerfileCheck(severalEntrypoints, [
  ['one in each stage', 'FROM a:1\nENTRYPOINT ["a"]\nFROM a:1\nENTRYPOINT ["b"]'],
  ['those that have no effect', 'FROM a:1\nENTRYPOINT a\nENTRYPOINT b\nENTRYPOINT c', '2', '3'],
  ['one that is put off', 'FROM a:1\nENTRYPOINT a\nONBUILD ENTRYPOINT b'],
]);

testDockerfileCheck(severalCmds, [
  ['one in each stage', 'FROM a:1\nCMD a\nFROM a:1\nCMD b'],
  ['those that have no effect', 'FROM a:1\nCMD a\nRUN x\nCMD ["b"]', '2'],
]);

testDockerfileCheck(severalHealthchecks, [
  ['one', 'FROM a:1\nHEALTHCHECK CMD a'],
  ['those that have no effect', 'FROM a:1\nHEALTHCHECK CMD a\nHEALTHCHECK NONE', '2'],
]);

testDockerfileCheck(noHealthcheck, [
  ['one', 'FROM a:1\nHEALTHCHECK CMD a'],
  ['one that is none', 'FROM a:1\nHEALTHCHECK NONE'],
  ['no one', 'FROM a:1', '-'],
  ['one of a stage that is not in the image', 'FROM a:1\nHEALTHCHECK CMD a\nFROM b:1', '-'],
  ['one of the stage below', 'FROM a:1 AS b\nHEALTHCHECK CMD a\nFROM b'],
]);
