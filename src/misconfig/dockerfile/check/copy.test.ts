import { testDockerfileCheck } from '../../../../testing/misconfig/dockerfile-cases.ts';
import { addInsteadOfCopy } from './add-instead-of-copy.ts';
import { copyToFile } from './copy-to-file.ts';

testDockerfileCheck(addInsteadOfCopy, [
  ['COPY', 'FROM a:1\nCOPY x /y'],
  ['files and folders', 'FROM a:1\nADD x /y\nADD ["a b", "/y/"]', '2', '3'],
  ['archives', 'FROM a:1\nADD x.tar /y\nADD x.tar.gz /y\nADD x.tgz /y\nADD *.tar.* /y\nADD X.TAR.XZ /y'],
  ['addresses', 'FROM a:1\nADD --checksum=sha256:1 https://example.org/x /y\nADD HTTP://example.org/x /y'],
  ['repositories', 'FROM a:1\nADD git@example.org:a/b.git#v1 /y\nADD https://example.org/a.git /y'],
  ['an archive by a version', 'FROM a:1\nADD x-${V}.tar.gz /y'],
  ['what only the build knows', 'FROM a:1\nARG X\nADD $X /y'],
  ['a default that is a file', 'FROM a:1\nARG X=app.jar\nADD --chown=1:1 $X /y', '3'],
  ['a folder that sounds like an archive', 'FROM a:1\nADD x.tarball/y /y', '2'],
  ['a document', 'FROM a:1\nADD <<EOF /y\nx\nEOF', '2-4'],
  ['what is put off', 'FROM a:1\nONBUILD ADD . /y', '2'],
]);

testDockerfileCheck(copyToFile, [
  ['one file', 'FROM a:1\nCOPY a /b'],
  ['several files to a folder', 'FROM a:1\nCOPY a b /c/\nCOPY ["a", "b", "/c/"]\nCOPY a b ./'],
  ['several files to what is no folder', 'FROM a:1\nCOPY a b /c\nCOPY ["a", "b", "/c"]\nCOPY a b .', '2', '3', '4'],
  ['one file with a flag', 'FROM a:1\nCOPY --from=x --chown=a:b a /b'],
  ['several lines', 'FROM a:1\nCOPY a \\\n  b \\\n  /c', '2-4'],
  ['a place that only the build knows', 'FROM a:1\nCOPY a b $DIR'],
  ['a default', 'FROM a:1\nENV DIR=/c\nCOPY a b $DIR\nCOPY a b $DIR/', '3'],
  ['names with spaces', 'FROM a:1\nCOPY "a b" /c'],
]);
