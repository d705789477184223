import assert from 'node:assert/strict';
import test from 'node:test';
import { npmPackage } from '../../testing/package-files.ts';
import { writeTar } from '../../testing/image/tar-writer.ts';
import { LayerReader } from '../rootfs/layer-reader.ts';
import { Dispatch } from './dispatch.ts';
import { FactBudget } from './fact-budget.ts';
import { LayerCataloger } from './layer-cataloger.ts';
import { catalogers } from './list.ts';

test('LayerCataloger stops reading when a layer states too many facts, and says so for the layer as a whole', () => {
  const packages = Array.from({ length: 20 }, (_, at) => npmPackage(`p${at}`, '1.0.0'));
  const cataloger = new LayerCataloger(new Dispatch(catalogers), undefined, new FactBudget({ facts: 5, bytes: 1e6 }));
  const reader = new LayerReader((file) => cataloger.visit(file));
  reader.write(writeTar(packages));
  reader.end();
  assert.equal(cataloger.finish().length, 6);
  assert.deepEqual(
    cataloger.problems('layer').map(({ code, subject, incomplete }) => [code, subject, incomplete]),
    [['LIMIT_EXCEEDED', 'layer', true]],
  );
});

test('LayerCataloger keeps nothing of the file with which the facts of a layer grow absurdly long', () => {
  const packages = ['a', 'b'.repeat(200), 'c'].map((name) => npmPackage(name, '1.0.0'));
  const cataloger = new LayerCataloger(new Dispatch(catalogers), undefined, new FactBudget({ facts: 5, bytes: 600 }));
  const reader = new LayerReader((file) => cataloger.visit(file));
  reader.write(writeTar(packages));
  reader.end();
  assert.deepEqual(
    cataloger.finish().map(({ path }) => path.at(path.indexOf('node_modules/') + 'node_modules/'.length)),
    ['a'],
  );
  assert.deepEqual(
    cataloger.problems('layer').map(({ code, incomplete }) => [code, incomplete]),
    [['LIMIT_EXCEEDED', true]],
  );
});

test('FactBudget counts what facts hold, since one may name a million files', () => {
  const paths = Array.from({ length: 100 }, (_, at) => `usr/share/doc/package/${at}`);
  const reading = { facts: [{ kind: 'ownership', type: 'deb', name: 'a', paths }], problems: [] } as const;
  const budget = new FactBudget({ facts: 1000, bytes: 8000 });
  budget.take(reading);
  assert.equal(budget.isSpent, false);
  budget.take(reading);
  assert.equal(budget.isSpent, true);
  assert.match(budget.problem('layer').message, /more than 8000 bytes about packages/);
});
