import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { silentProgress } from '../base/progress.ts';
import { temporaryDirectory } from '../../testing/TEMP';
import { readSourceInventory, type SourceInventory } from './source-inventory.ts';
