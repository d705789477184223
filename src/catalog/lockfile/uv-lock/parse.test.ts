import assert from 'node:assert/strict';
import test from 'node:test';
import { assertSurvives } from '../../../../testing/hostile-bytes.ts';
import { linesOfReading } from '../../../../testing/lockfile.ts';
import { parseUvLock } from './parse.ts';

const text = `version = 1

[[package]]
name = "app"
version = "0.1.0"
source = { editable = "." }
dependencies = [
    { name = "flask" },
    { name = "numpy", version = "1.26.0", source = { registry = "https://pypi.org/simple" }, marker = "python_version < '3.10'" },
]

[package.optional-dependencies]
extra = [{ name = "six" }]

[package.dev-dependencies]
dev = [{ name = "pytest" }]

[[package]]
name = "flask"
version = "2.0.0"
source = { registry = "https://pypi.org/simple" }
dependencies = [{ name = "jinja2" }]

[[package]]
name = "jinja2"
version = "3.0.0"

[[package]]
name = "numpy"
version = "1.26.0"

[[package]]
name = "numpy"
version = "2.0.0"

[[package]]
name = "pytest"
version = "7.0.0"
dependencies = [{ name = "pluggy" }]

[[package]]
name = "pluggy"
version = "1.0.0"

[[package]]
name = "six"
version = "1.16.0"

[[package]]
name = "plugin"
source = { directory = "plugin" }
`;

test('parseUvLock() follows the project, its extras and its groups', () => {
  assert.deepEqual(linesOfReading(parseUvLock(Buffer.from(text))), [
    'flask@2.0.0 direct 18-22 > jinja2@3.0.0',
    'jinja2@3.0.0 indirect 24-26',
    'numpy@1.26.0 direct 28-30',
    'numpy@2.0.0 indirect 32-34',
    'pluggy@1.0.0 indirect dev 41-43',
    'pytest@7.0.0 direct dev 36-39 > pluggy@1.0.0',
    'six@1.16.0 direct 45-47',
  ]);
});

test('parseUvLock() refuses what is no TOML, and survives hostile bytes', () => {
  assert.throws(() => parseUvLock(Buffer.from('{}')), { code: 'MALFORMED' });
  assertSurvives([text], parseUvLock);
});
