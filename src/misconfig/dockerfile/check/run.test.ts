import { testDockerfileCheck } from '../../../../testing/misconfig/dockerfile-cases.ts';
import { runCd } from './run-cd.ts';
import { sudoInRun } from './sudo.ts';
import { wgetAndCurl } from './wget-and-curl.ts';

testDockerfileCheck(sudoInRun, [
  ['a command', 'FROM a:1\nRUN apt-get update'],
  ['sudo', 'FROM a:1\nRUN sudo apt-get update', '2'],
  ['sudo later in a line', 'FROM a:1\nRUN a && \\\n  sudo -E b; \\\n  c', '3'],
  ['sudo in a list of texts', 'FROM a:1\nRUN ["/usr/bin/sudo", "x"]', '2'],
  ['sudo that is installed or spoken of', 'FROM a:1\nRUN apt-get install sudo && echo sudo x > /etc/sudoers'],
  ['sudo in a shell', "FROM a:1\nRUN sh -c 'a && sudo b'", '2'],
  ['what is put off', 'FROM a:1\nONBUILD RUN sudo a', '2'],
]);

testDockerfileCheck(runCd, [
  ['WORKDIR', 'FROM a:1\nWORKDIR /x\nRUN make'],
  ['cd', 'FROM a:1\nRUN cd /x && make', '2'],
  ['cd later in a line', 'FROM a:1\nRUN a && \\\n cd x && b', '3'],
  ['cd in parentheses', 'FROM a:1\nRUN (cd /x && make) && y=$(cd z; pwd)'],
  ['another shell', "FROM a:1\nRUN sh -c 'cd x && make'"],
  ['a program with that beginning', 'FROM a:1\nRUN cdrecord x && echo cd y'],
]);

testDockerfileCheck(wgetAndCurl, [
  ['one of them', 'FROM a:1\nRUN curl x\nRUN curl y'],
  ['both', 'FROM a:1\nRUN curl x\nRUN a && wget y', '3'],
  ['both in one line', 'FROM a:1\nRUN wget x && curl y', '2'],
  ['both in different stages', 'FROM a:1\nRUN curl x\nFROM a:1\nRUN wget y'],
  ['what is merely installed', 'FROM a:1\nRUN apk add curl wget && curl x'],
  ['a command within another', 'FROM a:1\nRUN x=$(curl y) && wget "$x"', '2'],
]);
