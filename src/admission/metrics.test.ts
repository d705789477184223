import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Registry } from 'prom-client';
import { AdmissionMetrics, admissionMetricTable } from './metrics.ts';
import { upkeepMetricTable } from './upkeep/metrics.ts';

test('AdmissionMetrics counts from zero, by operation and decision', async () => {
  const metrics = new AdmissionMetrics(new Registry());
  const before = (await metrics.render()).body;
  assert.match(before, /^seaworthy_admission_reviews_total\{operation="CONNECT",decision="error-deny"\} 0$/m);
  assert.match(before, /^seaworthy_admission_refused_total\{reason="too-slow"\} 0$/m);
  assert.doesNotMatch(before, /^seaworthy_admission_certificate_expires_timestamp_seconds \d/m);
  metrics.began();
  metrics.reviewed('CREATE', 'deny', 0.0007);
  metrics.late();
  metrics.refused('malformed');
  metrics.connected(3);
  metrics.certificate('served');
  metrics.serving(1_772_000_000_999);
  const { body } = await metrics.render();
  for (const line of [
    'reviews_total{operation="CREATE",decision="deny"} 1',
    'review_duration_seconds_bucket{le="0.0005"} 0',
    'review_duration_seconds_bucket{le="0.001"} 1',
    'reviews_open 1',
    'deadline_total 1',
    'refused_total{reason="malformed"} 1',
    'connections_open 3',
    'certificate_changes_total{outcome="served"} 1',
    'certificate_expires_timestamp_seconds 1772000000',
  ]) {
    assert.ok(body.includes(`\nseaworthy_admission_${line}\n`), line);
  }
  // Series do not grow by use.
  assert.equal(body.split('\n').length, before.split('\n').length + 1);
});

test('docs/admission.md lists every metric', () => {
  const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'admission.md'), 'utf8');
  const row = /^\| `(seaworthy_admission_[a-z_]+)` *\| (counter|gauge|histogram) *\| (.*?) *\| (.+?) *\|$/gm;
  assert.deepEqual(
    [...page.matchAll(row)].map(([, ...cells]) => cells),
    [...Object.values(admissionMetricTable), ...Object.values(upkeepMetricTable)].map(
      ({ name, kind, labels, help }) => [name, kind, labels.map((label) => `\`${label}\``).join(', '), help],
    ),
  );
});
