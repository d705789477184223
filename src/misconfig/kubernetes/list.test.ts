import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { kubernetesChecks } from './list.ts';

const table = '/work/shared/data/misconfig-checks.tsv';
