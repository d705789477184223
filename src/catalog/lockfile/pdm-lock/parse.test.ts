import assert from 'node:assert/strict';
import test from 'node:test';
import { assertSurvives } from '../../../../testing/hostile-bytes.ts';
import { linesOfReading } from '../../../../testing/lockfile.ts';
import { parsePdmLock } from './parse.ts';

const text = `[metadata]
groups = ["default", "test"]

[[package]]
name = "flask"
version = "2.0.0"
groups = ["default"]
dependencies = ["Jinja2>=3.0", "absent; os_name == 'nt'"]

[[package]]
name = "flask"
version = "2.0.0"
extras = ["async"]
dependencies = ["asgiref>=3", "flask==2.0.0"]

[[package]]
name = "asgiref"
version = "3.7.0"

[[package]]
name = "jinja2"
version = "3.0.0"

[[package]]
name = "pytest"
version = "7.0.0"
groups = ["test"]
`;
const project = '[project]\ndependencies = ["flask"]\n[tool.pdm.dev-dependencies]\ntest = ["pytest>=7"]\n';

test('parsePdmLock() joins extras, and asks the project what is for development', () => {
  assert.deepEqual(linesOfReading(parsePdmLock(Buffer.from(text), Buffer.from(project))), [
    'asgiref@3.7.0 indirect 16-18',
    'flask@2.0.0 direct 4-8 > asgiref@3.7.0 jinja2@3.0.0',
    'jinja2@3.0.0 indirect 20-22',
    'pytest@7.0.0 direct dev 24-27',
  ]);
  assert.ok(parsePdmLock(Buffer.from(text)).packages.every(({ relationship }) => relationship === undefined));
});

test('parsePdmLock() survives hostile bytes', () => {
  assertSurvives([text, project], (bytes) => parsePdmLock(bytes, bytes));
});
