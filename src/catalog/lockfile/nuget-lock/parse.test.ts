import assert from 'node:assert/strict';
import test from 'node:test';
import { assertSurvives } from '../../../../testing/hostile-bytes.ts';
import { linesOfReading } from '../../../../testing/lockfile.ts';
import { parseNugetLock } from './parse.ts';

const text = `{
  "version": 1,
  "dependencies": {
    "net8.0": {
      "Newtonsoft.Json": { "type": "Transitive", "resolved": "13.0.1" },
      "Serilog": {
        "type": "Direct", "requested": "[2.0.0, )", "resolved": "2.0.0",
        "dependencies": { "newtonsoft.json": "13.0.1" }
      },
      "own": { "type": "Project" }
    },
    "net6.0": {
      "Newtonsoft.Json": { "type": "Direct", "resolved": "12.0.1" },
      "Serilog": { "type": "CentralTransitive", "resolved": "2.0.0" }
    }
  }
}`;

test('parseNugetLock() reads each framework', () => {
  assert.deepEqual(linesOfReading(parseNugetLock(Buffer.from(text))), [
    'Newtonsoft.Json@12.0.1 direct 13-13',
    'Newtonsoft.Json@13.0.1 indirect 5-5',
    'Serilog@2.0.0 direct 6-9 > Newtonsoft.Json@13.0.1',
  ]);
});

test('parseNugetLock() refuses other JSON, and survives hostile bytes', () => {
  assert.throws(() => parseNugetLock(Buffer.from('{}')), { code: 'MALFORMED' });
  assertSurvives([text], parseNugetLock);
});
